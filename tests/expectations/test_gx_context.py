"""The file context of Great Expectations: what it keeps from night to night, and what it does not bring in."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from jinja2 import DictLoader

from expectations import gx_library
from expectations.gate import run_gate
from tests.expectations.gate_warehouses import ROOT, Planted, add_submissions, make_warehouse

CLEAN = {"III.6.1": 529, "III.6.2": 529}
NIGHTS = [date(2021, 12, day) for day in (20, 21, 22)]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The context's folder after three nights of which two are kept."""
    warehouse = make_warehouse(tmp_path_factory.mktemp("context") / "warehouse.duckdb", [])
    for number, night in enumerate(NIGHTS):
        with duckdb.connect(str(warehouse)) as connection:
            add_submissions(connection, [Planted(f"s{number}", CLEAN, agency_code=f"H51.0{number + 3}", night=night)])
        moment = datetime(night.year, night.month, night.day, 18, tzinfo=UTC)
        run_gate(
            warehouse, night=night, context_root=warehouse.parent / "gx", now=lambda at=moment: at, kept_runs=2
        )  # fmt: skip
    return warehouse.parent / "gx" / "gx"


def test_only_the_newest_runs_keep_their_results_and_pages(context: Path) -> None:
    files = context / "uncommitted"
    for folder, ending in ((files / "validations", "json"), (files / "data_docs/local_site/validations", "html")):
        for suite in ("structure", "rules"):
            kept = {path.relative_to(folder / suite).parts[0] for path in (folder / suite).rglob(f"*.{ending}")}
            assert kept == {f"night-{night}" for night in NIGHTS[1:]}, (folder, suite)


def test_suites_and_checkpoint_are_kept_and_the_first_page_names_both_suites(context: Path) -> None:
    assert sorted(path.stem for path in (context / "expectations").glob("*.json")) == ["rules", "structure"]
    assert [path.stem for path in (context / "checkpoints").rglob("*") if path.is_file()] == ["gate"]
    page = (context / "uncommitted/data_docs/local_site/index.html").read_text(encoding="utf-8")
    assert "rules" in page
    assert "structure" in page


def test_nothing_is_told_to_the_makers_of_the_library(context: Path) -> None:
    settings = (context / "great_expectations.yml").read_text(encoding="utf-8")
    assert "analytics_enabled: false" in settings


def test_what_the_gate_never_uses_is_not_run_until_it_is_asked_for() -> None:
    """scipy.stats and altair are a third of the library's memory, for one expectation that no suite has."""
    code = """
import sys
from expectations import gx_library
gx_library.load()
assert "great_expectations" in sys.modules
print([name for name in ("scipy.stats.distributions", "altair.vegalite") if name in sys.modules])
from scipy import stats
print(round(float(stats.norm.cdf(0)), 3), gx_library._Postponing in sys.meta_path)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines() == ["[]", "0.5 False"]


def test_a_template_is_compiled_once_for_all_pages() -> None:
    gx_library.load()
    from great_expectations.render.view import view

    kept = view.Environment.keywords["bytecode_cache"]
    kept._codes.clear()
    template = "{% if shown %}{{ shown }}{% endif %}"
    made = [view.Environment(loader=DictLoader({"page": template})).get_template("page") for _ in range(2)]
    assert [page.render(shown=number) for number, page in enumerate(made, start=1)] == ["1", "2"]
    assert len(kept._codes) == 1
    changed = view.Environment(loader=DictLoader({"page": "other"})).get_template("page")
    assert changed.render() == "other"


def test_the_pages_of_the_library_are_made_with_the_kept_templates(context: Path) -> None:
    """The cache replaces a name inside a module of the library's: a release that makes its pages by another name fails here."""
    gx_library.load()
    import great_expectations as gx
    from great_expectations.render.view import view

    kept = view.Environment.keywords["bytecode_cache"]
    kept._codes.clear()
    project = gx.get_context(mode="file", project_root_dir=context.parent)
    assert project.build_data_docs()
    compiled = dict(kept._codes)
    assert {"page.j2", "index_page.j2"} <= {Path(code.co_filename).name for code in compiled.values()}
    project.build_data_docs()
    assert {key: id(code) for key, code in kept._codes.items()} == {key: id(code) for key, code in compiled.items()}


def test_the_bench_of_the_gate_brings_in_nothing_that_the_gate_does_not() -> None:
    """What the bench imports counts as the gate's memory: the stand-ins that make its forms were 70 MB of it."""
    code = """
import sys
import benchmarks.bench_quality_runs
assert "expectations.gate" in sys.modules
print([name for name in ("stand_ins", "openpyxl", "pyarrow", "numpy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines() == ["[]"]
