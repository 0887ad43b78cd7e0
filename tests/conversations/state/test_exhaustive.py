"""An event that nobody gave a case fails the type check: in the fold, in the graph, and in their slices."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.running import ROOT

PURE = (
    "ids.py",
    "events",
    "language",
    "transcript",
    "entities",
    "constraints",
    "facts",
    "decisions",
    "carts",
    "state",
    "graph",
)
PLANTED = '''
class Planted(msgspec.Struct, frozen=True, kw_only=True, tag="planted.event"):
    """Nobody has a case for this one."""


EVENT_SCHEMA'''


def check_types(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / ".mypy_cache")]
    command += ["--config-file", "", "--no-error-summary", "--ignore-missing-imports"]
    command += ["-p", "conversations.state", "-p", "conversations.graph"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_an_event_without_a_case_fails_the_type_check(tmp_path: Path) -> None:
    package = tmp_path / "conversations"
    package.mkdir()
    (package / "__init__.py").touch()
    floor = tmp_path / "commerce_agent"
    floor.mkdir()
    (floor / "__init__.py").touch()
    shutil.copy(ROOT / "commerce_agent" / "decoding.py", floor)
    for name in PURE:
        here = ROOT / "conversations" / name
        if here.is_dir():
            shutil.copytree(here, package / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, package / name)
    assert check_types(tmp_path) == (0, "")

    union = package / "events" / "__init__.py"
    written = union.read_text(encoding="utf-8")
    planted = written.replace("\nEVENT_SCHEMA", PLANTED, 1).replace(
        "\nEvent = (", "\nEvent = (\n    Planted |", 1
    )
    assert planted.count("Planted") == 2
    union.write_text(planted, encoding="utf-8")
    code, said = check_types(tmp_path)

    assert code == 1
    refused = {line.split(":")[0] for line in said.splitlines() if 'expected "Never"' in line}
    assert refused == {"conversations/state/__init__.py", "conversations/graph/drafting.py"}
    assert "Planted" in said
