"""Scanned pages to text, by tesseract with its Vietnamese letters where they are installed."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterator

import pypdfium2

from ingestion.forms.containers.limits import Limits, RefusedError, told

DOTS_PER_INCH = 200
LANGUAGE = "vie"
_NOT_INSTALLED = (
    "tệp là ảnh chụp, chưa nhận dạng được chữ (máy chủ chưa cài tesseract tiếng Việt); xin gửi tệp Excel hoặc Word"
)


def recognise(kind: str, content: bytes, limits: Limits) -> Iterator[str]:
    """The text of each page. Raises ``RefusedError``: no recogniser here, too many pages or points, a page too slow."""
    if not _is_installed():
        raise RefusedError(_NOT_INSTALLED)
    if kind == "picture":
        yield _recognised(_checked_picture(content, limits), limits)
        return
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise RefusedError(f"tệp PDF bị hỏng hoặc có mật khẩu ({told(error)})") from error
    if len(pdf) > limits.most_scanned_pages:
        raise RefusedError(f"tệp chụp có quá nhiều trang ({len(pdf)}, nhiều nhất {limits.most_scanned_pages})")
    for number in range(len(pdf)):
        try:
            yield _recognised(_picture_of(pdf[number], limits), limits)
        except pypdfium2.PdfiumError as error:
            raise RefusedError(f"trang {number + 1} của tệp PDF bị hỏng ({told(error)})") from error


@functools.cache
def _is_installed() -> bool:
    if shutil.which("tesseract") is None:
        return False
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, timeout=10, check=False)  # noqa: S607
    return LANGUAGE in listed.stdout.decode(errors="replace").split()


def _picture_of(page: pypdfium2.PdfPage, limits: Limits) -> bytes:
    """A page as grey points, in the plain form that every picture library reads (PGM)."""
    width, height = page.get_size()
    scale = DOTS_PER_INCH / 72
    if not (width > 0 and height > 0 and width * height * scale * scale <= limits.most_pixels):
        raise RefusedError(f"trang chụp quá lớn ({width / 72:.0f} × {height / 72:.0f} inch)")
    bitmap = page.render(scale=scale, grayscale=True)
    lines = memoryview(bitmap.buffer).cast("B")
    points = b"".join(lines[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height))
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + points


def _checked_picture(content: bytes, limits: Limits) -> bytes:
    width, height = _size(content)
    if width * height > limits.most_pixels:
        raise RefusedError(f"ảnh quá lớn ({width} × {height} điểm)")
    return content


def _size(content: bytes) -> tuple[int, int]:
    """Width and height as the picture says; raises ``RefusedError`` when it does not."""
    if content.startswith(b"\x89PNG") and content[12:16] == b"IHDR":
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    if content.startswith(b"\xff\xd8"):
        at = 2
        while at + 9 < len(content) and content[at] == 0xFF:
            if 0xC0 <= content[at + 1] <= 0xCF and content[at + 1] not in (0xC4, 0xC8, 0xCC):
                return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    elif content[:4] in (b"II*\0", b"MM\0*"):
        return _size_of_tiff(content, "little" if content.startswith(b"II") else "big")
    raise RefusedError("ảnh bị hỏng hoặc bị cắt cụt")


def _size_of_tiff(content: bytes, order: str) -> tuple[int, int]:
    def number(at: int, length: int) -> int:
        return int.from_bytes(content[at : at + length], order)  # type: ignore[arg-type]

    directory = number(4, 4)
    sizes = {}
    for index in range(min(number(directory, 2), 200)):
        entry = directory + 2 + 12 * index
        if number(entry, 2) in (256, 257):
            sizes[number(entry, 2)] = number(entry + 8, 2 if number(entry + 2, 2) == 3 else 4)
    if len(sizes) < 2:
        raise RefusedError("ảnh bị hỏng hoặc bị cắt cụt")
    return sizes[256], sizes[257]


def _recognised(picture: bytes, limits: Limits) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments; the picture goes in by the pipe
            ["tesseract", "stdin", "stdout", "-l", LANGUAGE, "--psm", "4", "--dpi", str(DOTS_PER_INCH)],  # noqa: S607
            input=picture,
            capture_output=True,
            timeout=limits.most_seconds - 0.3,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError(f"nhận dạng một trang quá lâu (hơn {limits.most_seconds:g} giây), đã dừng") from error
    if done.returncode != 0:
        raise RefusedError("ảnh bị hỏng, không nhận dạng được chữ")
    return done.stdout.decode(errors="replace")
