"""What a tensor's value was when an operation met it; training may have changed it since."""

from collections import defaultdict

from gradfn.model.document import RunDocument, Tensor, TensorValue


class ValueHistory:
    """The values of a run's tensors at each step, as far as the run document tells."""

    def __init__(self, document: RunDocument) -> None:
        self._changes: dict[str, list[tuple[int, TensorValue | None]]] = defaultdict(list)
        for event in document.training:
            # The other kinds change `.grad`. In-place operations that autograd knows of make a
            # tensor of their own in the document.
            if event.kind in ("optimizer_step", "assign_data") and event.step is not None:
                # A closure that the step evaluated met the tensor as it is now, or as a tensor of
                # its own in the document.
                until = event.step if event.began is None else event.began
                for changed in event.changed:
                    if changed.tensor is not None:
                        self._changes[changed.tensor].append((until, changed.before))

    def value(self, tensor: Tensor, step: int | None) -> TensorValue | None:
        """The value at a step; None where it is not known."""
        if step is not None:
            for at, before in self._changes.get(tensor.id, ()):
                if at >= step:
                    return before
        return tensor.value
