"""The page as one file: facts as JSON, the libraries as their wheels ship them, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from functools import cache
from importlib import metadata, resources
from pathlib import Path

import duckdb
import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from publishing.page.facts import Facts, facts_of

SCRIPTS = ("words.js", "charts.js", "tables.js", "page.js")


def write_page(published: Path, period_code: str, out: Path, *, language: str = "vi") -> int:
    """Write the page about a period to ``out``, replaced in one step; its size in bytes.

    ``language`` (``vi`` or ``en``) is the one it opens in. Raises ``UnknownPeriodError``, ``OSError`` and ``duckdb.Error``.
    """
    with duckdb.connect(str(published), read_only=True) as connection:
        facts = facts_of(connection, period_code)
    content = _page(facts, language).encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.new")
    fresh.write_bytes(content)
    fresh.replace(out)
    return len(content)


def _page(facts: Facts, language: str) -> str:
    here = resources.files("publishing.page")
    scripts = [_vega(), _data_tables(), "\n".join((here / name).read_text(encoding="utf-8") for name in SCRIPTS)]
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(_allowed(script) for script in scripts),
            "style-src 'unsafe-inline'",  # Vega's tooltip and DataTables write styles of their own
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    templates = Environment(loader=PackageLoader("publishing", "page"), autoescape=True, undefined=StrictUndefined)
    return templates.get_template("page.html.j2").render(
        language=language,
        title="Thống kê cải cách hành chính",  # in the reader's language, with the period, once the page has opened
        policy=Markup(policy),  # noqa: S704 - made of constants and hashes
        styles=Markup(_data_tables_style() + (here / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
        facts=Markup(embedded_json(facts)),  # noqa: S704 - escaped by embedded_json
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - ours and the libraries', checked by _inlined
        libraries={name: metadata.version(name) for name in ("vl-convert-python", "itables")},
    )


def embedded_json(facts: Facts) -> str:
    """JSON that can stand inside a script element whatever people typed: nothing in it opens or closes a tag."""
    text = unicodedata.normalize("NFC", json.dumps(facts, ensure_ascii=False, separators=(",", ":")))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed (BSD-3-Clause), bundled by vl-convert without a request."""
    return _inlined("vl-convert-python", vl_convert.javascript_bundle("globalThis.vegaEmbed = vegaEmbed;"))


@cache
def _data_tables() -> str:
    """DataTables and its jQuery (MIT) from the itables wheel, whose module exports them: put where our script finds them."""
    bundle = _resource("dt_bundle.js")
    made, count = re.subn(
        r"export\s*\{[^}]*?([\w$]+) as default[^}]*\}", lambda found: "globalThis.DataTable=" + str(found[1]), bundle
    )
    if count != 1:
        raise RuntimeError(f"itables {metadata.version('itables')} ships its bundle in another form: {count} exports")
    return _inlined("itables", made)


@cache
def _data_tables_style() -> str:
    return _resource("dt_bundle.css")


def _resource(name: str) -> str:
    return (resources.files("itables") / "html" / name).read_text(encoding="utf-8")


def _inlined(library: str, script: str) -> str:
    """A script that may stand in a page: nothing in it reads as the end of its element, or as a comment that would hide it."""
    if "</script" in script.lower():
        raise RuntimeError(f"{library}'s script ends the script element and can't stand inside a page")
    return script.replace("<!--", "<\\!--")


def _allowed(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
