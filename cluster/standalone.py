"""A Spark standalone cluster of our own on loopback: one master, some workers, a secret that all of them share.

The wheel has no ``sbin``, so that master and workers are started as what they are, by ``spark-class``.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import ClusterError

HOST = "127.0.0.1"
START_SECONDS = 60.0
#: For processes of one core: a collector that holds no memory for its own threads.
SMALL = "-XX:+UseSerialGC"
#: ``running`` of the room that starts processes: command, environment and log to a process that is ended on the way out.
Running = Callable[..., AbstractContextManager["subprocess.Popen[bytes]"]]


@dataclass(frozen=True, slots=True)
class Size:
    """Of a cluster on one machine. Memory in megabytes; each worker has one executor."""

    workers: int = 2
    worker_cores: int = 1
    worker_megabytes: int = 1024
    driver_megabytes: int = 1024


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the master is, and the folder of Spark's settings that whoever talks to it needs (``SPARK_CONF_DIR``)."""

    master: str
    settings: Path


@contextmanager
def standalone(python: Path, folder: Path, size: Size, running: Running) -> Iterator[Cluster]:
    """A cluster that has all its workers. ``python`` is the interpreter of Spark's environment. Raises ``ClusterError``."""
    settings = _write_settings(folder / "conf", size)
    spark_class = python.parent / "spark-class"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")} | {
        "PATH": f"{python.parent}:{os.environ['PATH']}",  # spark-class looks for its jars by the python that it finds
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": "128m",
        "SPARK_DAEMON_JAVA_OPTS": SMALL,
        "SPARK_WORKER_DIR": str(folder / "work"),
    }

    def start(stack: ExitStack, name: str, kind: str, *arguments: str) -> _Started:
        log = folder / f"{name}.log"
        log.unlink(missing_ok=True)
        command = [str(spark_class), f"org.apache.spark.deploy.{kind}", "--host", HOST, "--webui-port", "0", *arguments]
        return _Started(stack.enter_context(running(command, environment=environment, log=log)), log)

    with ExitStack() as stack:
        process = start(stack, "master", "master.Master", "--port", "0")
        master = process.told(r"Starting Spark master at (spark://[0-9.:]+)")
        limits = ("--cores", str(size.worker_cores), "--memory", f"{size.worker_megabytes}m")
        numbers = range(1, size.workers + 1)
        for worker in [start(stack, f"worker-{number}", "worker.Worker", *limits, master) for number in numbers]:
            worker.told(r"(Successfully registered)")
        yield Cluster(master, settings)


def _write_settings(folder: Path, size: Size) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = {
        "spark.authenticate": "true",
        "spark.authenticate.secret": secrets.token_hex(32),
        "spark.master.rest.enabled": "false",  # a port of its own for other ways to submit
        "spark.log.level": "ERROR",  # of what dbt's session prints; the processes' logs stay as they are
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.driver.memory": f"{size.driver_megabytes}m",
        "spark.driver.extraJavaOptions": SMALL,
        "spark.executor.extraJavaOptions": SMALL,
        "spark.executor.memory": f"{size.worker_megabytes}m",
        "spark.sql.shuffle.partitions": size.workers * size.worker_cores,
    }
    path = folder / "spark-defaults.conf"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name} {value}\n" for name, value in lines.items()), encoding="utf-8")
    return folder


@dataclass(frozen=True, slots=True)
class _Started:
    process: subprocess.Popen[bytes]
    log: Path

    def told(self, pattern: str) -> str:
        """What the log says of ``pattern``'s group, once it does. Raises ``ClusterError`` with the log's end when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.search(pattern, self._said()):
                return found[1]
            time.sleep(0.1)
        raise ClusterError(f"Spark's {self.log.stem} did not start; {self.log} ends: {self._said()[-500:]}")

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")
