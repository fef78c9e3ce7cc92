"""Start the stand-ins in this process: the portal, the e-document system and a mailbox, each on a port of its own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from stand_ins.access import Access, Clock, Cursors
from stand_ins.edoc import Axis
from stand_ins.faults import FaultPlan, FaultyApp
from stand_ins.inbox import inbox_app
from stand_ins.mailbox import Mailbox, mail_controller, self_signed
from stand_ins.portal import portal_app
from stand_ins.province.plan import Plan, make_plan
from stand_ins.running import Serving

ALL = ("portal", "edoc", "smtp")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
CLIENT_ID = "cchc-warehouse"
MAIL_USER = "cchc"


@dataclass(frozen=True, slots=True)
class StandIns:
    """The running stand-ins; use as a context manager. An address is empty where that system was not started.

    ``smtp_url`` is ``smtp://user:password@host:port``, with ``?starttls=1`` where ``smtp_certificate`` is given; ``axis`` holds
    what clients told the e-document system; ``plan`` is what is served.
    """

    portal_url: str
    edoc_url: str
    smtp_url: str
    inbox_url: str
    client_id: str
    client_secret: str
    mailbox: Path
    smtp_certificate: Path | None
    plan: Plan | None
    axis: Axis | None
    access: Access
    faults: FaultPlan
    _running: ExitStack

    @property
    def mails(self) -> list[Path]:
        """The mails that arrived, oldest first."""
        return Mailbox(self.mailbox).mails

    def revoke_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self.access.revoke()

    def stop(self) -> None:
        """Stop every server and its thread."""
        self._running.close()

    def __enter__(self) -> StandIns:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    *,
    seeds: Path,
    mailbox: Path,
    seed: int = 2021,
    dossiers: int = 20_000,
    errors: bool = True,
    host: str = "127.0.0.1",
    portal_port: int = 0,
    edoc_port: int = 0,
    smtp_port: int = 0,
    inbox_port: int | None = None,
    faults: FaultPlan | None = None,
    only: Collection[str] = ALL,
    starttls: bool = False,
    with_offset: bool = False,
    clock: Clock = time.monotonic,
    plan: Plan | None = None,
) -> StandIns:
    """Start the stand-ins named in ``only`` and return when they listen; port 0 takes a free one.

    ``plan`` serves a province already made; else one is made from ``seeds``, ``seed``, ``dossiers`` and ``errors``.
    With ``inbox_port`` the mailbox has a page. ``clock`` tells the age of tokens and cursors, in seconds. ``with_offset`` ends
    every updated_at with +07:00.
    Raises ``ValueError`` for a host that is not this machine's own, ``OSError`` for a port in use.
    """
    if host not in _LOOPBACK:
        raise ValueError(f"stand-ins listen on loopback only, not on {host}")
    unknown = set(only) - set(ALL)
    if unknown:
        raise ValueError(f"no such stand-in: {', '.join(sorted(unknown))}")
    secret = _secret(seed, "client")
    access = Access(CLIENT_ID, secret, clock)
    cursors = Cursors(seed, clock)
    faults = faults or FaultPlan()
    if plan is None and {"portal", "edoc"} & set(only):
        plan = make_plan(seeds, seed=seed, dossiers=dossiers, errors=errors, with_offset=with_offset)
    axis = Axis(plan, cursors) if plan is not None and "edoc" in only else None
    portal_url = edoc_url = smtp_url = inbox_url = ""
    certificate: Path | None = None

    with ExitStack() as running:

        def serve(app: Callable[..., object], port: int, name: str) -> str:
            serving = Serving(FaultyApp(app, faults), host=host, port=port, name=name)  # type: ignore[arg-type]
            running.callback(serving.stop)
            return serving.url

        if plan is not None and "portal" in only:
            portal_url = serve(portal_app(plan, access, cursors), portal_port, "portal")
        if axis is not None:
            edoc_url = serve(axis.app(access), edoc_port, "edoc")
        if "smtp" in only:
            box = Mailbox(mailbox)
            tls, certificate = self_signed(mailbox) if starttls else (None, None)
            password = _secret(seed, "mail")
            controller = mail_controller(box, host=host, port=smtp_port, user=MAIL_USER, password=password, tls=tls)
            controller.start()
            running.callback(controller.stop)
            smtp_url = f"smtp://{MAIL_USER}:{password}@{host}:{controller.port}" + ("?starttls=1" if starttls else "")
            if inbox_port is not None:
                inbox_url = serve(inbox_app(box), inbox_port, "inbox")
        return StandIns(
            portal_url=portal_url,
            edoc_url=edoc_url,
            smtp_url=smtp_url,
            inbox_url=inbox_url,
            client_id=CLIENT_ID,
            client_secret=secret,
            mailbox=mailbox,
            smtp_certificate=certificate,
            plan=plan,
            axis=axis,
            access=access,
            faults=faults,
            _running=running.pop_all(),
        )


def _secret(seed: int, name: str) -> str:
    """Made-up and the same for a seed: a client configured once can talk to the next run."""
    return hashlib.sha256(f"stand-in {name} {seed}".encode()).hexdigest()[:24]
