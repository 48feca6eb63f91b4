"""A matplotlib backend that emits a figure where others would open a window.

`show()` emits every open figure and closes them, as closing the windows would; `pause()`
and `flush_events()` emit what changed. A small figure travels as SVG, a large one as PNG.
"""

import contextlib
import functools
import io
import math
import os
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib
import matplotlib.pyplot as plt
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gradfn.events.kinds import ChildEvent, FigureDrawn, Warned
from gradfn.recorder.read.text import safe_str, type_name
from gradfn.recorder.recorder import line_of_program

BACKEND = f"module://{__name__}"
SVG_BYTES = 200_000  # beyond, a PNG is smaller and quicker to show
SVG_SQUARE_INCHES = 1_000  # beyond, the images in it alone would fill the memory
MOST_SQUARE_INCHES = 20_000  # beyond, no font is large enough in PNG_PIXELS
PNG_BYTES = 4_000_000  # the most that FigureDrawn takes
PNG_PIXELS = 4_000_000
FRAME_SECONDS = 1 / 15  # of an animation that somebody looks at; the frames between are skipped


def use_backend() -> None:
    """Draw with this backend, whatever other the program asks for: there are no windows."""
    matplotlib.use(BACKEND)
    plt.switch_backend = lambda newbackend: None
    save = Figure.savefig

    @functools.wraps(save)
    def save_and_show(figure: Figure, fname: Any, *args: Any, **options: Any) -> None:
        save(figure, fname, *args, **options)
        gallery = getattr(FigureManager, "gallery", None)
        if gallery is not None and isinstance(fname, str | os.PathLike):
            gallery.show(figure)

    Figure.savefig = save_and_show  # type: ignore[assignment, method-assign]


class Gallery:
    """Emits figures, `most` of them at the most."""

    def __init__(
        self,
        emit: Callable[[ChildEvent], None],
        most: int,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        self.wait = wait
        self._emit, self._most, self._emitted = emit, most, 0
        self._lines: WeakKeyDictionary[Figure, int | None] = WeakKeyDictionary()
        self._next_frame: WeakKeyDictionary[Figure, float] = WeakKeyDictionary()
        self._looks: WeakKeyDictionary[Figure, int] = WeakKeyDictionary()
        FigureManager.gallery = self

    def show(self, figure: Figure) -> None:
        """Emit the figure, if it looks different than when it was last emitted."""
        if self._emitted > self._most:
            return
        format, data = _draw(figure)
        if self._looks.get(figure) == hash(data):
            return
        self._looks[figure] = hash(data)
        self._emitted += 1
        # One that is left open at the end is the last frame of what a line has shown.
        line = self._lines[figure] = line_of_program() or self._lines.get(figure)
        if self._emitted <= self._most:
            self._emit(FigureDrawn(format, data, line))
        else:
            limit = f"More than {self._most:,} figures were shown; the rest is left out."
            self._emit(Warned("FigureLimit", limit, line_of_program()))

    def show_frame(self, figure: Figure) -> None:
        """Emit a figure that is not finished, unless the next one is sooner there.

        The last one of an animation is left open, and emitted at the end.
        """
        if self.wait is not None and time.monotonic() < self._next_frame.get(figure, 0.0):
            return
        self.show(figure)
        self._next_frame[figure] = time.monotonic() + FRAME_SECONDS

    def show_open(self) -> None:
        """Emit the figures that are open now."""
        for manager in Gcf.get_all_fig_managers():
            self.show(manager.canvas.figure)

    def show_left_open(self) -> None:
        """Emit the figures left open at the end, as a notebook would."""
        for manager in Gcf.get_all_fig_managers():
            try:
                self.show(manager.canvas.figure)
            except Exception as error:  # the program is over: nobody is there to catch it
                why = f"A figure cannot be drawn: {type_name(error)}: {safe_str(error, 1_000)}"
                self._emit(Warned("FigureError", why, None))


class FigureManager(FigureManagerBase):
    """In place of a window."""

    gallery: Gallery

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """What `plt.show()` calls."""
        if block is False:
            for manager in Gcf.get_all_fig_managers():
                cls.gallery.show_frame(manager.canvas.figure)
            return
        cls.gallery.show_open()
        if block or (block is None and not matplotlib.is_interactive()):
            Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """An Agg canvas, for a figure that is emitted."""

    manager_class = FigureManager

    def draw_idle(self, *_: Any, **__: Any) -> None:
        """Nothing: it is drawn when it is emitted."""

    def start_event_loop(self, timeout: float = 0) -> None:
        """What `plt.pause` waits, where somebody looks on; else nothing."""
        gallery = FigureManager.gallery
        if gallery.wait is not None and timeout > 0:
            gallery.wait(timeout)

    def flush_events(self) -> None:
        """What a program calls in a loop to see how far it is."""
        if self.manager is not None:
            FigureManager.gallery.show_frame(self.figure)


class _Full(Exception):
    """More was written than there is room for."""


class _Room(io.BytesIO):
    """Room for `most` bytes: a million points are given up early, not after they are drawn."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def write(self, written: Any, /) -> int:
        count = super().write(written)
        self._left -= count
        if self._left < 0:
            raise _Full
        return count


def _draw(figure: Figure) -> tuple[Any, bytes]:
    # Without salt and date the same figure is the same bytes.
    with matplotlib.rc_context({"svg.hashsalt": "gradfn"}):
        width, height = figure.get_size_inches()
        if width * height > MOST_SQUARE_INCHES:
            size = f"{width:g} x {height:g} inches"
            raise ValueError(f"a figure of {size} is too large to show; `figsize` is in inches")
        if width * height <= SVG_SQUARE_INCHES:
            with contextlib.suppress(_Full):
                return "svg", _save(figure, SVG_BYTES, format="svg", metadata={"Date": None})
        return "png", _png(figure, width * height)


def _png(figure: Figure, square_inches: float) -> bytes:
    dpi = min(figure.dpi, math.sqrt(PNG_PIXELS / square_inches))
    while True:
        try:
            return _save(figure, PNG_BYTES, format="png", dpi=dpi)
        except _Full:
            dpi /= 2


def _save(figure: Figure, most: int, **options: Any) -> bytes:
    room = _Room(most)
    figure.savefig(room, **options)
    return room.getvalue()
