"""Mail: a report as a message of two parts, handed to an SMTP server over verified TLS, tried a few times."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from typing import NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

from expectations.errors import MailError
from expectations.folding import SMTP

_WAITS_SECONDS = (1.0, 4.0)
_TIMEOUT_SECONDS = 30.0


class ServerGoneError(MailError):
    """The server could not be reached, or cut the talk: whatever is to be sent next would fare the same."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes
    maintype: str = "application"
    subtype: str = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """An SMTP address, parsed. ``ca_file`` is a certificate to trust besides the system's."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool
    is_starttls: bool
    is_verified: bool
    ca_file: str | None

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"


def parse_smtp_url(url: str) -> SmtpServer:
    """``smtp://user:password@host:port?starttls=1`` or ``smtps://…``; user and password may be percent-encoded.

    A mail goes over STARTTLS to every machine but this one (loopback), unless the address says ``starttls=0``.
    ``tls_verify=0`` trusts any certificate, ``ca=FILE`` the one in the file. On this machine itself (loopback) nobody stands
    between, so there a certificate is verified only with ``tls_verify=1`` or ``ca``. A password is sent without TLS only to
    this machine, or where the address says ``starttls=0``. Raises ``MailError``, never telling the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _refuse("địa chỉ máy chủ thư không hợp lệ")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        _refuse("địa chỉ máy chủ thư phải có dạng smtp://người_dùng:mật_khẩu@máy_chủ:cổng?starttls=1")
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if unknown := sorted(set(options) - {"starttls", "tls_verify", "ca"}):
        _refuse(f"địa chỉ máy chủ thư có tuỳ chọn lạ: {', '.join(unknown)}")
    is_tls = parts.scheme == "smtps"
    is_here = _is_loopback(parts.hostname)
    is_starttls = not is_tls and _is_on(options.get("starttls", "0" if is_here else "1"))
    user = unquote(parts.username or "")
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if is_tls else 587 if is_starttls else 25),
        user=user,
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        is_starttls=is_starttls,
        is_verified=_is_on(options["tls_verify"]) if "tls_verify" in options else not is_here or "ca" in options,
        ca_file=options.get("ca") or None,
    )


def compose(
    *,
    subject: str,
    text: str,
    html: str,
    sender: str,
    recipient: str,
    composed_at: datetime,
    message_key: str,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """The message, byte for byte the same for the same arguments. ``message_key`` names it in Message-ID and boundary."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _one_line(subject)
    message["From"] = _one_line(sender)
    message["To"] = _one_line(recipient) or "undisclosed-recipients:;"
    message["Date"] = format_datetime(composed_at)
    message["Message-ID"] = f"<cchc.{message_key}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message.set_boundary(f"=_cchc.{message_key}")
    for attachment in attachments:
        message.add_attachment(
            attachment.content,
            maintype=attachment.maintype,
            subtype=attachment.subtype,
            filename=_one_line(attachment.name),
        )
    if attachments:
        message.set_boundary(f"=_cchc.mixed.{message_key}")
    return message


def deliver(
    message: EmailMessage,
    smtp_url: str,
    recipients: Sequence[str] = (),
    *,
    sleep: Callable[[float], None] = time.sleep,
    timeout_seconds: float = _TIMEOUT_SECONDS,
) -> dict[str, int]:
    """Hand the message over, to ``recipients`` alone where there are any, else to all that it names; the addresses that
    the server refused while it took others, each with the code of the answer (4xx: later perhaps).

    Passing failures (no connection, a cut one, 4xx) are tried three times in all. Raises ``MailError`` in Vietnamese.
    """
    server = parse_smtp_url(smtp_url)
    for wait in (*_WAITS_SECONDS, None):
        try:
            return _send(message, server, recipients, timeout_seconds)
        except ssl.SSLError as error:
            raise MailError(f"chứng thư của máy chủ thư {server.host} không được chấp nhận: {error.reason}") from error
        except (OSError, smtplib.SMTPException) as error:
            if wait is None or not _is_passing(error):
                kind = (
                    MailError
                    if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
                    else (ServerGoneError)
                )
                raise kind(f"máy chủ thư {server.host}:{server.port} không nhận thư: {_told(error)}") from error
            sleep(wait)
    raise AssertionError("the last try returns or raises")


def greet(smtp_url: str, *, timeout_seconds: float = 10.0) -> None:
    """Connect, encrypt and log in as ``deliver`` would, and send nothing. Raises ``MailError``."""
    server = parse_smtp_url(smtp_url)
    try:
        with _connected(server, timeout_seconds):
            return
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"máy chủ thư {server.host}:{server.port}: {_told(error)}") from error


def _send(
    message: EmailMessage, server: SmtpServer, recipients: Sequence[str], timeout_seconds: float
) -> dict[str, int]:
    with _connected(server, timeout_seconds) as client:
        try:
            refused = client.send_message(message, to_addrs=list(recipients) or None)
        except (smtplib.SMTPNotSupportedError, ValueError) as error:  # this mail's addresses: others can go
            raise MailError(f"máy chủ thư {server.host}:{server.port} không nhận địa chỉ của thư: {error}") from error
        return {address: code for address, (code, _) in sorted(refused.items())}


@contextmanager
def _connected(server: SmtpServer, timeout_seconds: float) -> Iterator[smtplib.SMTP]:
    context = _context(server)
    if server.is_tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout_seconds, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=timeout_seconds)
    try:
        client.ehlo()
        if server.is_starttls:
            client.starttls(context=context)
            client.ehlo()
        if server.user:
            client.login(server.user, server.password)
        yield client
    finally:
        # What the server says to the farewell changes nothing: a mail that it took must not be sent again for it.
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _context(server: SmtpServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.ca_file:
        try:
            context.load_verify_locations(server.ca_file)
        except OSError as error:
            raise MailError(f"không đọc được chứng thư tin cậy {server.ca_file}") from error
    if not server.is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_passing(error: Exception) -> bool:
    """Whether trying again may help: the network's failures and the server's 4xx do pass, its 5xx do not."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    return not isinstance(error, smtplib.SMTPNotSupportedError)


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"sai tên hoặc mật khẩu ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {said}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"không nhận {', '.join(sorted(error.recipients))}"
    return str(error) or type(error).__name__


def _domain(sender: str) -> str:
    address = getaddresses([sender])[0][1]
    domain = address.rpartition("@")[2]
    return domain if domain and domain.isascii() and not any(c.isspace() or c in "<>" for c in domain) else "cchc.local"


def _one_line(text: str) -> str:
    """A header's text: no line breaks, so that nothing can add a header."""
    return " ".join(text.split())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_on(text: str) -> bool:
    return text.lower() in {"1", "true", "yes", "on"}


def _refuse(reason: str) -> NoReturn:
    raise MailError(reason)
