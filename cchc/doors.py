"""The stand-ins' process: started for the doors that have no address of their own, ended with its user."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cchc.processes import running
from cchc.settings import Settings, process_environment

STAND_IN_RECIPIENT = "phong-cchc@sonoivu.stand-in.example"
#: The stand-ins' province speaks of 2021; the night of the year's due day finds all of it.
STAND_IN_NIGHT = date(2021, 12, 20)
START_SECONDS = 120.0
FIXED_PORTS = {"portal": 8801, "edoc": 8802, "smtp": 8825}


class StandInError(Exception):
    """The stand-ins did not start; the message says why, and where their log is."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """A stand-ins' process that was started, and the file in which it says that it is ready."""

    process: subprocess.Popen[bytes]
    ready_file: Path
    log: Path
    only: tuple[str, ...]
    settings: Settings

    def wait(self) -> dict[str, str]:
        """Wait until they answer; the settings with which the night finds them. Raises ``StandInError``."""
        deadline = time.monotonic() + START_SECONDS
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise StandInError(f"the stand-ins did not start; see {self.log}")
            time.sleep(0.05)
        told = json.loads(self.ready_file.read_text(encoding="utf-8"))
        return told_by_stand_ins(self.settings, self.only, told)


def told_by_stand_ins(settings: Settings, only: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
    """The settings with which a night finds the stand-ins of these doors; ``told`` is what their ready file holds. Who reads
    mail that no real server takes is made up too, where nobody is named."""
    found = {}
    for door in only:
        found[f"CCHC_{door.upper()}_URL"] = told[f"{door}_url"]
        if door != "smtp":
            found[f"CCHC_{door.upper()}_CLIENT_ID"] = told["client_id"]
            found[f"CCHC_{door.upper()}_CLIENT_SECRET"] = told["client_secret"]
    if "smtp" in only and not settings.report_to:
        found["CCHC_REPORT_TO"] = STAND_IN_RECIPIENT
        found["CCHC_AGENCY_MAIL_DOMAIN"] = STAND_IN_RECIPIENT.partition("@")[2]
    return found


def missing_doors(settings: Settings) -> list[str]:
    """Which of portal, edoc and smtp have no address of their own; none when no stand-in is wanted."""
    if not settings.stand_ins:
        return []
    addresses = {
        "portal": settings.portal_url,
        "edoc": settings.edoc_url,
        "smtp": settings.smtp_url.get_secret_value(),
    }
    return [name for name, address in addresses.items() if not address]


@contextmanager
def stand_ins(settings: Settings, only: Sequence[str], ports: Mapping[str, int] | None = None) -> Iterator[StandIns]:
    """The stand-ins as a process of their own on loopback; they end with this context. Without ``ports`` any free ones."""
    folder = settings.home_path / "stand_ins"
    folder.mkdir(parents=True, exist_ok=True)
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)
    log = folder / "stand_ins.log"
    command = stand_in_command(settings, only, ports or {}, ready_file)
    with running(command, environment=process_environment(), log=log) as process:
        yield StandIns(process=process, ready_file=ready_file, log=log, only=tuple(only), settings=settings)


def stand_in_command(settings: Settings, only: Sequence[str], ports: Mapping[str, int], ready_file: Path) -> list[str]:
    """What starts the stand-ins; they say in ``ready_file`` where they are. A door without a port takes a free one."""
    command = [
        *(sys.executable, "-m", "stand_ins"),
        *("--seeds", str(settings.seeds_path)),
        *("--mailbox", str(settings.mailbox_path)),
        *("--ready-file", str(ready_file)),
        *("--only", ",".join(only)),
        *("--seed", str(settings.stand_in_seed)),
        *("--dossiers", str(settings.stand_in_dossiers)),
    ]
    for door, port in ports.items():
        command += [f"--{door}-port", str(port)]
    return command


def stay(settings: Settings) -> int:
    """Start all stand-ins on their fixed ports, print how to reach them, and stay until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with stand_ins(settings, tuple(FIXED_PORTS), FIXED_PORTS) as started:
            told = started.wait()
            print("The stand-ins answer until Ctrl-C. To have a night use them:")
            for name, value in told.items():
                print(f"export {name}={shlex.quote(value)}")
            print(f"Mails are kept in {settings.mailbox_path}", flush=True)
            return abs(started.process.wait())
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
