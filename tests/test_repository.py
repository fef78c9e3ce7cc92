"""What must hold of the repository as a whole."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from cchc.settings import ROOT

#: Addresses of package indexes, or of one developer's machine; none may stand in a tracked file.
FOREIGN = re.compile(
    "python" + r"hosted\.org|//pypi" + r"\.org|registry\." + r"npmjs|deb\.debian" + r"\.org|(?<![\w.])/work" + "/"
)


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [name for name in listed.stdout.split("\0") if name]


def test_no_file_names_a_package_index_or_a_developers_machine() -> None:
    names = tracked()
    assert len(names) > 50
    found = []
    for name in names:
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}: {hit.group()}" for hit in FOREIGN.finditer(text)]
    assert found == []


def test_readme_fits_one_screen_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert len(links) >= 3
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("target", ["setup", "lint", ".venv-audit/ready"])
def test_make_works_in_a_folder_whose_name_has_a_space(tmp_path: Path, target: str) -> None:
    home = tmp_path / "kho số liệu"
    (home / ".venv" / "bin").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements"):
        (home / name).symlink_to(ROOT / name)
    asked = ["make", "--dry-run", "--always-make", target]
    told = subprocess.run(asked, cwd=home, capture_output=True, text=True, check=True).stdout  # noqa: S603
    words = [word for line in told.splitlines() for word in shlex.split(line)]
    assert len([word for word in words if str(home) in word]) > 0
    assert [word for word in words if "kho" in word and str(home) not in word] == []


def test_every_setting_is_described_and_every_described_one_exists() -> None:
    from cchc.settings import Settings

    described = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = {f"CCHC_{name.upper()}" for name in Settings.model_fields}
    told = set(re.findall(r"CCHC_[A-Z_]+[A-Z]", described + (ROOT / ".env.example").read_text(encoding="utf-8")))
    assert told - names == set()
    assert {name for name in names if name not in told and not name.endswith("_CLIENT_SECRET")} == set()


def test_the_command_line_says_what_it_can_do_without_loading_the_heavy_parts() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from cchc.main import app;"
        " result = CliRunner().invoke(app, ['--help']); assert result.exit_code == 0; print(result.output);"
        " print('HEAVY', [name for name in ('airflow', 'dbt', 'great_expectations', 'pandas', 'duckdb') if name in sys.modules])"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert "HEAVY []" in done.stdout
    for command in ("nightly", "read", "query", "status", "stand-ins"):
        assert command in done.stdout
    assert time.monotonic() - started < 10


def test_every_secret_of_the_compose_file_is_made(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make-secrets"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own script
    made = {path.name: path.read_text(encoding="ascii") for path in tmp_path.iterdir()}
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert {Path(secret["file"]).name for secret in compose["secrets"].values()} == set(made)
    assert made["metadata_password"] in made["airflow_database"]
    assert made["marts_password"] in made["cchc_publish_postgres"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - again: nothing is made anew
    assert {path.name: path.read_text(encoding="ascii") for path in tmp_path.iterdir()} == made


def test_containers_are_held_as_small_as_they_can_be() -> None:
    """Pinned images, no more rights than needed, watched, limited, and published on loopback alone."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    for name, service in compose["services"].items():
        assert re.search(r":v?\d+\.\d+", service["image"]), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service["logging"]["options"]["max-size"], name
        assert name == "init" or service["healthcheck"]["test"], name
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ())), name


def test_containers_and_processes_are_told_by_the_same_file() -> None:
    """What the compose file asks of its environment stands in .env.example, and nothing there means another thing natively."""
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked - offered == set()
    assert {name for name in asked if not name.startswith("CCHC_")} == {"AIRFLOW_EXECUTOR"}
