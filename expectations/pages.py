"""Templates rendered as a mail's two parts. Text from forms is escaped in HTML and can't add a line or a control character."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_TEMPLATES = Path(__file__).resolve().parent / "templates"


def render(stem: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """``<stem>.html.jinja`` and ``<stem>.txt.jinja`` with these values, in NFC."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=_without_controls,
    )
    html, text = (environment.get_template(f"{stem}.{part}.jinja").render(values) for part in ("html", "txt"))
    return unicodedata.normalize("NFC", html), unicodedata.normalize("NFC", text)


def _without_controls(value: Any) -> Any:
    """Text from forms without control characters, which no mail part may hold; line breaks become blanks."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(
        " " if character in "\r\n\t" else character
        for character in value
        if character in "\r\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )
