"""The polite HTTP client of the portal and the e-document axis.

It asks with a token of its own, waits as long as it is told to, tries again what may pass (429, 5xx, a cut connection, a
body that is not whole), and refuses what is not to be trusted (another host, a certificate that does not verify, a body
without end). Every refusal is a ``FetchError`` with one Vietnamese sentence; a body is never quoted in it.
"""

from __future__ import annotations

import logging
import math
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Literal, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
import stamina

from ingestion.errors import FetchError
from ingestion.sources.access import AccessRefusedError, CursorGoneError, SourceAccess, TransientError
from ingestion.sources.oauth import TokenKeeper
from ingestion.sources.payload import NotJsonError
from ingestion.sources.result import PullResult

__all__ = ["AccessRefusedError", "CursorGoneError", "PullResult", "SourceAccess", "SourceClient", "TransientError"]

# httpx would write every address into the log, cursors and all; what matters is in the outcome records.
logging.getLogger("httpx").setLevel(logging.WARNING)

T = TypeVar("T")

_RETRIED_STATUSES = frozenset({408, 421, 425, 429})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_FOLLOWED = 3


class _Unauthorized(Exception):
    pass


class SourceClient:
    """A connection to one source; use as a context manager. ``now`` returns aware time (for Retry-After dates)."""

    def __init__(self, access: SourceAccess, *, source: Literal["portal", "edoc"], now: Callable[[], datetime]) -> None:
        self.access = access
        self.source = source
        self.base_url = access.base_url.rstrip("/")
        self._now = now
        self._transport = httpx.HTTPTransport(verify=_tls(access.verify_tls), trust_env=False)
        self._http = httpx.Client(
            transport=self._transport,
            timeout=httpx.Timeout(access.read_seconds, connect=access.connect_seconds),
            headers={"User-Agent": "cchc-warehouse", "Accept-Encoding": "gzip, deflate"},
            follow_redirects=False,
            trust_env=False,
        )
        self._told_time: datetime | None = None
        self._tokens = TokenKeeper(access.client_id, access.client_secret, self._ask_token)

    def __enter__(self) -> SourceClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def authenticate(self) -> float | None:
        """Ask for a token once, and for nothing else; how many seconds our clock is ahead of the server's, where it tells
        its time. Raises ``FetchError``."""
        try:
            self._tokens.token()
        except NotJsonError as error:
            raise FetchError(str(error), source=self.source, locator="/oauth/token") from error
        return (self._now() - self._told_time).total_seconds() if self._told_time else None

    def fetch(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        locator: str,
        read: Callable[[bytes], T],
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        attempts: int | None = None,
    ) -> T:
        """What ``read`` makes of the answer's body, asked for until it is whole.

        ``read`` runs inside the retries: where it raises ``NotJsonError`` or ``TransientError`` the call is repeated.
        ``locator`` names the call in errors. Raises ``CursorGoneError`` on 410 and ``FetchError`` otherwise.
        """

        def once() -> T:
            try:
                return read(self._send_with_token(method, path, locator, params, headers, content))
            except NotJsonError as error:
                raise TransientError(str(error), source=self.source, locator=locator) from error

        return self._retried(once, attempts or self.access.attempts)

    # Inside --------------------------------------------------------------------------------------

    def _retried(self, once: Callable[[], T], attempts: int) -> T:
        access = self.access
        call = stamina.RetryingCaller(
            attempts=attempts,
            timeout=access.retry_total_seconds,
            wait_initial=access.wait_initial_seconds,
            wait_max=access.wait_max_seconds,
            wait_jitter=access.wait_jitter_seconds,
        )
        return call(self._wait_before_next, once)

    def _wait_before_next(self, error: Exception) -> bool | float:
        if not isinstance(error, TransientError):
            return False
        if error.retry_after is None:
            return True
        return min(error.retry_after, self.access.retry_after_max_seconds)

    def _send_with_token(
        self,
        method: str,
        path: str,
        locator: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
    ) -> bytes:
        for is_second_try in (False, True):
            asked = {**(headers or {}), "Authorization": f"Bearer {self._tokens.token()}"}
            try:
                return self._send(method, self.base_url + path, locator, params, asked, content)
            except _Unauthorized:
                self._tokens.forget()
                if is_second_try:
                    break
        raise AccessRefusedError(
            "máy chủ trả lời 401 cả với mã truy cập vừa cấp (unauthorized)", source=self.source, locator=locator
        )

    def _ask_token(self, form: Mapping[str, str]) -> bytes:
        """The body of the token endpoint's answer; bad credentials are final, the rest may pass."""
        url = self.access.token_url or self.base_url + "/oauth/token"
        locator = "/oauth/token"
        refused = AccessRefusedError(
            "máy chủ không nhận client_id/client_secret (bad credentials); cần sửa cấu hình, không thử lại",
            source=self.source,
            locator=locator,
        )
        try:
            return self._send("POST", url, locator, None, {}, None, form=form)
        except _Unauthorized as error:
            raise refused from error
        except FetchError as error:
            if isinstance(error.__cause__, _Status) and error.__cause__.status_code in (400, 403):
                raise refused from error
            raise

    def _send(
        self,
        method: str,
        url: str,
        locator: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        content: bytes | None,
        form: Mapping[str, str] | None = None,
    ) -> bytes:
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            for _ in range(_REDIRECTS_FOLLOWED + 1):
                with (
                    self._cut_off_when_late(),
                    self._http.stream(
                        method, url, params=params, headers=encoded, content=content, data=form
                    ) as answer,
                ):
                    if answer.status_code not in _REDIRECTS:
                        return self._body(answer, locator)
                    url, params = self._redirected(answer, method, locator), None
        except httpx.UnsupportedProtocol as error:
            raise FetchError("địa chỉ nguồn không phải http(s)", source=self.source, locator=locator) from error
        except (httpx.InvalidURL, httpx.LocalProtocolError, ValueError) as error:
            raise FetchError("lời gọi có ký tự không gửi được qua HTTP", source=self.source, locator=locator) from error
        except httpx.TimeoutException as error:
            raise TransientError("quá thời gian chờ máy chủ", source=self.source, locator=locator) from error
        except httpx.DecodingError as error:
            raise TransientError("nội dung nén bị hỏng", source=self.source, locator=locator) from error
        except httpx.TransportError as error:
            if _certificate_refused(error):
                raise FetchError(
                    "chứng thư TLS của máy chủ không hợp lệ", source=self.source, locator=locator
                ) from error
            word = (
                "không kết nối được máy chủ" if isinstance(error, httpx.ConnectError) else "kết nối bị cắt giữa chừng"
            )
            raise TransientError(word, source=self.source, locator=locator) from error
        raise FetchError("chuyển hướng quá nhiều lần", source=self.source, locator=locator)

    @contextmanager
    def _cut_off_when_late(self) -> Iterator[None]:
        """The connection is closed when an answer, header and all, takes longer than ``whole_body_seconds``: a server that
        sends a byte now and then keeps every read inside its time."""
        timer = threading.Timer(self.access.whole_body_seconds, self._transport.close)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _body(self, answer: httpx.Response, locator: str) -> bytes:
        status = answer.status_code
        self._told_time = _http_date(answer.headers.get("Date", ""))
        if status == 401:
            raise _Unauthorized
        if status == 410:
            raise CursorGoneError("con trỏ trang đã hết hạn (410)", source=self.source, locator=locator)
        if status in _RETRIED_STATUSES or status >= 500:
            raise TransientError(
                f"máy chủ trả lời {status}", source=self.source, locator=locator, retry_after=self._retry_after(answer)
            )
        if not 200 <= status < 300:
            raise FetchError(f"máy chủ trả lời {status}", source=self.source, locator=locator) from _Status(status)
        return self._whole_body(answer, locator)

    def _whole_body(self, answer: httpx.Response, locator: str) -> bytes:
        limit = self.access.limits.most_bytes
        too_long = FetchError(f"nội dung dài hơn giới hạn {limit // 1024} KB", source=self.source, locator=locator)
        declared = answer.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_long
        ends_at = time.monotonic() + self.access.whole_body_seconds
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > limit:
                raise too_long
            if time.monotonic() > ends_at:
                raise TransientError("nội dung đến quá chậm", source=self.source, locator=locator)
        return bytes(body)

    def _redirected(self, answer: httpx.Response, method: str, locator: str) -> str:
        """Where a redirect leads, when it stays on the same scheme, host and port and does not turn a POST into a GET."""
        here = str(answer.request.url)
        target: str = urljoin(here, answer.headers.get("Location", ""))
        if urlsplit(target)[:2] != urlsplit(here)[:2]:
            raise FetchError("máy chủ chuyển hướng sang máy khác; không theo", source=self.source, locator=locator)
        if method != "GET" and answer.status_code not in (307, 308):
            raise FetchError("máy chủ chuyển hướng một lời gọi POST; không theo", source=self.source, locator=locator)
        return target

    def _retry_after(self, answer: httpx.Response) -> float | None:
        """Seconds asked for by ``Retry-After``, as a number or a date; None when there is none or it can't be read."""
        text = answer.headers.get("Retry-After", "").strip()
        if not text:
            return None
        try:
            seconds = float(text)
        except ValueError:
            until = _http_date(text)
            if until is None:
                return None
            there = _http_date(answer.headers.get("Date", "")) or self._now()
            seconds = (until - there).total_seconds()
        return seconds if math.isfinite(seconds) and seconds > 0 else None


class _Status(Exception):
    def __init__(self, status_code: int) -> None:
        super().__init__(status_code)
        self.status_code = status_code


def _tls(verify: bool | str) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify


def _certificate_refused(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
