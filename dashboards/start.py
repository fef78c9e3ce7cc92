"""``make superset``: Superset with the dashboards of ``assets/`` on the published marts, on loopback, until Ctrl-C.

It runs in an environment of its own (``.venv-superset``); this is the side that knows the warehouse's settings: the log-in that
reads PostgreSQL's marts or, where the marts are not published to PostgreSQL, the published DuckDB file; secrets and metadata
under ``$CCHC_HOME/superset``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from cchc.kept_secret import kept_secret
from cchc.loopback import answers, is_taken
from cchc.processes import running
from cchc.settings import ROOT, Settings, SettingsError, load_settings, process_environment
from publishing.marts import PublishError
from publishing.postgres.access import reader_login

HERE = Path(__file__).resolve().parent
BIN = ROOT / ".venv-superset" / "bin"
LOGIN = "cchc_superset"
USER = "admin"
PREPARE_SECONDS = 300.0
START_SECONDS = 120.0


class SupersetError(Exception):
    """Superset can't be started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Started:
    """Where Superset answers, and its administrator's password."""

    url: str
    password: str
    process: subprocess.Popen[bytes]


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = load_settings()
        with superset(settings, settings.superset_port) as started:
            print(f"Superset is at {started.url}/dashboard/list/")
            print(f"  user {USER}, password {started.password}")
            print(f"  log {_log(settings)}; Ctrl-C stops it", flush=True)
            started.process.wait()
            print(f"Superset ended by itself; see {_log(settings)}", file=sys.stderr)
            return 1
    except (SettingsError, SupersetError, PublishError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 0


@contextmanager
def superset(settings: Settings, port: int) -> Iterator[Started]:
    """Superset with the dashboards as the files say. Raises ``SupersetError``, ``PublishError``."""
    if is_taken(port):
        raise SupersetError(f"port {port} is taken; set CCHC_SUPERSET_PORT to another")
    home = settings.superset_path
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept_secret(home / "secret_key")
    password = kept_secret(home / "admin_password")
    environment = superset_environment(settings)
    told = environment | {"CCHC_SUPERSET_MARTS": marts_address(settings)}
    with running([str(BIN / "python"), str(HERE / "load.py")], environment=told, log=_log(settings)) as loading:
        try:
            is_loaded = loading.wait(PREPARE_SECONDS) == 0
        except subprocess.TimeoutExpired:
            is_loaded = False
    if not is_loaded:
        raise SupersetError(f"the dashboards could not be brought into Superset; see {_log(settings)}")
    with _server(environment, settings.superset_host, port, _log(settings)) as process:
        yield Started(f"http://127.0.0.1:{port}", password, process)


def superset_environment(settings: Settings) -> dict[str, str]:
    """What every process of Superset's is given: our own environment, where its files lie, and its settings."""
    return process_environment() | {
        "SUPERSET_HOME": str(settings.superset_path),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
    }


def marts_address(settings: Settings) -> str:
    """The SQLAlchemy address by which Superset reads the marts, and can't write them. Raises ``SupersetError`` where nothing
    is published, ``PublishError`` where PostgreSQL gives no log-in."""
    if dsn := settings.publish_postgres.get_secret_value():
        login = reader_login(dsn, LOGIN)
        told = conninfo_to_dict(dsn)
        place = {name: str(told.pop(name)) for name in ("host", "port", "dbname") if told.get(name)}
        query = {name: str(value) for name, value in told.items() if name not in ("user", "password")}
        query |= {
            "host": place["host"],
            "port": place.get("port", "5432"),
        }  # a socket's folder does not fit before the path
        return (
            f"postgresql+psycopg2://{login.name}:{quote(login.password, safe='')}@/{quote(place['dbname'])}?"
            + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        )
    if not settings.published_path.exists():
        raise SupersetError(f"nothing is published at {settings.published_path} yet: run make nightly first")
    return f"duckdb:///{settings.published_path}?access_mode=read_only"


@contextmanager
def _server(environment: Mapping[str, str], host: str, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(BIN / "gunicorn"), "--workers=1", "--worker-class=gthread", "--threads=8", "--timeout=120"]
    command += [f"--bind={host}:{port}", "superset.app:create_app()"]
    with running(command, environment=environment, log=log) as process:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"http://127.0.0.1:{port}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SupersetError(f"Superset did not start; see {log}")
            time.sleep(0.2)
        yield process


def _log(settings: Settings) -> Path:
    return settings.superset_path / "superset.log"


if __name__ == "__main__":
    sys.exit(main())
