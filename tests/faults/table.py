"""The table of faults as Markdown, from what pytest wrote: ``python -m tests.faults.table A.xml B.xml`` (``--junitxml``)."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

#: The folder of a test, as its name is cut short by who told of it.
FOLDER = re.compile(r"/tmp/pytest-[^ ;'\"]*")  # noqa: S108


def rows(path: Path) -> list[tuple[str, str, str]]:
    """Fault, expected, seen of each test that passed; a test that failed tells so in place of what was seen."""
    found = []
    for case in ElementTree.parse(path).iter("testcase"):  # noqa: S314 - our own file
        told = [ast.literal_eval(entry.attrib["value"]) for entry in case.iter("property")]
        if case.find("failure") is not None or case.find("error") is not None:
            found.append((case.attrib["name"], "", "**failed**"))
        elif case.find("skipped") is not None:
            found.append((case.attrib["name"], "", "skipped"))
        else:
            found += told
    return found


def _cell(text: str) -> str:
    return FOLDER.sub("…", " ".join(text.split())).replace("|", "\\|")


if __name__ == "__main__":
    print("| fault | expected | seen |\n| --- | --- | --- |")
    for name in sys.argv[1:]:
        for row in rows(Path(name)):
            print("| " + " | ".join(_cell(text) for text in row) + " |")
