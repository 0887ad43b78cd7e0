"""What a phrase was found to mean."""

import msgspec

from conversations.events.entities import ReferenceOutcome
from conversations.references.features import Features


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which items a phrase means, and the rules that decided."""

    outcome: ReferenceOutcome
    items: tuple[Features, ...] = ()
    """The items meant, or the ones that may be."""
    rules: tuple[str, ...] = ()
