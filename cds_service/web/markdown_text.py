"""Markdown of plans and cards as HTML; whatever HTML stands in the text is shown as text."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def markdown(text: str) -> Markup:
    """Markdown as HTML. HTML inside the text is shown as text: the renderer's `html` is off."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704
