"""The mailbox's page: what was mailed, the latest first, each mail as its reader sees it."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from stand_ins.mailbox import Mailbox

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc }
iframe { width: 100%; height: 70vh; border: 1px solid #ccc } pre { white-space: pre-wrap }
"""
#: What a mail brings is shown and never run; pictures come with the mail or not at all.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-same-origin",
    "X-Content-Type-Options": "nosniff",
}


def inbox_app(mailbox: Mailbox) -> Starlette:
    """``/`` lists the mails, ``/mails/<number>`` shows one, ``/mails/<number>/<part>`` gives a file that it brings."""

    def listed(_: Request) -> Response:
        rows = [_row(path) for path in reversed(mailbox.mails)]
        table = (
            f"<table><tr><th><th>To<th>Subject<th>Date</tr>{''.join(rows)}</table>" if rows else "<p>No mail yet.</p>"
        )
        return _page(f"{len(rows)} mails", table)

    def shown(request: Request) -> Response:
        number = int(request.path_params["number"])
        mail = _read(mailbox.folder / f"{number:04d}.eml")
        heads = "".join(
            f"<tr><th>{name}<td>{escape(str(mail[name]))}</tr>" for name in ("From", "To", "Subject", "Date")
        )
        files = "".join(
            f'<li><a href="/mails/{number}/{at}">{escape(part.get_filename() or part.get_content_type())}</a></li>'
            for at, part in enumerate(mail.iter_attachments())
        )
        return _page(str(mail["Subject"]), f"<table>{heads}</table><ul>{files}</ul>{_body(mail)}")

    def brought(request: Request) -> Response:
        mail = _read(mailbox.folder / f"{int(request.path_params['number']):04d}.eml")
        parts = list(mail.iter_attachments())
        at = int(request.path_params["part"])
        if at >= len(parts):
            raise HTTPException(404)
        content = parts[at].get_payload(decode=True)
        heads = _HEADERS | {"Content-Disposition": "attachment"}
        return Response(content, media_type=parts[at].get_content_type(), headers=heads)

    routes = [Route("/", listed), Route("/mails/{number:int}", shown), Route("/mails/{number:int}/{part:int}", brought)]
    return Starlette(routes=routes)


def _row(path: Path) -> str:
    mail = _read(path)
    number = int(path.stem)
    cells = "".join(f"<td>{escape(str(mail[name] or ''))}" for name in ("To", "Subject", "Date"))
    return f'<tr><td><a href="/mails/{number}">{number}</a>{cells}</tr>'


def _body(mail: EmailMessage) -> str:
    if page := mail.get_body(("html",)):
        return f'<iframe sandbox srcdoc="{escape(page.get_content())}"></iframe>'
    text = mail.get_body(("plain",))
    return f"<pre>{escape(text.get_content() if text else '')}</pre>"


def _read(path: Path) -> EmailMessage:
    if not path.exists():
        raise HTTPException(404)
    return BytesParser(policy=policy.default).parsebytes(path.read_bytes())


def _page(title: str, content: str) -> HTMLResponse:
    text = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
    return HTMLResponse(f'{text}<p><a href="/">Inbox</a></p>{content}', headers=_HEADERS)
