"""What differs between two runs or two states, with values as people read them instead of JSON."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from commerce_agent.agent.explain.plain import tell_name, tell_number, tell_sum
from commerce_agent.console.audit.masking import Mask
from commerce_agent.console.audit.place_words import tell_place
from commerce_agent.decoding import decode_json
from conversations.replay import Difference

SEPARATOR = " · "


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference; `before` and `after` are JSON, as they are compared."""

    path: str
    where: str
    """The path in words."""
    before: str
    after: str

    @property
    def was(self) -> str:
        """The value before, in words."""
        return tell_plain(self.before)

    @property
    def became(self) -> str:
        """The value after, in words."""
        return tell_plain(self.after)


def to_change(
    difference: Difference, *, names: Mapping[str, str], mask: Mask, is_headed: bool = False
) -> Change:
    """The difference, to be read; what is personal is covered. For the rest see `tell_place`."""
    return Change(
        path=difference.path,
        where=mask.cover(tell_place(difference.path, names=names, is_headed=is_headed)),
        before=mask.cover(difference.before),
        after=mask.cover(difference.after),
    )


def tell_plain(text: str) -> str:
    """A JSON value in words: names with their values, sums as money, what is empty left out; other text as it is."""
    try:
        return _tell(decode_json(text))
    except msgspec.DecodeError:
        return text


def _tell(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return tell_number(value)
        case list():
            return "; ".join(_tell(each) for each in value)
        case {"amount": str() as amount, "currency": str() as currency}:
            return tell_sum(Decimal(amount), currency=currency)
        case dict():
            held = ((name, _tell(each)) for name, each in value.items() if each not in (None, "", [], {}))
            return SEPARATOR.join(f"{tell_name(str(name))} {words}" for name, words in held)
        case _:
            return str(value)
