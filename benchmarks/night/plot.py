"""The measured scaling as a picture: ``python plot.py scaling.json scaling.png``, in ``.venv-bench-plots``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main(told: Path, picture: Path) -> None:
    measured = json.loads(told.read_text(encoding="utf-8"))
    figure, axes = pyplot.subplots(2, len(measured), figsize=(3.1 * len(measured), 5.6), squeeze=False)
    for column, (name, points) in enumerate(measured.items()):
        factors = sorted(map(int, points))
        for row, unit in enumerate(("CPU seconds", "peak memory, MB")):
            values = [points[str(factor)][row] for factor in factors]
            one = axes[row][column]
            one.plot(factors, values, marker="o", color="#1f5a8a", label="measured")
            # From the smallest on: as if all of it grew with the factor.
            one.plot(
                factors,
                [values[0] * factor / factors[0] for factor in factors],
                ls="--",
                color="#999999",
                label="linear",
            )
            one.set_xscale("log", base=2)
            one.set_yscale("log")
            one.set_xticks(factors, [f"{factor} x" for factor in factors])
            one.minorticks_off()
            one.set_yticks([])
            for factor, value in zip(factors, values, strict=True):
                text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
                one.annotate(text, (factor, value), xytext=(0, 7), textcoords="offset points", ha="center")
            one.margins(x=0.15, y=0.12)
            one.grid(visible=True, color="#eeeeee")
            if row == 0:
                one.set_title(name)
            if column == 0:
                one.set_ylabel(unit)
    axes[0][0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
