"""Look the project over from outside: secrets in the repository, known vulnerabilities of locked packages, a bill of materials.

Run by `make audit` in an environment of its own. Fails on a secret that scripts/known-secrets.json does not name (all in it are
made up, for tests and docs) and on a package with a known vulnerability; packages that the advisory database could not be asked
about are counted. The bill of materials is data/sbom.json (CycloneDX).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
KNOWN = ROOT / "scripts" / "known-secrets.json"
LOCKS = ("requirements/lock.txt", "requirements/bootstrap.txt", "requirements/superset.txt", "requirements/spark.txt")
MOST_SECONDS = 120


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="write down every secret found now as a made-up one")
    if parser.parse_args().accept:
        KNOWN.write_text(json.dumps(sorted(secrets()), indent=0) + "\n", encoding="utf-8")
        return 0
    is_sound = [check_secrets(), check_packages(), write_bill()]
    return 0 if all(is_sound) else 1


def secrets() -> dict[str, str]:
    """What looks like a secret in the files that git knows: "file hash of the secret", and where it stands."""
    found = json.loads(
        run(str(BIN / "detect-secrets"), "scan", "--exclude-files", r"(^|/)requirements.*\.txt$|^scripts/known-")
    )
    return {
        f"{path} {secret['hashed_secret']}": f"{path}:{secret['line_number']}: {secret['type']}"
        for path, told in found["results"].items()
        for secret in told
    }


def check_secrets() -> bool:
    known = set(json.loads(KNOWN.read_text(encoding="utf-8")))
    found = secrets()
    fresh = [place for key, place in found.items() if key not in known]
    for place in fresh:
        print(f"secret?  {place}")
    print(f"secrets: {len(found)} that are made up, {len(fresh)} that nobody has looked at")
    return not fresh


def check_packages() -> bool:
    """A database that can't be reached is told and fails nothing: it says nothing about the packages."""
    audited, unknown, bad = 0, 0, []
    for lock in LOCKS:
        for package in look_up(lock):
            audited += "skip_reason" not in package
            unknown += "skip_reason" in package
            bad += [(package, fault) for fault in package.get("vulns", ())]
    for package, fault in bad:
        print(
            f"vulnerable  {package['name']} {package['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions'])}"
        )
    print(
        f"packages: {audited} looked up, {len(bad)} known vulnerabilities; {unknown} that the database could not be asked about"
    )
    return not bad


def look_up(lock: str) -> list[dict[str, Any]]:
    asked = ("-r", lock, "--require-hashes", "--disable-pip", "-f", "json", "--progress-spinner=off", "--timeout=5")
    try:
        done = subprocess.run(  # noqa: S603 - our own tools
            (str(BIN / "pip-audit"), *asked),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=MOST_SECONDS,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        print(f"{lock}: the database of vulnerabilities can't be reached ({type(error).__name__})")
        names = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if "==" in line]
        return [{"name": name, "skip_reason": "not reached"} for name in names]
    return found


def write_bill() -> bool:
    path = ROOT / "data" / "sbom.json"
    path.parent.mkdir(exist_ok=True)
    run(
        str(BIN / "cyclonedx-py"),
        "environment",
        ".venv/bin/python",
        "--of",
        "JSON",
        "--output-reproducible",
        "-o",
        str(path),
    )
    bill: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    with_licence = sum(1 for part in bill["components"] if part.get("licenses"))
    print(
        f"bill of materials: {path.relative_to(ROOT)}, {len(bill['components'])} packages, {with_licence} with their licence"
    )
    return bool(bill["components"])


def run(*command: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own tools
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or (done.returncode and not done.stdout):
        sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
