"""``make airflow``: Airflow's page, scheduler and workers on this machine, with the DAG in them, until Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack

from cchc.airflow_home import DAG_ID, airflow_environment
from cchc.doors import StandInError, missing_doors, stand_ins
from cchc.loopback import is_taken
from cchc.nightly import copy_examples
from cchc.processes import running
from cchc.settings import Settings

START_SECONDS = 180.0
USER = "admin"
PREPARE = (sys.executable, "-c", "from cchc.run_dag import prepare_metadata; prepare_metadata()")
#: What `airflow standalone` starts, but without the servers of log files, which would listen on every address.
PARTS = (
    ("api-server",),
    ("scheduler", "--skip-serve-logs"),
    ("dag-processor",),
    ("triggerer", "--skip-serve-logs"),
)
WATCHED = ("metadatabase", "scheduler", "dag_processor", "triggerer")


def stay(settings: Settings) -> int:
    """Start Airflow (and the stand-ins of doors without an address), print URL and login, stay; 1 when it did not start."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if is_taken(settings.airflow_port):
        print(f"port {settings.airflow_port} is taken; set CCHC_AIRFLOW_PORT to another", file=sys.stderr)
        return 1
    log = settings.airflow_path / "logs" / "standalone.log"
    doors = missing_doors(settings)
    try:
        with ExitStack() as stack:
            opened = stack.enter_context(stand_ins(settings, doors)) if doors else None
            if settings.stand_ins and settings.drops is None:
                copy_examples(settings)
            told = opened.wait() if opened else {}
            environment = airflow_environment(settings) | told
            with running(PREPARE, environment=environment, log=log) as preparing:
                is_prepared = preparing.wait() == 0
            parts = [
                stack.enter_context(running([sys.executable, "-m", "airflow", *part], environment=environment, log=log))
                for part in (PARTS if is_prepared else ())
            ]
            url = f"http://127.0.0.1:{settings.airflow_port}"
            if not parts or not _get_healthy(parts, settings):
                print(f"Airflow did not start; see {log}", file=sys.stderr)
                return 1
            print(f"Airflow is at {url}/dags/{DAG_ID}")
            print(f"  user {USER}, password {password(settings)}")
            print(f"  log {log}; Ctrl-C stops everything", flush=True)
            while all(part.poll() is None for part in parts):
                time.sleep(0.5)
            print(f"a part of Airflow ended by itself; see {log}", file=sys.stderr)
            return 1
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 0


def _get_healthy(parts: Sequence[subprocess.Popen[bytes]], settings: Settings) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(part.poll() is None for part in parts):
        if is_healthy(settings):
            return True
        time.sleep(0.5)
    return False


def is_healthy(settings: Settings) -> bool:
    """Whether the page answers and says that scheduler, DAG processor and triggerer live."""
    url = f"http://127.0.0.1:{settings.airflow_port}/api/v2/monitor/health"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            health = json.load(answer)
    except (urllib.error.URLError, OSError):
        return False
    return all((health.get(name) or {}).get("status") == "healthy" for name in WATCHED)


def password(settings: Settings) -> str:
    """What Airflow's simple login made for the user, on its first start."""
    path = settings.airflow_path / "simple_auth_manager_passwords.json.generated"
    return str(json.loads(path.read_text(encoding="utf-8"))[USER])
