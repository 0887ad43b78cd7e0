"""README's table names every environment variable that the code reads, and none that it does not."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import parse_sources
from tests.running import ROOT

VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")
NOT_A_CHOICE = {"PYTHONPATH", "PYTHONUNBUFFERED", "__PYVENV_LAUNCHER__", "PYTEST_XDIST_WORKER"}
"""What the project, or the test runner, sets for its children."""
READERS = {"str", "bool", "int", "float", "list", "url", "get", "setdefault"}


def find_name(node: ast.expr, *, constants: dict[str, str]) -> str | None:
    """The text of a literal or of a module's constant, where it looks like an environment variable."""
    text = constants.get(node.id, "") if isinstance(node, ast.Name) else getattr(node, "value", None)
    return text if isinstance(text, str) and VARIABLE.match(text) else None


def list_read(module: ast.Module) -> set[str]:
    """The environment variables that a module reads."""
    constants = {
        node.targets[0].id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    found: set[str | None] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            source = ast.unparse(node.func.value)
            if node.func.attr in READERS and re.fullmatch(r"env|os\.environ|environ", source):
                found.add(find_name(node.args[0], constants=constants))
            if ast.unparse(node.func) == "os.getenv":
                found.add(find_name(node.args[0], constants=constants))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) in {"os.environ", "environ"}:
            found.add(find_name(node.slice, constants=constants))
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) in {"os.environ", "environ"}:
            found.add(find_name(node.left, constants=constants))
    return {name for name in found if name is not None} - NOT_A_CHOICE


def test_table_and_code_name_the_same_variables() -> None:
    read = {name for module in parse_sources().values() for name in list_read(module)}
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert sorted(rows) == sorted(read)


def test_only_settings_and_setup_read_the_environment() -> None:
    entrances = {Path("commerce_agent/asgi.py"), Path("commerce_agent/celery.py")}
    readers = {
        str(path)
        for path, module in parse_sources().items()
        if list_read(module) and path.parts[1] not in {"settings", "setup"} and path not in entrances
    }
    assert readers == set()
