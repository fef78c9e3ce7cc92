"""``cchc up`` and ``cchc down``: everything of a lasting installation as processes of this machine, without containers.

What `docker-compose.yml` starts, from the same `.env` and the same folder `secrets/`: PostgreSQL, Airflow's four processes,
Superset; and the stand-ins, with a page on the mail they catch, of doors that have no address. Each part is on record under
``$CCHC_HOME/up`` (``cchc.parts``), where its log is too.
"""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from cchc import standalone
from cchc.airflow_home import DAG_ID, airflow_environment
from cchc.doors import StandInError, missing_doors, stand_in_command, told_by_stand_ins
from cchc.kept_secret import kept_secret
from cchc.local_postgres import Cluster, PostgresError
from cchc.loopback import answers, is_taken
from cchc.nightly import copy_examples
from cchc.parts import Part, Parts
from cchc.processes import running
from cchc.settings import ROOT, Settings, process_environment

START_SECONDS = 180.0
SUPERSET_SECONDS = 420.0
POLL_SECONDS = 0.2
#: Where Airflow's environment asks for Celery; Redis is then where AIRFLOW__CELERY__BROKER_URL says.
WORKERS = 2
#: Secrets that only the province knows, and the one that must stay what it was.
_GIVEN = ("client_secret", "smtp_url", "pseudonym_key")
#: The mail catcher's name among the containers; here it is a stand-in.
_CATCHER = "smtp://mail:"


class UpError(Exception):
    """A part does not start; the message names it and its log."""


