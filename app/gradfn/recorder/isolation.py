"""A process left as it was: what a program changes of Python and of torch is put back."""

import builtins
import gc
import linecache
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from gradfn.recorder import torch_internals
from gradfn.recorder.instrument.compile import FILENAME

Restore = Callable[[], object]
# Classes of torch whose methods programs replace most often.
PATCHED_CLASSES = (
    torch.Tensor,
    torch.nn.Parameter,
    torch.nn.Module,
    torch.optim.Optimizer,
    torch.autograd.Function,
)


@contextmanager
def process_restored() -> Iterator[None]:
    """Whatever happens meanwhile, afterwards these are as they were before.

    `sys.modules["__main__"]`, `argv`, `path`, hooks and limits of `sys`; `builtins`; the working
    folder and the environment; signal handlers and the alarm (from the main thread, for nobody
    else may set them); the garbage collector's settings; warning filters; random states of
    `random`, numpy and torch; functions and methods of torch, its defaults, modes and global
    module hooks. Modules that were imported stay imported.
    """
    with ExitStack() as stack:
        for restore in (
            _sys(),
            _namespace(vars(builtins)),
            _folder_and_environment(),
            _signals(),
            _collector(),
            _random_states(),
            _torch_names(),
            _torch_settings(),
        ):
            stack.callback(restore)
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(_lines_of_program())
        yield


def _sys() -> Restore:
    main, path, argv = sys.modules.get("__main__"), list(sys.path), sys.argv
    kept = {
        name: getattr(sys, name)
        for name in ("stdin", "stdout", "stderr", "displayhook", "excepthook", "unraisablehook")
    }
    limit, trace, profile = sys.getrecursionlimit(), sys.gettrace(), sys.getprofile()
    thread_hook = threading.excepthook

    def restore() -> None:
        if main is not None:
            sys.modules["__main__"] = main
        sys.path[:], sys.argv = path, argv
        for name, value in kept.items():
            setattr(sys, name, value)
        threading.excepthook = thread_hook
        sys.setrecursionlimit(limit)
        if sys.gettrace() is not trace:
            sys.settrace(trace)
        if sys.getprofile() is not profile:
            sys.setprofile(profile)

    return restore


def _namespace(names: dict[str, Any], *, keep_modules: bool = False) -> Restore:
    """The names of a module; with `keep_modules`, what was imported into it stays."""
    before = dict(names)

    def restore() -> None:
        for name, value in list(names.items()):
            if name not in before and not (keep_modules and isinstance(value, ModuleType)):
                del names[name]
        for name, value in before.items():
            if names.get(name) is not value:
                names[name] = value

    return restore


def _folder_and_environment() -> Restore:
    environment = dict(os.environ)
    folder: Path | None = None
    with suppress(OSError):  # it was removed
        folder = Path.cwd()

    def restore() -> None:
        if folder is not None:
            with suppress(OSError):
                os.chdir(folder)
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        for name, value in environment.items():
            if os.environ.get(name) != value:
                os.environ[name] = value

    return restore


def _signals() -> Restore:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    alarm = signal.getitimer(signal.ITIMER_REAL)

    def restore() -> None:
        if signal.getitimer(signal.ITIMER_REAL)[0] != 0 or alarm[0] != 0:
            signal.setitimer(signal.ITIMER_REAL, *alarm)
        for number, handler in handlers.items():
            # None is a handler of C, which Python cannot put back, but the program cannot see.
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return restore


def _collector() -> Restore:
    enabled, threshold, debug = gc.isenabled(), gc.get_threshold(), gc.get_debug()
    callbacks = list(gc.callbacks)

    def restore() -> None:
        (gc.enable if enabled else gc.disable)()
        gc.set_threshold(*threshold)
        gc.set_debug(debug)
        gc.callbacks[:] = callbacks

    return restore


def _random_states() -> Restore:
    own, of_torch = random.getstate(), torch.get_rng_state()
    numpy = sys.modules.get("numpy")
    of_numpy = numpy.random.get_state() if numpy is not None else None
    cuda_used = torch.cuda.is_initialized()
    cuda = torch.cuda.get_rng_state_all() if cuda_used else None

    def restore() -> None:
        random.setstate(own)
        torch.set_rng_state(of_torch)
        if numpy is not None:
            numpy.random.set_state(of_numpy)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)

    return restore


def _torch_names() -> Restore:
    """The functions of torch's modules, and the methods of the classes that are patched most."""
    modules = [
        module
        for name, module in list(sys.modules.items())
        if (name == "torch" or name.startswith("torch.")) and isinstance(module, ModuleType)
    ]
    restores = [_namespace(vars(module), keep_modules=True) for module in modules]
    classes = [(each, dict(vars(each))) for each in PATCHED_CLASSES]

    def restore() -> None:
        for one in restores:
            one()
        for owner, before in classes:
            for name in set(vars(owner)) - set(before):
                delattr(owner, name)
            for name, value in before.items():
                if vars(owner).get(name) is not value:
                    setattr(owner, name, value)

    return restore


def _torch_settings() -> Restore:
    grad, dtype = torch.is_grad_enabled(), torch.get_default_dtype()
    anomaly, checks_nan = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
    threads, modes = torch.get_num_threads(), torch_internals.function_modes()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    options = torch_internals.PRINT_OPTIONS
    printing = dict(vars(options)) if options is not None else {}
    hooks = [
        (found, dict(found))
        for name, found in vars(torch_internals.MODULE_HOOKS_OF).items()
        if name.startswith(torch_internals.MODULE_HOOKS) and isinstance(found, dict)
    ]

    def restore() -> None:
        while torch_internals.function_modes() > modes:  # as torch.set_default_device leaves one
            torch_internals.pop_function_mode()
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        torch.autograd.set_detect_anomaly(anomaly, checks_nan)
        torch.use_deterministic_algorithms(deterministic, warn_only=warns)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if options is not None:
            vars(options).update(printing)
        for found, before in hooks:
            found.clear()
            found.update(before)

    return restore


@contextmanager
def _lines_of_program() -> Iterator[None]:
    """The lines that tracebacks show of a program of this name: those of an outer recording."""
    before: Any = linecache.cache.get(FILENAME)
    try:
        yield
    finally:
        if before is None:
            linecache.cache.pop(FILENAME, None)
        else:
            linecache.cache[FILENAME] = before
