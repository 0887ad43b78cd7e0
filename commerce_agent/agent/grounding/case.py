"""One sentence before the judge: what it says, what it is about, and what may be claimed."""

import re
from functools import cache
from math import isclose

from commerce_agent.agent.grounding.aiming import Aim
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import Cues, get_cues
from commerce_agent.agent.grounding.grounds import Grounds
from commerce_agent.agent.grounding.mentions import Read

_LOOK_BACK = 48
_ROUNDED = 0.01
_ADDS_UP = re.compile(r"\badd(?:s|ed|ing)?\s+up\s+to\s+$", re.IGNORECASE)
"""No bound, whatever "up to" is elsewhere."""
_ASKING = (
    r"(?:shall|should|would|will|do|does|did|want|may|can|could|is|are|has|have|what|which|how|when|where|who|any|interested"
    r"|soll(?:en)?|möchte\w*|willst|wollen|magst|darf|dürfen|kann|können|ist|sind|hast|haben|was|welche\w*|wie|wann|wo|wer"
    r"|quieres?|te|le|puedo|podemos|desea\w*|prefieres?|es|son|está\w*|hay|qué|cuál\w*|cómo|cuándo|dónde|añado|lo|la"
    r"|voulez|veux|souhait\w+|puis-je|dois-je|est-ce|est|sont|avez|as|quel\w*|comment|quand|où|qui|je)\b"
)
_ASKS = re.compile(rf"[\W_]*(?:(?:and|or|so|und|oder|y|o|et|ou|¿)\s+)?{_ASKING}", re.IGNORECASE)
"""How a question begins."""
_ASKS_AFTER = re.compile(
    rf"(?:[,;:–—]|\s-|\)|✅|`|(?-i:(?<![.!])\s(?=[A-Z])))\s*(?:(?:and|so|but|und|also|y|et|donc|then)\s+)?¿?{_ASKING}",
    re.IGNORECASE,
)
_FIRST_OF_SPAN = r"(?:[A-Z$€£¥]{0,3}\s?[\d.,]+\s?\S{0,4}\s*(?:and|to|und|bis|y|et|à|a|–|-)\s*)?"


@cache
def _get_led_by(meaning: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces[meaning]})\s+{_FIRST_OF_SPAN}$", re.IGNORECASE)


class Case:
    """What the judges of every kind of claim ask of a sentence."""

    def __init__(
        self,
        *,
        sentence: str,
        read: Read,
        grounds: Grounds,
        about: frozenset[str],
        spoken: frozenset[str],
    ) -> None:
        self.sentence = sentence
        self.read = read
        self.grounds = grounds
        self.about = about
        self.aim = Aim(sentence=sentence, read=read, grounds=grounds, about=about)
        self.spoken = spoken
        """The terms of the shop that it speaks of, or that the talk is on."""
        self.cues: Cues = get_cues()

    def is_asked(self, claim: Claim) -> bool:
        """Whether it is asked: of "it is in stock, shall I add it?" only what stands behind the comma is."""
        if not self.sentence.rstrip().endswith("?"):
            return False
        before, after = self.read.text[: claim.start], self.read.text[claim.start + len(claim.text) :]
        return not _ASKS_AFTER.search(after) or _ASKS.match(before) is not None

    def is_denied(self, claim: Claim) -> bool:
        """Whether it is only asked, or said not to be so."""
        before = self.read.text[self.read.find_clause(claim.start).start : claim.start]
        return self.is_asked(claim) or self.cues.has("negation", text=before)

    def is_led_by(self, meaning: str, claim: Claim) -> bool:
        """Whether a word of the meaning stands right before the number, or before the first of a span."""
        before = _ADDS_UP.sub("", self.read.text[max(0, claim.start - _LOOK_BACK) : claim.start])
        return self.cues.words[meaning].may_be_in(before) and _get_led_by(meaning).search(before) is not None

    def is_measured_limit(self, value: float) -> bool:
        """Whether it is a measure that the shopper set as a limit, but for what is lost where it is rounded."""
        return any(isclose(value, each, rel_tol=_ROUNDED) for each in self.grounds.measured_limits)

    def find_said(self, claim: Claim) -> str | None:
        """Whether the shopper said the number themselves."""
        return next(
            (self.grounds.limits[value] for value in claim.values if value in self.grounds.limits), None
        )
