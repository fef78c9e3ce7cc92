"""A lasting installation of a test's own: ``cchc up`` on free ports, without Superset, ended by ``cchc down``."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cchc.settings import ROOT

#: Airflow's schedules make no runs: the test's own are all there are.
QUIET = {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}


@dataclass(frozen=True)
class Installation:
    """Where it is, and the environment of its commands."""

    home: Path
    environment: dict[str, str]

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.environment['CCHC_AIRFLOW_PORT']}"

    @property
    def inbox_url(self) -> str:
        return f"http://127.0.0.1:{self.environment['CCHC_MAIL_PORT']}"

    @property
    def airflow_password(self) -> str:
        path = self.home / "airflow" / "simple_auth_manager_passwords.json.generated"
        return str(json.loads(path.read_text(encoding="utf-8"))["admin"])

    @property
    def log(self) -> str:
        """The ends of its parts' logs, for a test that fails."""
        return "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in (self.home / "up").glob("*.log"))

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", *words],
            env=self.environment,
            cwd=self.home.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )

    def strays(self) -> list[str]:
        """Living processes that know this home, by their environment or their command line."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                told = (place / "environ").read_bytes() + b"\0" + (place / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.home).encode() in told:
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found


@contextmanager
def placed(**settings: str) -> Iterator[Installation]:
    """An installation that is not up yet. It has a folder of its own in /tmp: PostgreSQL runs as another user where this is
    root."""
    folder = Path(tempfile.mkdtemp(prefix="cchc-up-"))
    folder.chmod(0o711)
    home = folder / "home"
    home.mkdir(mode=0o711)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CCHC_")}
    names = ("CCHC_AIRFLOW_PORT", "CCHC_MARTS_PORT", "CCHC_MAIL_PORT")
    ports = dict(zip(names, map(str, free_ports(len(names))), strict=True))
    own = {"CCHC_HOME": str(home), "PYTHONPATH": str(ROOT), "CCHC_STAND_IN_DOSSIERS": "600"}
    installation = Installation(home, bare | QUIET | ports | own | settings)
    try:
        yield installation
    finally:
        installation.run("cchc.main", "down")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installed(**settings: str) -> Iterator[Installation]:
    """An installation that is up."""
    with placed(**settings) as installation:
        done = installation.run("cchc.main", "up", "--no-superset")
        assert done.returncode == 0, done.stdout + done.stderr + installation.log
        yield installation


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
