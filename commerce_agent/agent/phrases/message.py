"""Wordings with plurals and choices, in a part of the ICU message format that translators know.

`{name}` is filled in; `{count, plural, =0 {none} one {# lamp} other {# lamps}}` chooses by the plural rules of the
language; `{kind, select, yes {is} other {has}}` chooses by a word. `#` is the number of the plural around it.
"""

import re
from collections.abc import Mapping
from functools import cache

import msgspec
from babel import Locale
from babel.numbers import format_decimal

Value = str | int | float

_SIMPLE = re.compile(r"\{(\w+)\}")


class MalformedWording(Exception):
    """A wording cannot be read. Its translator must mend it."""

    def __init__(self, *, wording: str, reason: str) -> None:
        super().__init__(f"{wording!r}: {reason}.")
        self.wording = wording
        self.reason = reason


class _Choice(msgspec.Struct, frozen=True):
    name: str
    kind: str
    forms: dict[str, tuple["_Part", ...]]


class _Slot(msgspec.Struct, frozen=True):
    name: str


_Part = str | _Slot | _Choice


def fill(wording: str, values: Mapping[str, Value], *, locale: str) -> str:
    """The wording with its values; raises `KeyError` for a value that is not given."""
    return _render(parse(wording), values, locale=locale, number=None)


def list_names(wording: str) -> frozenset[str]:
    """The names of the values the wording asks for."""
    return frozenset(_walk(parse(wording)))


def _walk(parts: tuple[_Part, ...]) -> list[str]:
    names: list[str] = []
    for part in parts:
        if isinstance(part, _Slot):
            names.append(part.name)
        elif isinstance(part, _Choice):
            names.append(part.name)
            for form in part.forms.values():
                names.extend(_walk(form))
    return names


def _render(
    parts: tuple[_Part, ...], values: Mapping[str, Value], *, locale: str, number: float | None
) -> str:
    said: list[str] = []
    for part in parts:
        match part:
            case str():
                said.append(part if number is None else part.replace("#", _say(number, locale=locale)))
            case _Slot():
                said.append(_say(values[part.name], locale=locale))
            case _Choice():
                value = values[part.name]
                counted = value if part.kind == "plural" and isinstance(value, int | float) else None
                form = part.forms[_choose(part, value, locale=locale)]
                said.append(
                    _render(form, values, locale=locale, number=number if counted is None else counted)
                )
    return "".join(said)


def _choose(choice: _Choice, value: Value, *, locale: str) -> str:
    if choice.kind == "select" or isinstance(value, str):
        return str(value) if str(value) in choice.forms else "other"
    exact = f"={value:g}"
    if exact in choice.forms:
        return exact
    category = _get_rule(locale)(value)
    return category if category in choice.forms else "other"


@cache
def _get_rule(locale: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return Locale.parse(locale).plural_form


def _say(value: Value, *, locale: str) -> str:
    return value if isinstance(value, str) else str(format_decimal(value, locale=locale))


@cache
def parse(wording: str) -> tuple[_Part, ...]:
    """The parts of the wording; raises `MalformedWording`."""
    parts, rest = _read_parts(wording, 0, wording=wording, nested=False)
    if rest != len(wording):
        raise MalformedWording(wording=wording, reason="a brace is closed that was not opened")
    return parts


def _read_parts(text: str, at: int, *, wording: str, nested: bool) -> tuple[tuple[_Part, ...], int]:
    parts: list[_Part] = []
    start = at
    while at < len(text):
        if text[at] == "{":
            if at > start:
                parts.append(text[start:at])
            part, at = _read_braced(text, at, wording=wording)
            parts.append(part)
            start = at
        elif text[at] == "}":
            break
        else:
            at += 1
    if nested and at >= len(text):
        raise MalformedWording(wording=wording, reason="a brace is not closed")
    if at > start:
        parts.append(text[start:at])
    return tuple(parts), at


_HEAD = re.compile(r"\{\s*(\w+)\s*,\s*(plural|select)\s*,\s*")
_FORM = re.compile(r"\s*(=\d+|\w+)\s*\{")


def _read_braced(text: str, at: int, *, wording: str) -> tuple[_Part, int]:
    simple = _SIMPLE.match(text, at)
    if simple:
        return _Slot(simple.group(1)), simple.end()
    head = _HEAD.match(text, at)
    if not head:
        raise MalformedWording(wording=wording, reason=f"nothing that can be filled in stands at {at}")
    forms: dict[str, tuple[_Part, ...]] = {}
    at = head.end()
    while form := _FORM.match(text, at):
        parts, at = _read_parts(text, form.end(), wording=wording, nested=True)
        forms[form.group(1)] = parts
        at += 1
    if "other" not in forms:
        raise MalformedWording(wording=wording, reason=f"{head.group(1)} has no form “other”")
    closing = text.find("}", at)
    if closing < 0 or text[at:closing].strip():
        raise MalformedWording(wording=wording, reason="a brace is not closed")
    return _Choice(head.group(1), head.group(2), forms), closing + 1
