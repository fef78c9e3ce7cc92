"""Recognised text, made noisy by seed: nothing wrong goes unmarked, and nearly every legible figure is read."""

from __future__ import annotations

from ingestion.forms.plain import read_plain
from ingestion.reference import Catalogue
from tests.ingestion.forms.ocr_noise import scan_of

SEEDS = range(100, 108)
LEAST_SHARE_READ = 0.95


def test_no_figure_of_a_noisy_scan_is_wrong_without_a_mark_and_nearly_all_legible_ones_are_read(
    catalogue: Catalogue,
) -> None:
    unmarked, read, legible = [], 0, 0
    for seed in SEEDS:
        scan = scan_of(seed, catalogue)
        lines = {line.code: line for line in read_plain(scan.text, catalogue.rows).lines}
        for code, line in lines.items():
            said = scan.legible.get(code)
            if line.status == "reported" and line.value is not None and line.value != said:
                unmarked.append((seed, code, line.text, said))
        legible += len(scan.legible)
        read += sum(code in lines and lines[code].value == value for code, value in scan.legible.items())
    assert unmarked == []
    assert legible > 300
    assert read / legible >= LEAST_SHARE_READ, f"{read} of {legible}"
