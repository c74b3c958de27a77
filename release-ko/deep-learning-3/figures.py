"""Show a figure together with a text that says what it shows, for those who cannot see it."""

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.display import display


def show(figure, alt):
    """Display a matplotlib figure with `alt` as its alternative text, and close it."""
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=100, bbox_inches="tight")
    plt.close(figure)
    data = base64.b64encode(image.getvalue()).decode("ascii")
    style = "max-width: 100%; background: white"
    tag = f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" style="{style}">'
    # A text for programs that show no HTML.
    display({"text/html": tag, "text/plain": f"[그림] {alt}"}, raw=True)
