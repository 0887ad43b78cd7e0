"""Which goods a claim is about: those named nearest, narrowed to the versions that the sentence tells apart."""

import re

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK
from commerce_agent.agent.grounding.grounds import Grounds, ItemGrounds
from commerce_agent.agent.grounding.mentions import Read

_SPECIFIED = re.compile(
    r"\s*(?:,|\(|\b(?:in|en|of|with|mit|avec|con|de|size|größe|taille|talla)\b)", re.IGNORECASE
)
"""What follows a name that is not meant as a whole: "the lipstick in brown", where the word is a translation."""

_PAID_FOR = re.compile(
    rf"\s+(?:on|for|gets\s+you|buys\s+you|für|por|pour)\s+(?:(?:the|a|an|one|our|das|den|die|ein|eine|einen|el|la|le|un|una|une)\s+)?[*_]{{0,2}}(?={BLANK})",
    re.IGNORECASE,
)


class Aim:
    """Finds what the claims of one sentence are about."""

    def __init__(self, *, sentence: str, read: Read, grounds: Grounds, about: frozenset[str]) -> None:
        self._sentence = sentence
        self._read = read
        self._grounds = grounds
        self._about = about

    def get_clause(self, claim: Claim) -> str:
        """The words around the claim that are one thought with it."""
        clause = self._read.find_clause(claim.start)
        return self._read.text[clause.start : clause.end]

    def list_items(self, claim: Claim) -> list[ItemGrounds]:
        """The items that the claim is about: those named, else those the talk is on, else all."""
        skus = self._list_meant(claim)
        known = [self._grounds.items[sku] for sku in sorted(skus) if sku in self._grounds.items]
        return known if skus else list(self._grounds.items.values())

    def list_skus(self, claim: Claim) -> list[str]:
        """The SKUs of those that it names, else of those that the talk is on; none where that is of nothing."""
        clause = self._read.find_clause(claim.start)
        is_named = any(each.start < clause.end for each in self._read.mentions)
        # "It isn't waterproof, so take the Fen boot": what is named afterwards is another.
        return sorted(
            self._list_meant(claim) if is_named or not self._about else self._narrow(self._about, claim)
        )

    def _list_meant(self, claim: Claim) -> frozenset[str]:
        return self._narrow(
            self._list_paid_for(claim) or self._read.list_about(claim.start) or self._about, claim
        )

    def _list_paid_for(self, claim: Claim) -> frozenset[str]:
        """As in "spend 20 euros on the A": what a sum is told of right behind it."""
        if claim.kind != "money":
            return frozenset()
        end = claim.start + len(claim.text)
        told = _PAID_FOR.match(self._read.text, end)
        return next(
            (each.skus for each in self._read.mentions if told and each.start == told.end()), frozenset()
        )

    def _narrow(self, skus: frozenset[str], claim: Claim) -> frozenset[str]:
        """Of versions that share a name those whose colour or size the clause names: "the lipstick in brown"."""
        if len(skus) < 2:
            return skus
        called = self._narrow_by_name(skus, claim)
        if called:
            return called
        for said in (self.get_clause(claim).lower(), self._read.text[: claim.start].lower()):
            named = frozenset(sku for sku in skus if any(_has(said, look) for look in self._get_looks(sku)))
            if named:
                return named
        return skus

    def _narrow_by_name(self, skus: frozenset[str], claim: Claim) -> frozenset[str]:
        """Those whose looks the name itself tells: "the dog bed (size Small)", whatever else the sentence speaks of."""
        names = [each for each in self._read.mentions if each.skus == skus and each.start <= claim.start]
        if not names:
            return frozenset()
        name = self._sentence[names[-1].start : names[-1].end].lower()
        told = {sku: sum(_has(name, look) for look in self._get_looks(sku)) for sku in skus}
        most = frozenset(sku for sku in skus if told[sku] == max(told.values()))
        return most if len(most) < len(skus) else frozenset()

    def _get_looks(self, sku: str) -> frozenset[str]:
        return self._grounds.looks.get(sku, frozenset())

    def names_all(self, claim: Claim) -> bool:
        """Whether a name that versions share stands alone: then what is said holds for each of them."""
        skus = self._read.list_about(claim.start)
        if self._narrow(skus, claim) != skus:
            return False
        return any(
            mention.skus == skus
            and self._sentence[mention.start : mention.end].lower() not in self._grounds.called
            and not _SPECIFIED.match(self._sentence, mention.end)
            for mention in self._read.mentions
        )

    def list_compared(self, claim: Claim) -> list[ItemGrounds]:
        """Of "it is cheaper than that" what "it" is; of other relations what any claim there is about."""
        subject = self._read.list_subject(claim.start)
        if not claim.unit.endswith("_than") or not (subject or self._about):
            return self.list_items(claim)
        return [
            self._grounds.items[sku] for sku in sorted(subject or self._about) if sku in self._grounds.items
        ]


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
