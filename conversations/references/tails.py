"""What follows a noun and says which one is meant: "from Acme", "in red", "on the left", "you showed me
first".
"""

from conversations.language.order import find_order
from conversations.references.mentions import Bag, Speech, seeks_others
from conversations.references.phrases import PhraseParts
from conversations.references.spans import Span

_LONGEST_PLACE = 7
_MOST_TAILS = 4


def read_tails(speech: Speech, parts: PhraseParts) -> None:
    """Reads everything behind the noun that still belongs to its phrase."""
    for _ in range(_MOST_TAILS):
        start = parts.at
        if not (_read_bag(speech, parts) or _read_quality(speech, parts) or _read_memory(speech, parts)):
            _read_place(speech, parts)
        if parts.at == start:
            return


def _read_bag(speech: Speech, parts: PhraseParts) -> bool:
    """As in "In my cart", "that I bought", "from my last order"."""
    grammar = speech.known.tongue.grammar
    words = [speech.get_word(parts.at + ahead) for ahead in range(5)]
    leaves = words[0] in grammar.leaving
    preposition, opening, bag = words[leaves : leaves + 3]
    if preposition in grammar.prepositions and opening in grammar.definite and bag in grammar.bags:
        # "Put the lamp in my cart": where it is to go, and not yet is.
        parts.bag = parts.bag if _is_destination(speech, parts.at) else "cart"
        parts.at += leaves + 3
        return True
    order = find_past_order(speech, parts.at)
    if order is not None:
        parts.bag, parts.at = order
        return True
    bought = next((ahead for ahead in range(1, 4) if words[ahead] in grammar.bought), None)
    if bought is None or not set(words[:2]) & grammar.buyers:
        return False
    parts.bag = "order"
    parts.at += bought + 1
    return True


def _is_destination(speech: Speech, at: int) -> bool:
    """True where goods are to go there, and it is not told that they went: "the one I put in my cart"."""
    grammar = speech.known.tongue.grammar
    marks = (before for before in reversed(range(at)) if not speech.tokens[before].is_word)
    start = next((mark + 1 for mark in marks if speech.get_word(mark) != "-"), 0)
    puts = any(
        speech.get_word(before) in grammar.wishing
        or (
            speech.get_word(before) in grammar.putting and speech.get_word(before - 1) not in grammar.speakers
        )
        for before in range(start, at)
    )
    return speech.get_word(at) in grammar.towards or (speech.get_word(at) in grammar.inside and puts)


def find_past_order(speech: Speech, at: int) -> tuple[Bag, int] | None:
    """As in "from my last order", which may be one order or any: what it is, and the index behind it."""
    grammar = speech.known.tongue.grammar
    if speech.get_word(at) not in grammar.prepositions or speech.get_word(at + 1) not in grammar.definite:
        return None
    after = at + 2
    while speech.get_word(after) in grammar.earlier_orders:
        after += 1
    if speech.get_word(after) not in grammar.purchases:
        return None
    newest = any(speech.get_word(index) in grammar.newest for index in range(at + 2, after))
    return ("last_order" if newest else "order"), after + 1


def speaks_of_purchases(speech: Speech) -> bool:
    """Whether the message says something of what was bought before: "I bought", "in my last order"."""
    grammar = speech.known.tongue.grammar
    said = speech.words.values()
    if grammar.purchases.isdisjoint(said) and grammar.bought.isdisjoint(said):
        return False
    return any(
        find_past_order(speech, at) is not None
        or (
            speech.get_word(at) in grammar.bought
            and {speech.get_word(at - 1), speech.get_word(at - 2)} & grammar.buyers
        )
        for at in range(len(speech.tokens))
    )


def _read_quality(speech: Speech, parts: PhraseParts) -> bool:
    """As in "From Acme", "in navy", "that is waterproof", "with the better reviews"."""
    grammar = speech.known.tongue.grammar
    opener, at = speech.get_word(parts.at), parts.at
    # "The one for dry hair", "the one about stars".
    purpose = opener in grammar.benefiting | grammar.about and parts.standin
    if opener not in grammar.relative and not purpose:
        return False
    at += purpose
    while speech.get_word(at) in grammar.relative or speech.get_word(at) in grammar.copulas:
        at += 1
    while at not in speech.spans and _is_small(speech, at):
        at += 1
    order = find_order(speech.tokens, at, speech.known.tongue) if at < len(speech.tokens) else None
    if order:
        parts.extreme, parts.at = (order.measure, order.direction), order.after
        return True
    wants = _list_qualities(speech, at)
    if not wants:
        return False
    parts.wants.extend(wants)
    # "Anything like the dress from Acme" may ask for Acme's, as "the rug in blue" may ask for a blue one.
    parts.variants.extend(wants if opener in grammar.inside or seeks_others(speech) else ())
    parts.at = wants[-1].after
    return True


