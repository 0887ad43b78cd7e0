"""Functions fit on a screen, files are read in one sitting."""

import ast

import pytest

from tests.architecture.sources import PACKAGES, TESTS, list_functions, parse_sources
from tests.running import ROOT

FUNCTION_LINES = 50
FILE_LINES = 400
SETTINGS_LINES = 180


def count_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The function's lines without its docstring."""
    first = function.body[0]
    told = 0
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        told = first.end_lineno - first.lineno + 1
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1 - told


EVERYTHING = pytest.mark.parametrize("packages", [PACKAGES, TESTS], ids=["the project", "its tests"])


@EVERYTHING
def test_functions_have_at_most_fifty_lines(packages: tuple[str, ...]) -> None:
    long = {
        where: lines
        for where, function, _ in list_functions(packages)
        if (lines := count_lines(function)) > FUNCTION_LINES
    }
    assert long == {}


@EVERYTHING
def test_files_have_at_most_four_hundred_lines(packages: tuple[str, ...]) -> None:
    sizes = {str(path): len((ROOT / path).read_text().splitlines()) for path in parse_sources(packages)}
    assert {path: lines for path, lines in sizes.items() if lines > FILE_LINES} == {}


def test_settings_stay_readable() -> None:
    sizes = {
        path.name: len(path.read_text().splitlines())
        for path in (ROOT / "commerce_agent/settings").glob("*.py")
    }
    assert {name: lines for name, lines in sizes.items() if lines > SETTINGS_LINES} == {}
