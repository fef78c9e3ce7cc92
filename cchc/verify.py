"""``cchc verify``: whether what is kept still is what was kept."""

from __future__ import annotations

from collections.abc import Callable

from cchc.settings import Settings


def verify_all(settings: Settings, *, on_body: Callable[[], None] = lambda: None) -> tuple[list[str], dict[str, int]]:
    """One sentence for each flaw, and how many of what was looked at. A body that no row of the ledger names is none: a
    process that died between the two left it, and the same body lands again."""
    import duckdb

    from cchc.publication import verify_files
    from ingestion.inspection import inspect_landing, inspect_raw
    from ingestion.landing import Landing
    from publishing.manifest import read_manifest

    flaws: list[str] = []
    counts = {"landed bodies": 0}
    if (settings.landing_path / "ledger.sqlite").exists():
        with Landing(settings.landing_path) as landing:
            counts["landed bodies"] = len(landing.landed_after(0))
            found = [flaw for flaw in inspect_landing(landing, on_body=on_body) if not flaw.is_harmless]
            if settings.warehouse_path.exists():
                try:
                    found += inspect_raw(landing, settings.warehouse_path)
                except duckdb.Error as error:
                    flaws.append(f"warehouse: {str(error).splitlines()[0]}")
            flaws = [f"{flaw.kind}: {flaw.locator}: {flaw.reason}" for flaw in found] + flaws
    manifest = read_manifest(settings.published_path.parent)
    if manifest is not None:
        counts["published files"] = len(manifest.files)
        flaws += [f"published: {flaw}" for flaw in verify_files(settings)]
    return flaws, counts
