"""The settings, and what the night derives from them."""

from __future__ import annotations

import stat
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from cchc.access import edoc_access, portal_access
from cchc.airflow_home import airflow_environment
from cchc.doors import missing_doors
from cchc.night import night_of, pseudonym_key
from cchc.nightly import copy_examples
from cchc.settings import Settings, SettingsError, load_settings
from ingestion.forms.containers.limits import DEFAULT_LIMITS


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests."""
    import os

    for name in list(os.environ):
        if name.startswith("CCHC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_an_empty_line_of_env_is_a_setting_that_is_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CCHC_DROPS=\nCCHC_STAND_INS=\nPOSTGRES_PASSWORD=x\n")
    settings = load_settings()
    assert settings.drops_path == tmp_path / "data" / "drops" / "inbox"
    assert settings.stand_ins


def test_an_unknown_name_in_env_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CCHC_PORTAL_ULR=http://127.0.0.1:1\n")
    with pytest.raises(SettingsError, match="CCHC_PORTAL_ULR"):
        load_settings()


def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_AIRFLOW_PORT", "no port")
    with pytest.raises(SettingsError, match="airflow_port"):
        load_settings()


def test_the_environment_wins_over_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CCHC_PORTAL_URL=http://a\n")
    monkeypatch.setenv("CCHC_PORTAL_URL", "http://b")
    assert load_settings().portal_url == "http://b"


def test_every_limit_of_reading_a_file_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in Settings.model_fields if name.startswith("file_most_")]
    assert len(names) == len(fields(DEFAULT_LIMITS))
    assert Settings().limits == DEFAULT_LIMITS
    for name in names:
        monkeypatch.setenv(f"CCHC_{name.upper()}", "3" if name == "file_most_nesting" else "77")
    set_now = load_settings().limits
    assert all(getattr(set_now, field.name) != getattr(DEFAULT_LIMITS, field.name) for field in fields(DEFAULT_LIMITS))
    assert (set_now.most_bytes, set_now.most_rows, set_now.most_seconds) == (77 * 2**20, 77, 77.0)


def test_the_limit_of_a_file_is_also_that_of_an_answer() -> None:
    settings = Settings(portal_url="http://a", edoc_url="http://b", file_most_megabytes=3)
    assert [access(settings).limits for access in (portal_access, edoc_access)] == [settings.limits] * 2


def test_a_stand_in_is_missing_only_where_a_door_has_no_address() -> None:
    assert missing_doors(Settings()) == ["portal", "edoc", "smtp"]
    assert missing_doors(Settings(portal_url="http://a", smtp_url="smtp://b")) == ["edoc"]
    assert missing_doors(Settings(stand_ins=False)) == []


def test_a_door_with_a_client_of_its_own_is_asked_under_that() -> None:
    settings = Settings(client_id="shared", client_secret="s", edoc_client_id="own", edoc_client_secret="e")
    assert settings.portal_client == ("shared", "s")
    assert settings.edoc_client == ("own", "e")


def test_the_pseudonym_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    key = pseudonym_key(settings)
    assert len(key) == 32
    assert pseudonym_key(settings) == key
    path = tmp_path / "landing" / "pseudonym.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pseudonym_key(Settings(home=tmp_path, pseudonym_key="given")) != key


def test_examples_are_copied_into_the_inbox_once_under_their_agency(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    copy_examples(settings)
    copied = sorted(settings.drops_path.glob("H51.03/*"))
    assert "report_5686_BC-STC_2021_scan.txt" in [path.name for path in copied]
    for path in copied:
        path.unlink()
    copy_examples(settings)
    assert not list(settings.drops_path.glob("*/*"))


@pytest.mark.parametrize(
    ("context", "night"),
    [
        ({"data_interval_end": datetime.fromisoformat("2021-12-19T18:00:00+00:00")}, date(2021, 12, 20)),
        (
            {
                "params": {"night": "2021-03-05"},
                "data_interval_end": datetime.fromisoformat("2021-12-19T18:00:00+00:00"),
            },
            date(2021, 3, 5),
        ),
        (
            {
                "data_interval_end": None,
                "dag_run": SimpleNamespace(run_after=datetime.fromisoformat("2021-12-19T17:30:00+00:00")),
            },
            date(2021, 12, 20),
        ),
    ],
)
def test_the_night_is_the_local_date_of_the_intervals_end_unless_another_is_asked_for(
    context: dict[str, object], night: date
) -> None:
    assert night_of(context) == night


def test_airflow_is_told_to_stay_at_home_on_loopback_and_to_report_nothing(tmp_path: Path) -> None:
    environment = airflow_environment(Settings(home=tmp_path))
    assert environment["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert (
        environment["AIRFLOW__API_AUTH__JWT_SECRET"]
        == airflow_environment(Settings(home=tmp_path))["AIRFLOW__API_AUTH__JWT_SECRET"]
    )


def test_secrets_are_read_from_files_of_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docker-compose.yml mounts them; an empty one is not set, and the environment wins."""
    monkeypatch.setattr("cchc.settings.SECRETS", tmp_path)
    for name, text in (("client_secret", "of a file\n"), ("smtp_url", ""), ("publish_postgres", "postgresql://file")):
        (tmp_path / f"cchc_{name}").write_text(text)
    monkeypatch.setenv("CCHC_PUBLISH_POSTGRES", "postgresql://environment")
    settings = load_settings()
    assert settings.client_secret.get_secret_value() == "of a file"
    assert settings.smtp_url.get_secret_value() == ""
    assert settings.publish_postgres.get_secret_value() == "postgresql://environment"
