"""Habits that no linter knows: no signals, no clock in the domain, nothing left for later."""

import ast
import re
import subprocess

from tests.architecture.sources import parse_sources
from tests.running import ROOT

CLOCKS = re.compile(r"\b(datetime\.(now|utcnow|today)|timezone\.now|date\.today|time\.time)\b")
PURE = (
    "conversations/events/",
    "conversations/state/",
    "conversations/transcript/",
    "conversations/entities/",
    "conversations/constraints/",
    "conversations/facts/",
    "conversations/decisions/",
    "conversations/shoppers/",
    "conversations/carts/",
    "conversations/graph/",
    "conversations/references/",
    "conversations/language/",
    "conversations/replay/",
)
LATER = re.compile(r"\b(TODO|FIXME|XXX|for now|simplified)\b|in production you would")


def test_no_signal_is_received() -> None:
    found = [
        str(path)
        for path, module in parse_sources().items()
        if re.search(r"@receiver|django\.dispatch", ast.unparse(module))
    ]
    assert found == []


def test_the_pure_core_reads_no_clock() -> None:
    found = [
        str(path)
        for path, module in parse_sources().items()
        if str(path).startswith(PURE) and CLOCKS.search(ast.unparse(module))
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path}:{number}"
        for path in parse_sources()
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if LATER.search(line)
    ]
    assert found == []


def test_every_ignored_type_error_is_named() -> None:
    found = [
        f"{path}:{number}"
        for path in parse_sources()
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if re.search(r"# type: ignore(?!\[)", line)
    ]
    assert found == []


SEARCHES_ITSELF = {"commerce_agent/tools/seeking.py", "commerce_agent/tools/answers.py"}
"""The doors, and the shop that notes what was asked and answered."""


def test_the_shop_is_searched_through_the_doors_that_hold_to_the_terms() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, module in parse_sources().items()
        if path.parts[0] == "commerce_agent" and str(path) not in SEARCHES_ITSELF
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and re.search(r"\bshop\.search$", ast.unparse(call.func))
    ]
    assert found == []


TOP_LEVEL = {
    *("manage.py", "pyproject.toml", "README.md", "LICENSE"),
    *("commerce_agent", "conversations", "catalog", "templates", "static", "tests"),
}


def test_the_top_level_is_what_it_was_agreed_to_be() -> None:
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert {name for name in listed if not name.startswith(".") and not name.endswith(".lock")} <= TOP_LEVEL
