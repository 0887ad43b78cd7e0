"""Of what the shop has under a name, those that the words around the name can mean."""

import re

from catalog.products import Hit
from commerce_agent.agent.understanding.meant_goods import Meant, Phrase, is_titled, list_names
from conversations.language.tokens import list_tokens

_NUMBER_BEHIND = re.compile(r"\s+\d+\b")
_BEHIND = re.compile(r"\s+in (?:the )?(\w{3,})", re.IGNORECASE)


def list_hits(phrase: Phrase, meant: Meant, *, said: str) -> tuple[Hit, ...]:
    """Of what was found those that the words around the phrase, too, can mean."""
    tail = said[phrase.start + len(phrase.text) :]
    hits = meant.hits
    if phrase.whole:
        hits = tuple(hit for hit in hits if is_titled(hit, phrase.text))
    behind = _NUMBER_BEHIND.match(tail)
    hits = _with_numbers(hits, text=phrase.text + (behind.group() if behind else ""))
    return _in_color(_titled_so(hits, text=phrase.text), tail=tail)


def _with_numbers(hits: tuple[Hit, ...], *, text: str) -> tuple[Hit, ...]:
    """Those that have the numbers of the phrase in their titles or sizes: "the 16 oz hammer", "the Waxwing 60"."""
    numbers = {token.word for token in list_tokens(text) if token.word.isdecimal()}
    fitting = tuple(
        hit for hit in hits if numbers <= {token.word for token in list_tokens(f"{hit.title} {hit.size}")}
    )
    return fitting or hits


def _titled_so(hits: tuple[Hit, ...], *, text: str) -> tuple[Hit, ...]:
    """Those that are called just so, where others have the name in theirs: "harvest moon" and its expansion."""
    names = list_names(text)
    fitting = tuple(hit for hit in hits if len(names) > 1 and list_names(hit.title) == names)
    # "The glide 0.5" is the Glide 0.5 Gel Pen, and not the Glide Refill 0.5.
    whole = tuple(hit for hit in hits if text.lower() in hit.title.lower())
    return fitting or whole or hits


def _in_color(hits: tuple[Hit, ...], *, tail: str) -> tuple[Hit, ...]:
    """Those of the colour that stands behind the name: "the Harbour pannier in orange"."""
    behind = _BEHIND.match(tail)
    fitting = tuple(hit for hit in hits if behind and behind.group(1).lower() in hit.color.lower())
    return fitting or hits
