"""Goods that may be sent back, where the shop's own text says that they may not: "opened strings can go back too"."""

import re
from collections.abc import Iterator

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.grounds import Grounds
from commerce_agent.agent.grounding.item_texts import list_meanings
from commerce_agent.agent.grounding.mentions import Read

_MAY_BACK = re.compile(
    r"\b(?:can|may|could)\s+(?:also\s+|always\s+|still\s+)?"
    r"(?:be\s+(?:returned|sent\s+back|brought\s+back|taken\s+back)|go\s+back|come\s+back|return|send|bring)\b"
    r"|\b(?:kann|können|dürfen)\b[^.;!?]{0,40}\b(?:zurückgegeben|zurückgeschickt|zurücksenden|zurückschicken|zurückgeben)\b"
    r"|\b(?:se\s+)?puede[ns]?\s+(?:devolver|ser\s+devuelt\w+)|\bpeu(?:t|vent|vez)\s+(?:être\s+)?(?:retourn\w+|renvoy\w+|rendre)",
    re.IGNORECASE,
)
_USED = re.compile(
    r"(?<!\w)(?:used|opened|worn|washed|assembled|damaged|unsealed|gebraucht\w*|benutzt\w*|geöffnet\w*|getragen\w*|usad[oa]s?|abiert[oa]s?"
    r"|utilisé\w*|ouvert\w*|porté\w*)\s+(?:[^\W\d_][\w’'-]*|•+)(?:\s+(?:[^\W\d_][\w’'-]*|•+))?\s*$",
    re.IGNORECASE,
)
"""As in "opened paints can be returned"."""
_TAKEN_USED = re.compile(
    r"\b(?:we|wir)\s+(?:also\s+|even\s+|gladly\s+|happily\s+|auch\s+)?(?:refund|accept|take|welcome|nehmen|erstatten)\s+(?:back\s+|auch\s+)?"
    r"(?:[\w’'-]+\s+){0,2}?(?:used|opened|worn|washed|unsealed|gebraucht\w*|benutzt\w*|geöffnet\w*|getragen\w*)\s+[\w•]+"
    r"|\b(?:used|opened|worn|washed|unsealed)\s+(?:[\w’'-]+\s+){0,2}?[\w•]+\s+(?:is|are)\s+(?:also\s+|just\s+|perfectly\s+)?"
    r"(?:welcome|accepted|fine|okay|ok|refunded|refundable|returnable|taken|eligible)\b"
    r"|\b(?:geöffnet\w*|gebraucht\w*|getragen\w*)\s+\w+\s+(?:nehmen|erstatten)\s+wir\b"
    r"|\b(?:aceptamos|reembolsamos)\s+(?:también\s+)?(?:\w+\s+){0,2}?(?:usad|abiert)[oa]s?\b"
    r"|\bnous\s+(?:acceptons|reprenons|remboursons)\s+(?:aussi\s+)?(?:\w+\s+){0,2}?(?:utilisés?|ouverts?|portés?)e?s?\b",
    re.IGNORECASE,
)
"""As in "we refund used lamps too" and "opened toys are welcome back"."""
_BACK = re.compile(r"\b(?:back|too|zurück|auch)\b", re.IGNORECASE)
_EVEN = re.compile(
    r"\b(?:even|auch|selbst|incluso|aunque|même)\s+(?:if|when|after|once|though|wenn|nachdem|si|cuando|después|quand|après)\b",
    re.IGNORECASE,
)


def list_returnable(read: Read, *, grounds: Grounds) -> Iterator[Claim]:
    """Each, where a policy was read; and "even if ...", whatever that is: nobody promises it but the shop."""
    cues, text = get_cues(), read.text
    for match in _TAKEN_USED.finditer(text) if cues.find_topics(text) or _BACK.search(text) else ():
        if not any(cues.has(each, text=text) for each in ("negation", "unsure", "condition")):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="used_returns")
    for match in _MAY_BACK.finditer(text):
        clause = read.find_clause(match.start())
        own = text[clause.start : clause.end]
        if any(cues.has(each, text=text[: match.start()]) for each in ("negation", "unsure", "condition")):
            continue
        if _EVEN.search(text[match.end() :]) or _USED.search(own[: match.start() - clause.start]):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="used_returns")
        elif _is_denied(own, grounds=grounds):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="returnable")


def _is_denied(own: str, *, grounds: Grounds) -> bool:
    """Whether a text that says of some goods that they do not go back speaks of these."""
    said = list_meanings(own)
    return any(words & said for words in grounds.denied_of.get("no_returns", ()))
