"""The project's own Python files, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.running import ROOT

PACKAGES = ("commerce_agent", "conversations", "catalog")
TESTS = ("tests",)


@cache
def parse_sources(packages: tuple[str, ...] = PACKAGES) -> dict[Path, ast.Module]:
    """Every file of the packages except migrations, by its path from the root."""
    files = (path for package in packages for path in sorted((ROOT / package).rglob("*.py")))
    return {
        path.relative_to(ROOT): ast.parse(path.read_text())
        for path in files
        if "migrations" not in path.parts
    }


def list_functions(
    packages: tuple[str, ...] = PACKAGES,
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef | None]]:
    """Every function with where it is and the class that it belongs to, nested ones too."""
    for path, module in parse_sources(packages).items():
        yield from _list_inside(module, path=path, owner=None)


def _list_inside(
    node: ast.AST, *, path: Path, owner: ast.ClassDef | None
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}:{child.lineno} {child.name}", child, owner
            yield from _list_inside(child, path=path, owner=None)
        else:
            yield from _list_inside(
                child, path=path, owner=child if isinstance(child, ast.ClassDef) else owner
            )
