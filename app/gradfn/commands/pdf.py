"""The picture as PDF, which `graphviz-pure` does not write."""

import io

from gradfn.commands.script import BadInput


def pdf_of(svg: bytes) -> bytes:
    """A page as large as the picture, with its text as text; BadInput without `gradfn[pdf]`."""
    try:
        from reportlab.graphics.renderPDF import drawToFile
        from svglib.svglib import svg2rlg
    except ImportError:
        raise BadInput("PDF needs svglib: pip install 'gradfn[pdf]'") from None
    drawing = svg2rlg(io.BytesIO(svg))
    assert drawing is not None, "Graphviz's SVG is one that svglib reads"
    pdf = io.BytesIO()
    drawToFile(drawing, pdf)
    return pdf.getvalue()
