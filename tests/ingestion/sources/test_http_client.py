"""Tokens, redirects and certificates, against a loopback server."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ingestion.landing import Landing
from ingestion.sources.http import PullResult, SourceAccess
from ingestion.sources.portal import pull_submissions
from tests.ingestion.sources.scripted_server import Answer, Feed, ScriptedServer, as_json
from tests.ingestion.sources.source_access import NIGHT, access_to, now

PATH = "/api/v1/submissions"


def pull(access: SourceAccess, landing: Landing) -> PullResult:
    return pull_submissions(access, landing, night=NIGHT, now=now)


def test_bad_credentials_are_final_and_asked_once(server: ScriptedServer, landing: Landing) -> None:
    server.handlers[PATH] = Feed([])
    result = pull(access_to(server, client_secret="wrong-word"), landing)
    assert result.failure is not None and "bad credentials" in result.failure
    assert len(server.calls) == 1
    assert "wrong-word" not in repr(result) + repr(landing.outcomes_after(0)) + repr(
        access_to(server, client_secret="wrong-word")
    )


def test_one_token_serves_a_whole_walk(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = Feed([{"updated_at": f"2021-12-17T08:00:0{n}"} for n in range(8)])
    pull(access, landing)
    assert len(server.calls_to("/oauth/token")) == 1


def test_a_token_is_renewed_before_it_ends(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.token_seconds = 0
    server.handlers[PATH] = Feed([{"updated_at": f"2021-12-17T08:00:0{n}"} for n in range(4)])
    assert pull(access, landing).failure is None
    assert len(server.calls_to("/oauth/token")) == 2
    assert len(server.calls_to(PATH)) == 2


def test_a_revoked_token_is_asked_for_once_more(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = Feed([{"updated_at": f"2021-12-17T08:00:0{n}"} for n in range(4)])
    server.first[PATH].append(Answer(401))
    assert pull(access, landing).failure is None
    assert len(server.calls_to("/oauth/token")) == 2


def test_a_new_token_that_is_refused_too_is_final(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = lambda _: Answer(401)
    result = pull(access, landing)
    assert result.failure is not None and "401" in result.failure
    assert len(server.calls_to("/oauth/token")) == 2
    assert len(server.calls_to(PATH)) == 2


def test_a_token_endpoint_that_is_down_for_a_moment_is_asked_again(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = Feed([])
    server.first["/oauth/token"].extend([Answer(503), Answer(200, b'{"access'), as_json({"token": "?"})])
    assert pull(access, landing).failure is None


def test_a_redirect_to_another_host_is_refused(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    stranger = ScriptedServer()
    try:
        server.handlers[PATH] = lambda _: Answer(302, headers={"Location": f"{stranger.url}{PATH}"})
        result = pull(access, landing)
        assert result.failure is not None and "máy khác" in result.failure
        assert stranger.calls == []
    finally:
        stranger.close()


def test_a_redirect_on_the_same_host_is_followed(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = lambda _: Answer(307, headers={"Location": "/v2/submissions"})
    server.handlers["/v2/submissions"] = lambda _: as_json({"items": [], "next_cursor": None})
    assert pull(access, landing).failure is None


def test_redirects_in_a_circle_end(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = lambda _: Answer(302, headers={"Location": PATH})
    result = pull(access, landing)
    assert result.failure is not None and "chuyển hướng" in result.failure


def test_a_server_that_is_not_there_is_a_failure_in_words(landing: Landing, server: ScriptedServer) -> None:
    result = pull(access_to(server, base_url="http://127.0.0.1:9"), landing)
    assert result.failure is not None and "không kết nối được" in result.failure


def test_an_address_that_is_no_web_address_is_a_failure_in_words(landing: Landing, server: ScriptedServer) -> None:
    for address in ("ftp://127.0.0.1", "portal.example", "http://[::1"):
        assert pull(access_to(server, base_url=address), landing).failure is not None


def test_a_silent_server_times_out(server: ScriptedServer, landing: Landing) -> None:
    release = threading.Event()

    def silent(_: object) -> Answer:
        release.wait(5)
        return Answer(200)

    server.handlers[PATH] = silent
    result = pull(access_to(server, read_seconds=0.1, attempts=2), landing)
    release.set()
    assert result.failure is not None and "quá thời gian" in result.failure


def test_a_certificate_that_does_not_verify_is_refused_and_one_that_does_is_not(
    tmp_path: Path, landing: Landing, server: ScriptedServer
) -> None:
    certificate = self_signed(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.reply(b'{"access_token": "t", "expires_in": 300}')

        def do_GET(self) -> None:
            self.reply(b'{"items": [], "next_cursor": null}')

        def reply(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    secure = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    try:
        url = f"https://127.0.0.1:{secure.server_port}"
        result = pull(access_to(server, base_url=url), landing)
        assert result.failure is not None and "chứng thư" in result.failure
        assert pull(access_to(server, base_url=url, verify_tls=str(certificate)), landing).failure is None
    finally:
        secure.shutdown()
        secure.server_close()


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
