"""kill -9 at every step of the night: run again, it ends where an undisturbed night ends, and tells each thing once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cchc.night import BODIES
from cchc.steps import DOORS
from tests.faults.conftest import Calm, Serve
from tests.faults.province import Home, told

MOMENTS = {"as it begins": 0.0, "in the middle": 0.5, "done, not written down": 1.0}
SLICES = {"build": (0.2, 0.4, 0.6, 0.8), "report": (0.2, 0.4, 0.6, 0.8, 0.9), "publish": (0.25, 0.75)}
POINTS = [(step, name, share) for step in BODIES for name, share in MOMENTS.items()] + [
    (step, f"after {share:.0%} of it", share) for step, shares in SLICES.items() for share in shares
]


@pytest.mark.parametrize(("step", "name", "share"), POINTS, ids=lambda value: str(value).replace(" ", "_"))
def test_a_killed_night_ends_as_if_it_had_not_been(
    step: str, name: str, share: float, calm: Calm, serve: Serve, fault: Callable[..., None], tmp_path: Path
) -> None:
    sources = serve() if step in DOORS else serve("smtp")
    if step in DOORS:
        home = Home(tmp_path / "home").fed_by(sources)
        begin: tuple[str, ...] = ()
    else:
        home = replace(calm.home, path=calm.before / step).copied(tmp_path / "home")
        home = home.with_settings(CCHC_SMTP_URL=sources.smtp_url)
        begin = ("--begin", step)
    home.killed_night(step, "end" if share == 1 else f"{calm.seconds[step] * share:.3f}", *begin)
    home.good_night(record="again")
    marts = home.marts()
    assert [table for table in calm.marts if marts[table] != calm.marts[table]] == []
    # Before the last step everybody had been told already, by the undisturbed night's own server.
    expected = Counter() if step == "conclude" else calm.told
    assert told(sources.mails) == expected
    verified = home.cchc("verify")
    assert verified.returncode == 0, verified.stdout
    fault(
        f"kill -9 in {step}, {name}",
        "the next night publishes the same marts, mails each once",
        f"{len(marts)} tables equal, {sum(expected.values())} mails once, verify: sound",
    )
