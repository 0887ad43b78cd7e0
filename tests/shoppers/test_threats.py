"""The threat model is one page, and every test that it says guards a boundary is there."""

import re
from pathlib import Path

from tests.running import ROOT

README = ROOT / "commerce_agent" / "shoppers" / "README.md"
MOST_LINES = 60
"""What one printed page holds."""


def list_rows() -> list[list[str]]:
    """The table's rows, cell by cell, without its head."""
    text = README.read_text()
    chapter = text[text.index("## Threats") : text.index("## Decisions")]
    assert len(chapter.splitlines()) <= MOST_LINES
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in chapter.splitlines()
        if line.startswith("| ")
    ]
    return rows[1:]


def list_guards(cell: str) -> list[Path]:
    """The files and folders named in a cell; a bare name stands beside the one before it."""
    found: list[Path] = []
    for name in re.findall(r"[\w/]*tests/[\w/.]+|test_\w+\.py", cell):
        found.append(ROOT / name if "/" in name else found[-1].parent / name)
    return found


def test_every_boundary_is_guarded_by_tests_that_are_there() -> None:
    rows = list_rows()

    assert len(rows) >= 21
    for row in rows:
        assert len(row) == 4, row
        guards = list_guards(row[3])
        assert guards, f"{row[0]} → {row[1]}: no test is named"
        for guard in guards:
            files = sorted(guard.glob("test_*.py")) if guard.is_dir() else [guard]
            assert files, guard
            for file in files:
                assert re.search(r"^(?:async )?def test_", file.read_text(), re.MULTILINE), file
