"""A matplotlib backend that tells of a figure where others would open a window.

`show()` tells of every open figure and closes them, as closing the windows would;
`pause()` tells of those that changed. A small figure travels as SVG, a large one as PNG.
"""

import io
from collections.abc import Callable

import matplotlib
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from app.child.record import line_of_program
from app.events.kinds import FigureDrawn, Told, Warned

BACKEND = f"module://{__name__}"
SVG_BYTES = 200_000  # beyond, a PNG is smaller and quicker to show


class Gallery:
    """Tells of figures, `most` of them at the most."""

    def __init__(self, tell: Callable[[Told], None], most: int) -> None:
        self._tell, self._left, self._shown = tell, most, set[Figure]()
        FigureManager.gallery = self

    def show(self, figure: Figure) -> None:
        """Tell of the figure, if it changed since."""
        if figure in self._shown and not figure.stale:
            return
        self._shown.add(figure)
        self._left -= 1
        if self._left >= 0:
            self._tell(_drawn(figure))
        elif self._left == -1:
            limit = "The limit on the number of figures is reached; later ones are not shown."
            self._tell(Warned("FigureLimit", limit, line_of_program()))

    def show_rest(self) -> None:
        """Tell of the figures that were left open, as a notebook would at its end."""
        for manager in Gcf.get_all_fig_managers():
            self.show(manager.canvas.figure)


class FigureManager(FigureManagerBase):
    """A window that is only told of."""

    gallery: Gallery

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """What `plt.show()` calls."""
        cls.gallery.show_rest()
        if block is not False:
            Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """An Agg canvas whose window is told of."""

    manager_class = FigureManager

    def start_event_loop(self, timeout: float = 0) -> None:
        """Return at once: there is no window whose events `plt.pause` could wait for."""


def _drawn(figure: Figure) -> FigureDrawn:
    line = line_of_program()
    svg = _saved(figure, "svg")
    if len(svg) <= SVG_BYTES:
        return FigureDrawn("svg", svg, line)
    return FigureDrawn("png", _saved(figure, "png"), line)


def _saved(figure: Figure, format: str) -> bytes:
    target = io.BytesIO()
    # Without salt and date the same figure is the same bytes.
    with matplotlib.rc_context({"svg.hashsalt": "gradfn"}):
        metadata = {"Date": None} if format == "svg" else {}
        figure.savefig(target, format=format, metadata=metadata)
    figure.stale = False
    return target.getvalue()
