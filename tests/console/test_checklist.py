"""Each line of the table in this folder's README names tests, pictures and commands that are there."""

import re
from pathlib import Path

from django.core.management import get_commands

from tests.console.audit.screenshots import ALONE, OF_A_CONVERSATION

HERE = Path(__file__).parent
LINE = re.compile(r"^\| (\d+) \| .* \| (.*) \|$", re.MULTILINE)
LINES = 19


def read_lines() -> dict[int, str]:
    return {int(number): held for number, held in LINE.findall((HERE / "README.md").read_text())}


def test_every_line_names_what_holds_it() -> None:
    lines = read_lines()

    assert list(lines) == list(range(1, LINES + 1))
    assert all("::test_" in held for held in lines.values())


def test_whatever_is_named_is_there() -> None:
    named = [name for held in read_lines().values() for name in re.findall(r"`([^`]+)`", held)]
    tests = {name for name in named if "::" in name}
    pictures = {name for name in named if name in ALONE or name in OF_A_CONVERSATION}
    commands = {name for name in named if name.partition(" ")[0] in get_commands()}

    assert set(named) == tests | pictures | commands
    missing = [name for name in tests if not is_there(*name.split("::"))]
    assert missing == []
    assert {"talk", "graph", "find"} <= pictures
    assert commands - pictures == {"evaluate console", "verify_audit"}


def is_there(file: str, test: str) -> bool:
    path = HERE / file
    return (
        path.is_file() and re.search(rf"^(async )?def {test}\(", path.read_text(), re.MULTILINE) is not None
    )