def up(settings: Settings, *, with_superset: bool = True) -> int:
    """Start the installation and print where it is; 1 where a part does not start (none is left then). One that is up already
    is only told of; 1 where a part of it has ended."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _alone(settings) as parts:
        parts.forget_past_boots()
        if parts.all():
            return _tell_what_is_up(parts, settings)
        is_up = False
        try:
            _start(parts, settings, with_superset=with_superset)
            is_up = True
        except (UpError, PostgresError, StandInError) as error:
            print(error, file=sys.stderr)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
        finally:
            if not is_up:
                _end(parts)
        return 0 if is_up else 1


def down(settings: Settings) -> int:
    """End what ``up`` started, and nothing else."""
    with _alone(settings) as parts:
        if not parts.all():
            print(f"Nothing of {settings.home_path} is up.")
        _end(parts)
    return 0


def _start(parts: Parts, settings: Settings, *, with_superset: bool) -> None:
    secrets = _secrets()
    settings = _with_given(settings, secrets)
    for port, name in _ports(settings, with_superset=with_superset):
        if is_taken(port):
            raise UpError(f"port {port} is taken; set {name} to another")
    cluster = Cluster(
        settings.home_path / "postgres", settings.marts_port, kept_secret(parts.folder / "administrator.key")
    )
    passwords = {"airflow": secrets["metadata_password"], "cchc": secrets["marts_password"]}
    _postgres(parts, cluster, passwords)
    told = _stand_ins(parts, settings)
    environment = (
        airflow_environment(settings) | _databases(cluster, passwords, settings) | _keys(secrets, settings) | told
    )
    _airflow(parts, settings, environment)
    if with_superset:
        _superset(parts, settings, environment)
    _tell_what_is_up(parts, settings)


def _postgres(parts: Parts, cluster: Cluster, passwords: dict[str, str]) -> None:
    cluster.make()
    part = parts.begin(
        "postgres",
        cluster.command,
        environment=process_environment(),
        user=cluster.user,
        stops_by=signal.SIGINT,  # sessions are broken off, nothing is lost
    )
    _wait(parts, [part], cluster.answers, START_SECONDS)
    cluster.make_owners(passwords)


def _stand_ins(parts: Parts, settings: Settings) -> dict[str, str]:
    """The stand-ins of doors without an address; the settings with which these are found."""
    doors = missing_doors(settings)
    if settings.stand_ins and settings.drops is None:
        copy_examples(settings)
    if not doors:
        return {}
    ready = parts.folder / "stand-ins.ready"
    ready.unlink(missing_ok=True)
    ports = {"inbox": settings.mail_port} if "smtp" in doors else {}
    part = parts.begin("stand-ins", stand_in_command(settings, doors, ports, ready), environment=process_environment())
    _wait(parts, [part], ready.exists, START_SECONDS)
    return told_by_stand_ins(settings, doors, json.loads(ready.read_text(encoding="utf-8")))


def _airflow(parts: Parts, settings: Settings, environment: dict[str, str]) -> None:
    with running(standalone.PREPARE, environment=environment, log=parts.log("airflow-metadata")) as preparing:
        if preparing.wait() != 0:
            raise UpError(f"Airflow's metadata could not be laid out; see {parts.log('airflow-metadata')}")
    commands: dict[str, tuple[str, ...]] = {part[0]: part for part in standalone.PARTS}
    if environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor":
        worker = ("celery", "worker", "--skip-serve-logs", "--celery-hostname")
        commands |= {name: (*worker, f"{name}@%h") for name in (f"worker-{number + 1}" for number in range(WORKERS))}
    begun = [
        parts.begin(f"airflow-{name}", [sys.executable, "-m", "airflow", *words], environment=environment)
        for name, words in commands.items()
    ]
    _wait(parts, begun, lambda: standalone.is_healthy(settings), START_SECONDS)


def _superset(parts: Parts, settings: Settings, environment: dict[str, str]) -> None:
    if not (ROOT / ".venv-superset" / "ready").exists():
        raise UpError("Superset's environment is not there: make up installs it, cchc up --no-superset goes without")
    part = parts.begin(
        "superset", [sys.executable, "-m", "dashboards.start"], environment=environment, stops_by=signal.SIGTERM
    )
    _wait(parts, [part], lambda: answers(f"http://127.0.0.1:{settings.superset_port}/health"), SUPERSET_SECONDS)


def _wait(parts: Parts, begun: list[Part], is_there: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_there():
        ended = [part for part in begun if not part.is_alive]
        if ended or time.monotonic() > deadline:
            names = ", ".join(f"{part.name} (see {parts.log(part.name)})" for part in ended or begun)
            raise UpError(f"{'ended by itself' if ended else f'no answer within {seconds:.0f} s'}: {names}")
        time.sleep(POLL_SECONDS)


def _end(parts: Parts) -> None:
    found = list(reversed(parts.all()))
    alive = {part.name for part in found if part.is_alive}
    for part in found:
        if not part.stops_by:  # what others need ends after them, and by itself
            parts.ask(part)
    for part in found:
        parts.end(part)
        print(f"stopped {part.name}" + ("" if part.name in alive else " (it had ended by itself)"), flush=True)


def _tell_what_is_up(parts: Parts, settings: Settings) -> int:
    """Where everything is, and how to log in; 1 where a part has ended since."""
    names = {part.name: part.is_alive for part in parts.all()}
    for name in (name for name, is_alive in names.items() if not is_alive):
        print(f"{name} ended by itself; see {parts.log(name)}, then make down and make up", file=sys.stderr)
    print(f"Airflow     http://127.0.0.1:{settings.airflow_port}/dags/{DAG_ID}")
    print(f"            user {standalone.USER}, password {standalone.password(settings)}")
    if "superset" in names:
        print(f"Superset    http://127.0.0.1:{settings.superset_port}/dashboard/list/")
        print(f"            user admin, password in {settings.superset_path / 'admin_password'}")
    print(f"PostgreSQL  127.0.0.1:{settings.marts_port}, databases airflow and cchc; passwords in secrets/")
    if "stand-ins" in names:
        told = json.loads((parts.folder / "stand-ins.ready").read_text(encoding="utf-8"))
        print("Stand-ins   " + ", ".join(told[f"{door}_url"] for door in ("portal", "edoc") if told[f"{door}_url"]))
        print(f"Mails       {told['inbox_url']}")
    print(f"Logs        {parts.folder}; make down stops everything", flush=True)
    return 0 if all(names.values()) else 1


def _secrets() -> dict[str, str]:
    """What the containers are given as files, made where it is not there yet."""
    folder = Path("secrets").resolve()
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make-secrets"), str(folder)], check=True)  # noqa: S603
    return {path.name: path.read_text(encoding="utf-8").strip() for path in folder.iterdir() if path.is_file()}


def _with_given(settings: Settings, secrets: dict[str, str]) -> Settings:
    """The settings with what only ``secrets/`` says. A key of pseudonyms that nights here used already stays theirs."""
    found = {}
    for name in _GIVEN:
        value = secrets.get(f"cchc_{name}", "")
        is_other = (name == "smtp_url" and value.startswith(_CATCHER)) or (
            name == "pseudonym_key" and (settings.landing_path / "pseudonym.key").exists()
        )
        if value and not is_other and not getattr(settings, name).get_secret_value():
            found[name] = SecretStr(value)
    return settings.model_copy(update=found)


def _keys(secrets: dict[str, str], settings: Settings) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__FERNET_KEY": secrets["airflow_fernet_key"],
        "AIRFLOW__API__SECRET_KEY": secrets["airflow_secret_key"],
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets["airflow_jwt_secret"],
        **{f"CCHC_{name.upper()}": value for name in _GIVEN if (value := getattr(settings, name).get_secret_value())},
    }


def _databases(cluster: Cluster, passwords: dict[str, str], settings: Settings) -> dict[str, str]:
    metadata = cluster.address("airflow", passwords["airflow"], driver="+psycopg")
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadata,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{metadata}",
        "CCHC_PUBLISH_POSTGRES": settings.publish_postgres.get_secret_value()
        or cluster.address("cchc", passwords["cchc"]),
    }


def _ports(settings: Settings, *, with_superset: bool) -> list[tuple[int, str]]:
    found = [(settings.airflow_port, "CCHC_AIRFLOW_PORT"), (settings.marts_port, "CCHC_MARTS_PORT")]
    if "smtp" in missing_doors(settings):
        found.append((settings.mail_port, "CCHC_MAIL_PORT"))
    return [*found, (settings.superset_port, "CCHC_SUPERSET_PORT")] if with_superset else found


@contextmanager
def _alone(settings: Settings) -> Iterator[Parts]:
    """The parts of this home, while nobody else starts or stops any."""
    folder = settings.home_path / "up"
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Parts(folder)
