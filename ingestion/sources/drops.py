"""The drops folder: files that people copy in. Each is landed, then taken out of the inbox; what can't be read goes back.

A file may lie in a subfolder named by agency code. Office lock files, hidden and half-copied files stay until they are
still. Links are never followed.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits
from ingestion.forms.containers.names import safe_path
from ingestion.landing import Landing
from ingestion.sources.result import PullResult

SOURCE = "drop"
STILL_FOR_SECONDS = 2.0
_UNFINISHED = (".part", ".partial", ".crdownload", ".tmp", ".download", ".filepart")


def collect(
    landing: Landing,
    *,
    inbox: Path,
    refused: Path,
    night: date,
    now: Callable[[], datetime],
    still_for: float = STILL_FOR_SECONDS,
    limits: Limits = DEFAULT_LIMITS,
) -> PullResult:
    """Land every file of ``inbox`` and take it out; what can't be landed moves to ``refused`` with its reason.

    Files that changed within the last ``still_for`` seconds are looked at once more after that time and left for the next
    night while they still grow. The bytes stay in the landing zone under their hash, so nothing is lost by taking them out.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    candidates = sorted(path for path in inbox.rglob("*") if path.is_symlink() or not path.is_dir())
    ready, waiting = _still(candidates, still_for)
    landed = unchanged = problems = 0

    def record(locator: str, result: str, reason: str = "", sha256: str | None = None) -> None:
        landing.record(
            night_on=night,
            now=now(),
            source=SOURCE,
            step="land",
            locator=locator,
            result=result,  # type: ignore[arg-type]
            reason=reason,
            item_count=1,
            sha256=sha256,
        )

    for path in waiting:
        record(_locator(path, inbox), "skipped", "tệp còn đang được chép hoặc đang mở; để lại đêm sau")
    for path in ready:
        locator = _locator(path, inbox)
        try:
            reason = _refusal(path, limits.most_bytes)
            content = b"" if reason else _read(path, limits.most_bytes)
            if reason:
                give_back(path, refused / locator, reason)
        except FileNotFoundError:
            continue  # taken away meanwhile by the one who put it there
        except OSError as error:
            problems += 1
            record(locator, "failed", f"không đọc được tệp: {error.strerror}")
            continue
        if reason:
            problems += 1
            record(locator, "refused", reason)
            continue
        with landing.transaction():
            row, is_new = landing.land(
                content, source=SOURCE, kind="drop_file", locator=locator, night_on=night, now=now()
            )
            record(
                locator,
                "ok" if is_new else "unchanged",
                "" if is_new else f"trùng từng byte với tệp «{row.locator}» đã nhận đêm {row.night_on:%d/%m/%Y}",
                row.sha256,
            )
        path.unlink(missing_ok=True)
        landed += is_new
        unchanged += not is_new
    return PullResult(landed_count=landed, unchanged_count=unchanged, item_count=landed, problem_count=problems)


def _locator(path: Path, inbox: Path) -> str:
    """The path below the inbox, fit to be shown and stored: a name may hold control characters, or bytes that are no text."""
    return safe_path(path.relative_to(inbox).as_posix()) or "tệp không tên"


def _read(path: Path, most_bytes: int) -> bytes:
    """The bytes of an ordinary file, never more than may be: it may have been exchanged since it was looked at."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "không phải tệp thường")
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, "tệp lớn lên trong khi đọc")
    return content


def give_back(path: Path, target: Path, reason: str) -> None:
    """Move a file that can't be read to ``target``, beside a text that says why, for its sender."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target = _free_name(target)
    if path.is_symlink() or path.is_file():
        shutil.move(path, target)
    else:
        path.unlink()  # a pipe or a socket: there is nothing in it to give back
    explain(target, reason)


def return_refused(target: Path, content: bytes, reason: str) -> None:
    """Put a landed file that holds no form back at ``target``, beside its reason; the same file again keeps one copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not (target.is_file() and target.read_bytes() == content):
        target = _free_name(target)
        target.write_bytes(content)
    explain(target, reason)


def explain(target: Path, reason: str) -> None:
    """Write the reason beside a returned file: ``<name>.ly-do.txt``."""
    text = f"Tệp «{target.name}» không được nhận.\nLý do: {reason}.\nXin sửa rồi chép lại vào thư mục nhận.\n"
    target.with_name(f"{target.name}.ly-do.txt").write_text(text, encoding="utf-8")


def _free_name(target: Path) -> Path:
    """The name itself, or with a number behind it where an earlier file has it."""
    name, number = target, 1
    while name.exists() or name.is_symlink():
        number += 1
        name = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return name


def _refusal(path: Path, most_bytes: int) -> str:
    if path.is_symlink():
        return "tệp là liên kết (symlink), không được mở"
    if not path.is_file():
        return "không phải tệp thường"
    size = path.stat().st_size
    if size > most_bytes:
        return f"tệp quá lớn ({size // 2**20} MB, nhiều nhất {most_bytes // 2**20} MB)"
    if size == 0:
        return "tệp rỗng"
    return ""


def _still(paths: list[Path], still_for: float) -> tuple[list[Path], list[Path]]:
    """(files that are ready, files that are still being written or open)."""
    visible = [path for path in paths if not path.name.startswith(".")]
    waiting = [path for path in visible if path.name.startswith("~$") or path.name.lower().endswith(_UNFINISHED)]
    ready = [path for path in visible if path not in waiting]
    before = {path: _mark(path) for path in ready}
    if any(time.time() - changed_at < still_for for _, changed_at in before.values()):
        time.sleep(still_for)
    gone = [path for path in ready if _mark(path)[0] < 0]
    growing = [path for path in ready if path not in gone and _mark(path) != before[path]]
    return [path for path in ready if path not in gone and path not in growing], [*waiting, *growing]


def _mark(path: Path) -> tuple[int, float]:
    """Size and time of the last change; (-1, 0) for a file that was taken away meanwhile."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return -1, 0.0
    return state.st_size, state.st_mtime
