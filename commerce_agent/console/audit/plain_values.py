"""What differs between two runs or two states, with values as people read them instead of JSON."""

from collections.abc import Mapping

import msgspec

from commerce_agent.agent.explain.plain import tell_plain
from commerce_agent.console.audit.masking import Mask
from commerce_agent.console.audit.place_words import tell_place
from conversations.replay import Difference


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: as it is compared, the values as JSON, and as people read it."""

    path: str
    before: str
    after: str
    where: str
    was: str
    became: str


def to_change(
    difference: Difference, *, names: Mapping[str, str], mask: Mask, is_headed: bool = False
) -> Change:
    """The difference, to be read; what is personal is covered. For the rest see `tell_place`."""
    before, after = mask.cover(difference.before), mask.cover(difference.after)
    return Change(
        path=difference.path,
        before=before,
        after=after,
        where=mask.cover(tell_place(difference.path, names=names, is_headed=is_headed)),
        was=tell_plain(before, names=names),
        became=tell_plain(after, names=names),
    )
