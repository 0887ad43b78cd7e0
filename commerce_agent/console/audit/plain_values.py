"""What differs between two runs or two states, with values as people read them instead of JSON."""

from collections.abc import Mapping

import msgspec

from commerce_agent.agent.explain.plain import tell_plain
from commerce_agent.console.audit.masking import Mask
from commerce_agent.console.audit.place_words import tell_place
from conversations.replay import Difference


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
