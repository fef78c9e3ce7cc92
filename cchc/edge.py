"""How a command ends early: the settings it can't do without, and a reason with an exit status."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from cchc.settings import Settings


def settings_or_stop() -> Settings:
    """The settings; where one is wrong the process ends with status 2 and its name."""
    from cchc.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        stop(str(error), 2)


def stop(reason: str, status: int) -> NoReturn:
    """End with ``reason`` on the terminal's error channel."""
    sys.stderr.write(reason.rstrip() + "\n")
    raise SystemExit(status)
