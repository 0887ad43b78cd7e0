"""Values that could be swapped unseen are passed by keyword, and untyped mappings stay at the edge."""

import ast
import re
from collections import Counter

from tests.architecture.sources import list_functions, parse_sources

LOOSE = re.compile(r"\b(dict|Mapping|MutableMapping)\[str, Any\]")
EDGES = (
    "management/commands/",
    "commerce_agent/settings/",
    # What the Claude API takes and gives, what Channels delivers, what a script's YAML holds and `--json`
    # prints.
    "commerce_agent/agent/claude/",
    "commerce_agent/chat/consumer.py",
    "commerce_agent/chat/hints.py",
    # What ASGI delivers.
    "catalog/merchant_api/app.py",
    # The OpenAPI document.
    "conversations/api/schema.py",
    # What the admin site hands to its templates.
    "commerce_agent/console/",
    "commerce_agent/scripted/",
)
PLAIN = {
    "str",
    "int",
    "float",
    "bool",
    "Decimal",
    "UUID",
    "datetime",
    "str | None",
    "int | None",
    "Decimal | None",
}
POSITIONS = 3
FRAMEWORK_BASES = re.compile(
    r"(Admin|ModelAdmin|Inline|TabularInline|StackedInline|Command|Consumer|View|ViewSet|Serializer|Form|Field|Model|"
    r"AppConfig|Middleware|Manager|QuerySet|Storage|Filter|Widget|Permission|Authentication|Throttle|Handler|Task|"
    r"Lookup|Transform|Func|HTMLParser|ContentHandler)\b"
)
"""Classes whose methods a framework calls, by position."""


def list_positional_types(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The annotations of what may be passed by position; Django calls views that way, so `request` is no
    value."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    values = [one for one in arguments if one.arg not in {"self", "cls", "request", "_request"}]
    return [ast.unparse(one.annotation) if one.annotation is not None else "" for one in values]


def is_called_by_a_framework(
    function: ast.FunctionDef | ast.AsyncFunctionDef, owner: ast.ClassDef | None
) -> bool:
    decorated = any(
        re.search(r"admin\.|action|display|task|override|register", ast.unparse(one))
        for one in function.decorator_list
    )
    is_callback = {one.arg for one in function.args.args} <= {
        "scope",
        "receive",
        "send",
        "read",
        "total",
        "_read",
        "_total",
    }
    is_view = any(one.arg in {"request", "_request"} for one in function.args.args)
    inherited = owner is not None and any(FRAMEWORK_BASES.search(ast.unparse(base)) for base in owner.bases)
    return decorated or inherited or is_view or is_callback


def can_be_swapped(types: list[str]) -> bool:
    """Whether two of the values could change places without mypy seeing it, or there are too many to
    remember."""
    plain = sum(one in PLAIN for one in types)
    return plain > 1 or max(Counter(types).values(), default=0) > 1 or len(types) > POSITIONS


def test_values_that_could_be_swapped_are_passed_by_keyword() -> None:
    wrong = [
        where
        for where, function, owner in list_functions()
        if not function.name.startswith("_")
        and can_be_swapped(list_positional_types(function))
        and not is_called_by_a_framework(function, owner)
    ]
    assert wrong == []


def test_untyped_mappings_stay_at_the_edge() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, module in parse_sources().items()
        if not any(edge in str(path) for edge in EDGES)
        for node in ast.walk(module)
        if isinstance(node, ast.Subscript) and LOOSE.search(ast.unparse(node))
    ]
    assert wrong == []
