"""Names say what a thing does; words that could mean anything are not used."""

import ast
import re

from tests.architecture.sources import list_functions, parse_sources

VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|info|process|handle|do)(_|$)", re.IGNORECASE)
VAGUE_CLASS = re.compile(r"(Utils?|Helpers?|Manager|Info|Data)$")
DJANGO_NAMES = {"handle", "post_process"}
"""Methods that Django calls by this name: `BaseCommand.handle`, a storage's `post_process`."""
DJANGO_CLASSES = {"OperatorManager"}
DJANGO_FOLDERS = {"management"}


def test_functions_have_telling_names() -> None:
    vague = [
        where
        for where, function, owner in list_functions()
        if VAGUE.search(function.name) and not (owner is not None and function.name in DJANGO_NAMES)
    ]
    assert vague == []


def test_modules_have_telling_names() -> None:
    vague = [
        str(path)
        for path in parse_sources()
        for part in (*path.parent.parts, path.stem)
        if VAGUE.search(part)
    ]
    assert vague == []


def test_classes_have_telling_names() -> None:
    classes = (
        node
        for module in parse_sources().values()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    )
    assert [
        one.name for one in classes if VAGUE_CLASS.search(one.name) and one.name not in DJANGO_CLASSES
    ] == []


def test_find_says_none_and_get_does_not() -> None:
    """`get_` returns or raises, so its annotation has no None."""
    wrong = [
        where
        for where, function, owner in list_functions()
        if function.name.startswith("get_")
        and owner is None
        and function.returns is not None
        and re.search(r"\bNone\b", ast.unparse(function.returns))
    ]
    assert wrong == []