def _is_small(speech: Speech, at: int) -> bool:
    grammar = speech.known.tongue.grammar
    return speech.get_word(at) in grammar.definite | grammar.articles | grammar.field_names


def _list_qualities(speech: Speech, at: int) -> list[Span]:
    """The qualities from the index on; none where they belong to another noun: "with the black one"."""
    grammar = speech.known.tongue.grammar
    wants: list[Span] = []
    span = speech.spans.get(at)
    while span and span.kind != "category":
        wants.append(span)
        follows = span.after
        while speech.get_word(follows) in grammar.conjunctions:
            follows += 1
        following = speech.spans.get(follows)
        goes_on = follows == span.after or (following is not None and following.kind == span.kind == "color")
        span = following if goes_on else None
    ends = speech.get_word(wants[-1].after) if wants else ""
    headed = span is not None or ends in grammar.standin_one or ends in grammar.standin_many
    return [] if headed else wants


def _read_memory(speech: Speech, parts: PhraseParts) -> bool:
    """As in "You showed me first", "I saw earlier"."""
    grammar = speech.known.tongue.grammar
    words = [speech.get_word(parts.at + ahead) for ahead in range(5)]
    if words[0] in grammar.earlier:
        parts.at += 1
        return True
    said = next((ahead for ahead in range(5) if words[ahead] in grammar.shown), None)
    if said is None or not set(words[:2]) & (grammar.speakers | grammar.earlier):
        return False
    parts.at += said + 1
    while (
        speech.get_word(parts.at) in grammar.memory_noise | grammar.earlier
        or _is_first(speech, parts.at)
        or _is_beginning(speech, parts.at)
    ):
        opens = _is_first(speech, parts.at) or _is_beginning(speech, parts.at)
        parts.bag = "earliest" if opens else parts.bag
        parts.at += 1
    return True


def _is_first(speech: Speech, at: int) -> bool:
    return speech.known.tongue.ordinals.get(speech.get_word(at)) == 1


def _is_beginning(speech: Speech, at: int) -> bool:
    """As in "that you showed me at the start"."""
    grammar = speech.known.tongue.grammar
    ahead = at + (speech.get_word(at) in grammar.definite)
    return speech.get_word(ahead) in grammar.beginnings


def _read_place(speech: Speech, parts: PhraseParts) -> bool:
    """As in "On the left", "in the second cubby from the mirror", "next to the grey coat"."""
    grammar = speech.known.tongue.grammar
    if speech.get_word(parts.at) not in grammar.place_openers:
        return False
    at = parts.at + 1
    nouns = 0
    while at < min(parts.at + _LONGEST_PLACE, len(speech.tokens)) and _goes_on(speech, at):
        word = speech.get_word(at)
        small = word in grammar.place_joints or word in grammar.place_openers or word in grammar.definite
        if word in grammar.places and not nouns:
            parts.place = grammar.places[word]
        elif not small and word != "-":
            nouns += 1
        at += 1
    if at == parts.at + 1 or _ends_in_goods(speech, parts.at, at):
        return False
    parts.placed = True
    parts.place = None if nouns else parts.place
    parts.at = at
    return True


def _goes_on(speech: Speech, at: int) -> bool:
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    if word == "-":
        return True
    if word in grammar.conjunctions:
        return _joins_colors(speech, at)
    if not word.isalnum() or word in grammar.verbs or word in grammar.bags:
        return False
    follows_bag = word in grammar.definite and speech.get_word(at + 1) in grammar.bags
    opens_bag = speech.get_word(at + 1) in grammar.definite and speech.get_word(at + 2) in grammar.bags
    if follows_bag or (opens_bag and word in grammar.place_openers):
        return False
    small = word in grammar.place_joints or word in grammar.place_openers or word in grammar.pointing
    return small or word in grammar.places or word not in speech.known.tongue.stopwords


def _joins_colors(speech: Speech, at: int) -> bool:
    """As in "next to the red and white jacket": the place goes on behind the joint."""
    before = next((span for span in speech.spans.values() if span.after == at), None)
    after = speech.spans.get(at + 1)
    return bool(before and after and before.kind == after.kind == "color")


def _ends_in_goods(speech: Speech, first: int, after: int) -> bool:
    """As in "The black one to the light grey one" compares two; only "next to the grey one" is a place."""
    grammar = speech.known.tongue.grammar
    landmark = any(_starts_with(speech, first, phrase) for phrase in grammar.landmarks)
    goods = any(
        index in speech.spans or speech.get_word(index) in grammar.standin_one
        for index in range(first, after)
    )
    return goods and not landmark and speech.get_word(first) in grammar.loose_openers


def _starts_with(speech: Speech, at: int, phrase: str) -> bool:
    return any(
        all(speech.get_word(at + shift + ahead) == word for ahead, word in enumerate(phrase.split()))
        for shift in range(3)
    )
