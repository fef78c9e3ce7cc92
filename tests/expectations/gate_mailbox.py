"""A real SMTP server on loopback that keeps what it takes in."""

from __future__ import annotations

import ipaddress
import ssl
from asyncio.base_events import Server
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Inbox:
    """What came, and what the server is to answer first: ``answers`` are given to DATA one by one before 250,
    ``refusals`` to the recipients named in it, each for one mail; ``farewell`` to QUIT."""

    def __init__(
        self, answers: list[str] | None = None, *, refusals: dict[str, str] | None = None, farewell: str = "221 Bye"
    ) -> None:
        self.refusals = refusals or {}
        self.farewell = farewell
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers = answers or []
        self.tries = 0
        self.port = 0

    async def handle_RCPT(
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's
        session: Session,  # noqa: ARG002 - aiosmtpd's
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002 - aiosmtpd's
    ) -> str:
        if address in self.refusals:
            return self.refusals.pop(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002 - aiosmtpd's
        return self.farewell

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002 - aiosmtpd's
        self.tries += 1
        if self.answers:
            return self.answers.pop(0)
        content = envelope.original_content or b""
        self.mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        if isinstance(self.server, Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def _authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, data: object) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"cchc@stc", b"p:w/d")
    return AuthResult(success=True) if is_right else AuthResult(success=False, handled=False)


@contextmanager
def running(
    inbox: Inbox, *, tls: ssl.SSLContext | None = None, wants_password: bool = False, knows_utf8: bool = True
) -> Iterator[Inbox]:
    controller = _AnyPort(
        inbox, hostname="127.0.0.1", port=0, tls_context=tls, require_starttls=tls is not None,
        enable_SMTPUTF8=knows_utf8, authenticator=_authenticate, auth_required=wants_password, auth_require_tls=tls is not None,
    )  # fmt: skip
    controller.start()
    inbox.port = controller.port
    try:
        yield inbox
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context with a fresh self-signed certificate for 127.0.0.1, and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_path, key_path)
    return context, cert_path
