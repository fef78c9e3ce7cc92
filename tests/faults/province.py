"""A province's home and its nights, each a process that can be killed; and what must be the same after a fault."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from cchc.settings import ROOT
from cchc.steps import RunRecord
from stand_ins.serve import StandIns

NIGHT = "2021-12-20"
CLOCK = "2021-12-20T01:30:00+07:00"
#: Tells of fetches and loads as they happened, which a second attempt adds to.
OF_THE_ATTEMPT = {"fct_outcome", "dim_source"}


@dataclass(frozen=True)
class Home:
    """A ``CCHC_HOME`` and the settings of its nights."""

    path: Path
    settings: dict[str, str] = field(default_factory=dict)

    def fed_by(self, sources: StandIns) -> Home:
        return replace(
            self,
            settings=self.settings
            | {
                "CCHC_PORTAL_URL": sources.portal_url,
                "CCHC_EDOC_URL": sources.edoc_url,
                "CCHC_CLIENT_ID": sources.client_id,
                "CCHC_CLIENT_SECRET": sources.client_secret,
            }
            | ({"CCHC_SMTP_URL": sources.smtp_url} if sources.smtp_url else {}),
        )

    def with_settings(self, **settings: str) -> Home:
        return replace(self, settings=self.settings | settings)

    def copied(self, target: Path) -> Home:
        shutil.copytree(self.path, target, symlinks=True)
        return replace(self, path=target)

    @property
    def environment(self) -> dict[str, str]:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("CCHC_")}
        return (
            bare
            | {
                "CCHC_HOME": str(self.path),
                "CCHC_STAND_INS": "0",
                "CCHC_REPORT_TO": "cchc@example.vn",
                "CCHC_AGENCY_MAIL_DOMAIN": "example.vn",
                "CCHC_DATA_DOCS_URL": "https://cchc.example.vn/docs",  # a copied home is another path, which a mail would name
                "CCHC_PSEUDONYM_KEY": "the key of the tests",
                "PYTHONPATH": str(ROOT),
                **self.settings,
            }
        )

    def night(
        self, *words: str, on: str = NIGHT, record: str = "night", clock: str = CLOCK
    ) -> subprocess.CompletedProcess[str]:
        """Run a night's steps (``tests.faults.steps`` tells the words)."""
        return self._python("tests.faults.steps", on, record, clock, *words)

    def good_night(self, *words: str, on: str = NIGHT, record: str = "night", clock: str = CLOCK) -> None:
        done = self.night(*words, on=on, record=record, clock=clock)
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]

    def killed_night(self, step: str, when: str, *words: str) -> None:
        done = self.night("--kill", step, when, *words)
        assert done.returncode == -signal.SIGKILL, done.stdout[-1000:] + done.stderr[-3000:]

    def cchc(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._python("cchc.main", *words)

    def steps(self, record: str = "night") -> dict[str, Any]:
        return dict(RunRecord(self.path / "airflow" / "steps", record).steps())

    def marts(self) -> dict[str, int]:
        """Of every published table a hash of its rows, whatever their order; without what tells of attempts."""
        published = self.path / "published" / "cchc.duckdb"
        with duckdb.connect(str(published), read_only=True) as connection:
            tables = connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'mart' order by 1"
            ).fetchall()
            return {
                table: connection.execute(
                    f'select coalesce(sum(hash(t::varchar)), 0)::hugeint from mart."{table}" as t'
                ).fetchall()[0][0]
                for (table,) in tables
                if table not in OF_THE_ATTEMPT
            }

    def _python(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        self.path.mkdir(parents=True, exist_ok=True)
        return subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", module, *words],
            env=self.environment,
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )


def told(mails: list[Path]) -> Counter[tuple[str, str]]:
    """How often each recipient was told under each subject."""
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in mails]
    return Counter((str(mail["To"]), str(mail["Subject"])) for mail in read)


def figures(home: Path) -> set[tuple[Any, Any]]:
    """The figures that hold in what a home published, by what they are about."""
    with duckdb.connect(str(home / "published" / "cchc.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select agency_code, period_code, indicator_code, value from mart.fct_indicator_value where is_current"
        ).fetchall()
    return {(row[:3], row[3]) for row in rows}
