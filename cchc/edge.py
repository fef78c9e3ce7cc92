"""What commands share: the language they are asked for, the settings they can't do without, and how they end early."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, NoReturn

if TYPE_CHECKING:
    from cchc.settings import Settings

Language = Literal["vi", "en"]


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
