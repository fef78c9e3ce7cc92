"""A log-in to the dashboards: ``python -m dashboards.login thongke`` sees every row, ``--agency H51.03`` the agency's own and the
province's. The password is printed once; the same name again gets a new one."""

from __future__ import annotations

import argparse
import re
import secrets
import subprocess
import sys

import duckdb

from cchc.settings import Settings, SettingsError, load_settings
from dashboards.start import BIN, HERE, USER, SupersetError, superset_environment


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.login", description=__doc__)
    parser.add_argument("name", help="small letters, digits and _")
    parser.add_argument("--agency", default="", help="code of the agency whose rows alone are shown")
    given = parser.parse_args()
    try:
        password = make_login(load_settings(), given.name, given.agency)
    except (SettingsError, SupersetError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"user {given.name}, password {password}")
    return 0


def make_login(settings: Settings, name: str, agency_code: str = "") -> str:
    """Make the user or give it a new password, which is returned. Raises ``SupersetError``."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name) or name == USER:
        raise SupersetError(f"{name!r} is no name for a log-in: small letters, digits and _ (at most 63), not {USER}")
    if not (settings.superset_path / "superset.db").exists():
        raise SupersetError("Superset has not been started yet: run make superset first")
    if agency_code:
        with duckdb.connect(str(settings.published_path), read_only=True) as connection:
            known = connection.execute("select 1 from mart.dim_agency where agency_code = ?", [agency_code]).fetchall()
        if not known:
            raise SupersetError(f"the marts know no agency {agency_code!r}")
    password = secrets.token_urlsafe(18)
    done = subprocess.run(  # noqa: S603
        [BIN / "python", HERE / "set_user.py", name, agency_code],
        input=password + "\n",
        env=superset_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SupersetError(f"no log-in was made: {done.stderr.strip().rpartition(chr(10))[2]}")
    return password


if __name__ == "__main__":
    sys.exit(main())
