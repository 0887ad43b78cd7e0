"""What follows a noun and says which one is meant: "from Acme", "in red", "on the left", "you showed me first"."""

from conversations.language.order import find_order
from conversations.references.mentions import Speech
from conversations.references.phrases import PhraseParts

_ARTICLES = frozenset({"a", "an", "the"})
_LONGEST_PLACE = 7
_BAGS = {"cart": "cart", "basket": "cart", "bag": "cart", "trolley": "cart"}
_PLACE_PREPOSITIONS = frozenset({"on", "in", "at", "near", "under", "behind", "beside", "to", "next", "by", "up", "above", "below", "over", "between", "inside", "along", "second", "hanging", "against"})
_PLACE_JOINTS = frozenset({"of", "to", "from", "very", "far", "my", "your", "side", "end", "row", "just", "up", "down", "over", "there", "here", "back", "front", "out"})
_SHOWN = frozenset({"showed", "shown", "saw", "seen", "mentioned", "suggested", "recommended", "pointed", "described", "listed", "offered"})
_BOUGHT = frozenset({"bought", "ordered", "purchased"})


def read_tails(speech: Speech, parts: PhraseParts) -> None:
    """Reads everything behind the noun that still belongs to its phrase."""
    for _ in range(4):
        start = parts.at
        if not (_read_bag(speech, parts) or _read_quality(speech, parts) or _read_memory(speech, parts)):
            _read_place(speech, parts)
        if parts.at == start:
            return


def _read_bag(speech: Speech, parts: PhraseParts) -> bool:
    words = [speech.get_word(parts.at + ahead) for ahead in range(5)]
    if words[0] == "in" and words[1] in ("my", "the") and words[2] in _BAGS:
        parts.bag = "cart"
        parts.at += 3
        return True
    if words[0] in ("i", "i've", "we") or (words[0] == "that" and words[1] in ("i", "i've")):
        for ahead in range(1, 4):
            if words[ahead] in _BOUGHT:
                parts.bag = "order"
                parts.at += ahead + 1
                return True
    return False


def _read_quality(speech: Speech, parts: PhraseParts) -> bool:
    """ "From Acme", "in navy", "that is waterproof", "with the better reviews"."""
    grammar = speech.known.tongue.grammar
    at = parts.at
    while speech.get_word(at) in grammar.relative or speech.get_word(at) in grammar.copulas:
        at += 1
    if at == parts.at:
        return False
    while speech.get_word(at) in _ARTICLES or speech.get_word(at) in ("size", "color", "colour", "brand"):
        at += 1
    order = find_order(speech.tokens, at, speech.known.tongue) if at < len(speech.tokens) else None
    if order:
        parts.extreme, parts.at = (order.measure, order.direction), order.after
        return True
    span = speech.spans.get(at)
    if span is None or span.kind == "category" or (span.kind == "word" and not span.key.isalpha()):
        return False
    while span and span.kind != "category":
        parts.wants.append(span)
        parts.at = span.after
        follows = parts.at
        while speech.get_word(follows) in grammar.conjunctions:
            follows += 1
        span = speech.spans.get(follows) if follows == parts.at or span.kind == "color" else None
        span = span if span and (follows == parts.at or span.kind == "color") else None
        if span and _begins_phrase(speech, span.after):
            span = None
    return True


def _begins_phrase(speech: Speech, at: int) -> bool:
    """True where the words so far were the modifiers of another noun: "in red and the blue one"."""
    grammar = speech.known.tongue.grammar
    return speech.get_word(at) in grammar.standin_one or at in speech.spans


def _read_memory(speech: Speech, parts: PhraseParts) -> bool:
    """ "You showed me first", "I saw earlier"."""
    at = parts.at
    words = [speech.get_word(at + ahead) for ahead in range(8)]
    said = next((ahead for ahead in range(5) if words[ahead] in _SHOWN), None)
    opened = words[0] in ("you", "i", "we", "that", "you've", "i've", "which", "previously", "just")
    if said is None or not opened:
        if words[0] in ("earlier", "before", "previously", "again"):
            parts.at += 1
            return True
        return False
    parts.at = at + said + 1
    while speech.get_word(parts.at) in ("me", "us", "to", "out", "earlier", "before", "first", "just", "already"):
        parts.bag = "earliest" if speech.get_word(parts.at) == "first" else parts.bag
        parts.at += 1
    return True


def _read_place(speech: Speech, parts: PhraseParts) -> bool:
    """ "On the left", "in the second cubby from the mirror", "next to the grey coat"."""
    grammar = speech.known.tongue.grammar
    if speech.get_word(parts.at) not in _PLACE_PREPOSITIONS:
        return False
    at = parts.at + 1
    nouns: list[str] = []
    while at < parts.at + _LONGEST_PLACE and at < len(speech.tokens):
        word = speech.get_word(at)
        if not speech.tokens[at].is_word and word != "-":
            break
        small = word in _ARTICLES or word in _PLACE_JOINTS or word in _PLACE_PREPOSITIONS
        if word in grammar.conjunctions or (word in speech.known.tongue.stopwords and not small):
            break
        if not small and word not in grammar.places:
            nouns.append(word)
        if word in grammar.places and not nouns:
            parts.place = grammar.places[word]
        at += 1
    if at == parts.at + 1:
        return False
    parts.placed = True
    parts.place = None if nouns else parts.place
    parts.at = at
    return True
