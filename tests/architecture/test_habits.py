"""Habits that no linter knows: no signals, no clock in the domain, nothing left for later."""

import ast
import re
import subprocess

import pytest

from tests.architecture.sources import parse_sources
from tests.running import ROOT

CLOCKS = re.compile(
    r"\b(datetime\.(now|utcnow|today)|timezone\.now|date\.today|(localtime|gmtime|ctime)\()"
    r"|\b(monotonic|perf_counter|process_time|time)(_ns)?\(\)"
    r"|\b(uuid[14]|urandom|getrandbits|token_(hex|bytes|urlsafe))\b"
    r"|^\s*(import|from) (time|random|secrets)\b",
    re.MULTILINE,
)
"""What answers otherwise each time it is asked: the hour, and chance."""
IMPURE = {"service.py", "store", "accesses", "models", "api", "apps.py", "metrics.py", "migrations"}
"""What conversations/README.md names; all else there is plain, a new part too."""
LATER = re.compile(r"\b(TODO|FIXME|XXX|for now|simplified)\b|in production you would")


def test_no_signal_is_received() -> None:
    found = [
        str(path)
        for path, module in parse_sources().items()
        if re.search(r"@receiver|django\.dispatch", ast.unparse(module))
    ]
    assert found == []


def test_the_pure_core_reads_no_clock_and_leaves_nothing_to_chance() -> None:
    pure = {
        path: ast.unparse(module)
        for path, module in parse_sources().items()
        if path.parts[0] == "conversations" and path.parts[1] not in IMPURE
    }

    assert {"state", "summaries", "facts", "redaction.py"} <= {path.parts[1] for path in pure}
    assert [str(path) for path, source in pure.items() if CLOCKS.search(source)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "at = datetime.now(UTC)",
        "from time import monotonic",
        "import time",
        "import random",
        "from secrets import choice",
        "began = time.monotonic()",
        "began = perf_counter_ns()",
        "id = uuid4()",
        "from uuid import uuid4",
        "key = os.urandom(8)",
    ],
)
def test_a_clock_or_chance_that_is_planted_is_found(planted: str) -> None:
    assert CLOCKS.search(f"x = 1\n{planted}\n")


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
