"""JMESPath over answers whose numbers are kept exact, in its functions too."""

import json
from decimal import Decimal
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError, JMESPathTypeError

LARGEST_EXPONENT = 18
NUMBERS = (int, float, Decimal)
LONGEST_REASON = 200
"""An error of the library may quote the whole answer."""


class PathRefused(Exception):
    """A path cannot be read, or does not fit an answer; the message says why."""


class _ExactFunctions(functions.Functions):  # type: ignore[misc]  # jmespath declares no types
    """JMESPath's own, for numbers that are not floats: 12.50 stays 12.50."""

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]  # jmespath declares no types
    def _func_to_number(self, written: object) -> object:
        """Numbers as they are and texts as the number that they write; else nothing."""
        if not isinstance(written, str):
            return written if type(written) in NUMBERS else None
        try:
            return read_number(written.strip())
        except ValueError:
            return None

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]  # jmespath declares no types
    def _func_to_string(self, value: object) -> str:
        """Texts as they are and numbers as they are written, everything else as JSON."""
        if isinstance(value, str | Decimal):
            return str(value)
        return json.dumps(value, default=str, separators=(",", ":"))

    def _get_allowed_pytypes(self, types: list[str]) -> tuple[list[str], list[list[str]]]:
        """Where a float is taken, an exact number is, too."""
        allowed, within = super()._get_allowed_pytypes(types)
        return _with_exact(allowed), [_with_exact(each) for each in within]

    def _convert_to_jmespath_type(self, name: str) -> str:
        found: str = super()._convert_to_jmespath_type("float" if name == "Decimal" else name)
        return found


_OPTIONS = jmespath.Options(custom_functions=_ExactFunctions())


def _with_exact(names: Any) -> list[str]:  # noqa: ANN401 - jmespath declares no types
    return [*names, "Decimal"] if "float" in names else list(names)


def read_number(written: str) -> int | Decimal:
    """A number as it is written, exact; one that is whole is whole, however it is written: 4.0 is 4.

    Raises ValueError.
    """
    try:
        number = Decimal(written)
    except ArithmeticError as error:
        raise ValueError(f"{written[:40]!r} is no number") from error
    if not number.is_finite():
        raise ValueError(f"{written[:40]!r} is no number")
    return settle_number(number)


def settle_number(number: Decimal) -> int | Decimal:
    """The same number, whole where it is."""
    is_short = not number or (number.is_finite() and abs(number.adjusted()) <= LARGEST_EXPONENT)
    return int(number) if is_short and number == number.to_integral_value() else number


def check_path(path: str) -> None:
    """Raises PathRefused for what is no JMESPath."""
    try:
        jmespath.compile(path)
    except JMESPathError as error:
        raise PathRefused(str(error)) from error
    except RecursionError as error:
        raise PathRefused("it is nested too deep") from error


def search_path(path: str, document: object) -> object:
    """What stands at a path. Raises PathRefused where the path does not fit the document."""
    try:
        found: object = jmespath.search(path, document, options=_OPTIONS)
    except JMESPathTypeError as error:
        wanted = " or ".join(error.expected_types)
        # The library's own words quote the answer, which may be somebody's data.
        raise PathRefused(f"{error.function_name}() takes {wanted}, not {error.actual_type}") from error
    except (JMESPathError, ValueError, TypeError, ArithmeticError) as error:
        raise PathRefused(str(error).partition("\n")[0][:LONGEST_REASON]) from error
    except RecursionError as error:
        raise PathRefused("it is nested too deep") from error
    return settle_number(found) if isinstance(found, Decimal) else found
