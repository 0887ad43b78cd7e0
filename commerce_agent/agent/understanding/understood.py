"""What a message means here, and the shop's words that it was read with."""

import msgspec

from commerce_agent.agent.understanding.english.counting import COUNT_BEFORE, COUNT_BEHIND, NUMBER_WORDS
from commerce_agent.agent.understanding.moves import Move
from conversations.constraints import ConstraintReading
from conversations.events.constraints import Constraint
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language import Vocabulary
from conversations.language.glossing import Gloss
from conversations.language.telling_shops import find_shop_language


class Understanding(msgspec.Struct, frozen=True, kw_only=True):
    """What one message means in its conversation."""

    said: str
    """In English, whatever the shopper's language: see `read`."""
    moves: tuple[Move, ...]
    references: tuple[Reference, ...]
    reading: ConstraintReading
    wishes: tuple[tuple[str, str], ...] = ()
    """Attributes asked of the item that is meant ("in red", "in medium"), not of a search."""
    kind: str = ""
    """The kind of goods that a question about policies is about, where no item is: "delivery of cheese"."""
    kinds: tuple[str, ...] = ()
    """All of them, where it is about several: "returns of leggings and mats"."""
    unsaid: str = ""
    """What else the message says where items are meant: words that no term and no reference took."""
    read: Gloss | None = None
    """The message with its English, for the way back to the shopper's own words; None where it came in English."""
    among: tuple[EntityRef, ...] = ()
    """The items of which some are asked for: "are any of these waterproof?"."""
    limits: tuple[Constraint, ...] = ()
    """Numbers asked of them: "are any of those under $300?"."""
    of_purchases: bool = False
    """It speaks of what was bought before: "the scarf I bought"."""

    def get_own(self, words: str) -> str:
        """The shopper's own words for words of `said`."""
        return self.read.find_own(words) if self.read else words

    def get_for_shop(self, words: str, *, vocabulary: Vocabulary) -> str:
        """Words of `said` as the shop would write them: the shopper's own where both use one language."""
        if self.read is None or self.read.language != find_shop_language(vocabulary):
            return words
        return " ".join(dict.fromkeys(self.read.find_own(word) for word in words.split()))

    @property
    def own_references(self) -> tuple[Reference, ...]:
        """The references in the shopper's own words."""
        return tuple(
            msgspec.structs.replace(reference, text=self.get_own(reference.text))
            for reference in self.references
        )

    @property
    def own_said(self) -> str:
        """The message as the shopper wrote it."""
        return self.read.said if self.read else self.said

    @property
    def resolved(self) -> tuple[EntityRef, ...]:
        """The items that were meant, in the order they were named."""
        meant = [ref for reference in self.references for ref in reference.refs]
        return tuple(dict.fromkeys(meant))

    def find_count(self, ref: EntityRef) -> int | None:
        """How many of the item the words beside it ask for: "3 of the dark chocolate and one mint tea"."""
        for reference in self.references:
            text = reference.text.lower()
            at = self.said.lower().find(text) if text and ref in reference.refs else -1
            match = COUNT_BEFORE.search(self.said[:at]) if at > 0 else None
            match = match or (COUNT_BEHIND.search(self.said[at:]) if at >= 0 else None)
            if match:
                number = match.group("number").lower()
                return NUMBER_WORDS.get(number) or int(number)
        return None

    @property
    def unresolved(self) -> tuple[Reference, ...]:
        """References that need a question or an honest "I don't know that one"."""
        return tuple(reference for reference in self.references if reference.outcome != "resolved")


class ShopWords(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the shop calls things."""

    vocabulary: Vocabulary
    policies: tuple[tuple[str, str], ...] = ()
    """Each policy's name and title."""
    digest: str = ""
    """Names the document in which these words are kept for replay; empty where they are not."""
