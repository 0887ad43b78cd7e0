"""What part a shop's word plays in its phrase: what is sought, what it is to be like, or only part of a name."""

from conversations.constraints.measures import list_attributes_of, list_kinds
from conversations.constraints.scan import Scan
from conversations.language.amounts import Amount
from conversations.language.lexicon import Spot
from conversations.language.thesaurus import build_thesaurus, does_cover
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import YES

_SHARED_FIELDS = frozenset({"brand", "color", "size", "material"})
_PLACES = frozenset({"cart"})
_PARTICLES = frozenset({"back", "up", "out", "off", "over", "down", "through", "around", "away", "on", "in"})
_SEQUENCE = frozenset({"first", "next", "then", "later", "afterwards"})
"""What puts goods in an order and belongs to no name: "boots first, then socks"."""
_MOST_BETWEEN = 5
"""Words from an adjective to its noun: "a light, warm two-person tent"."""
_BEFORE_PARTICLES = frozenset({
    "be", "is", "are", "was", "were", "been", "come", "comes", "coming", "came", "go", "goes", "going", "gone", "get",
    "gets", "got", "getting", "send", "sends", "sent", "sending", "give", "gave", "given", "bring", "brought", "take",
    "took", "taken", "put", "pay", "paid", "money", "it", "them", "one", "that", "this", "those", "these", "me", "you",
})  # fmt: skip
"""What a particle belongs to: verbs, and what stands between one and its particle."""


def is_sure(scan: Scan, spot: Spot, *, field: str) -> bool:
    """True where the word is surely meant as a term, so that goods without it may be kept from the shopper.

    A category has to be the noun of its phrase: in "phone charger" no phone is sought. A value of the shop's own
    attributes has to be said as a quality ("waterproof", "with a zip", "the flavour mint"): in "camera case"
    the camera is part of a name, and the search ranks it better than a filter would.
    """
    if field in _SHARED_FIELDS:
        # "Something for coffee" of a shop with goods of coffee: what they are to be good for.
        return not (field == "material" and scan.find_word(spot.first - 1) in scan.tongue.grammar.benefiting)
    if field == "category":
        part = _is_degree(scan, spot) or _is_modifier(scan, spot) or _is_kind_of_its_own(scan, spot)
        return not (part or is_verb(scan, spot))
    outside = {token.stem for at, token in enumerate(scan.tokens) if not spot.first <= at < spot.after}
    named = set(list_stems(field.replace("_", " "))) <= outside
    told = list_attributes_of(scan, list_kinds(scan)) if list_kinds(scan) else []
    if told and field not in told and not named:
        return False  # "Dark chocolate", where only coffees have a roast.
    if not named and _is_particle(scan, spot):
        return False
    corrected = any(held.op in ("=", "in") for held in scan.ledger.list_for(field))
    return (
        named
        or (corrected and not _is_modifier(scan, spot))
        or _is_introduced(scan, spot)
        or _is_quality(scan, spot)
        or _is_answer(scan)
        or _is_code(scan, spot)
        or _is_whole_name(scan, spot, field=field)
        or (field in told and _is_phrase(scan, spot))
        or _is_before_its_kind(scan, spot, field=field)
    )


def is_verb(scan: Scan, spot: Spot) -> bool:
    """As in "he loves to grill", in a shop for grills: what somebody does says nothing of what is sought."""
    word = scan.tokens[spot.first].word
    kinds = [str(term.value).lower() for term in spot.terms if term.field == "category"]
    alone = spot.after == spot.first + 1 and not any(word in kind.split() for kind in kinds)
    return alone and scan.cues.find_ending_at("gladly", at=spot.first) is not None


def _is_particle(scan: Scan, spot: Spot) -> bool:
    """As in "when will it be back?", "send it back", in a shop with pillows for the back: part of the verb."""
    before = scan.tokens[spot.first - 1].word if spot.first else ""
    one = spot.after == spot.first + 1 and scan.tokens[spot.first].word in _PARTICLES
    return one and before in _BEFORE_PARTICLES


def _is_whole_name(scan: Scan, spot: Spot, *, field: str) -> bool:
    """As in "left handed", "removable covers": a quality that goods have or have not, called by its whole name."""
    words = tuple(token.stem for token in scan.tokens[spot.first : spot.after] if token.is_word)
    whole = words == list_stems(field.replace("_", " "))
    # "Bio" of teas that are bio or not; "a bio yoghurt maker" is sought by name.
    told = any(term.field == field and term.value.lower() in YES for term in spot.terms)
    return whole and (len(words) > 1 or (told and field in list_attributes_of(scan, list_kinds(scan))))


def _is_before_its_kind(scan: Scan, spot: Spot, *, field: str) -> bool:
    """As in "down sleeping bags", "gas stoves": a value that goods of the kind behind it are told by."""
    following = next((other for other in scan.spots if other.first == spot.after), None)
    if following is None or {term.field for term in following.terms} != {"category"}:
        return False
    stems = {token.stem for token in scan.tokens[spot.first : spot.after]}
    if any(stems & set(list_stems(kind.name)) for kind in scan.vocabulary.categories):
        return (
            False  # "Trail running shoes" are rather the shop's "Trail shoes" than running shoes for trails.
        )
    told = list_attributes_of(scan, [term.value for term in following.terms])
    return field in told and {term.field for term in spot.terms} == {field}


def _is_phrase(scan: Scan, spot: Spot) -> bool:
    """As in "peanut butter" of bars: several words together are hardly there by chance."""
    return sum(token.is_word for token in scan.tokens[spot.first : spot.after]) > 1


def _is_modifier(scan: Scan, spot: Spot) -> bool:
    """True where a noun follows at once: "phone charger", "sofa bed"."""
    if spot.after >= len(scan.tokens):
        return False
    following = next((other for other in scan.spots if other.first == spot.after), None)
    if following and any(amount.first == spot.after for amount in scan.amounts):
        return False  # "Pots 30 cm": how much of it, though some goods have this very value.
    if following and _is_department_of(scan, following, spot):
        return False  # "Science books" of a bookshop with a section for science.
    if following and _is_phrase(scan, following) and _is_told_of(scan, following, spot):
        return False  # "Strollers from birth", where the shop says of strollers from when on.
    if is_wide_name(scan, scan.tokens[spot.after].stem, spot=spot):
        return False  # "A duffel bag" is a duffel.
    if following:
        fields = {term.field for term in following.terms}
        return "category" in fields or not (fields & _SHARED_FIELDS or _is_quality(scan, following))
    token = scan.tokens[spot.after]
    grammar = scan.tongue.grammar
    if not token.word.isalpha() or token.word in scan.tongue.stopwords | scan.tongue.size_words:
        return False
    if (
        token.word in _SEQUENCE
        or token.word in grammar.prepositions | grammar.conjunctions | grammar.verbs | scan.tongue.introducing
    ):
        return False
    # "Laptop bags" are no laptops, though a bag is also what shoppers put their goods into.
    cued = any(cue.first == spot.after and cue.kinds != _PLACES for cue in scan.cues.all)
    number = any(amount.first == spot.after for amount in scan.amounts)
    if does_cover(
        wide=token.stem, narrow=scan.tokens[spot.after - 1].stem, thesaurus=build_thesaurus(scan.tongue)
    ):
        return False
    return not (cued or number or _is_adjective(scan, token.word))


def _is_degree(scan: Scan, spot: Spot) -> bool:
    """As in "a light, warm sleeping bag" of a shop that has lights too: an adjective, and goods behind it."""
    degrees = scan.tongue.degrees
    if spot.after > spot.first + 1 or scan.tokens[spot.first].word not in degrees:
        return False
    grammar = scan.tongue.grammar
    apart = grammar.prepositions | grammar.articles | grammar.definite | grammar.verbs
    for at in range(spot.after, min(spot.after + _MOST_BETWEEN, len(scan.tokens))):
        if scan.tokens[at].word in apart:
            return False
        if any(each.first == at and any(t.field == "category" for t in each.terms) for each in scan.spots):
            return True
    return False


def is_wide_name(scan: Scan, stem: str, *, spot: Spot) -> bool:
    """Whether the noun behind only says again of what kind the goods are: the "bag" of a duffel bag."""
    narrow = scan.tokens[spot.after - 1].stem
    return does_cover(wide=stem, narrow=narrow, thesaurus=build_thesaurus(scan.tongue))


def _is_told_of(scan: Scan, value: Spot, kind: Spot) -> bool:
    kinds = [term.value for term in kind.terms if term.field == "category"]
    told = list_attributes_of(scan, kinds) if kinds else []
    return any(term.field in told for term in value.terms)


def _is_department_of(scan: Scan, wide: Spot, spot: Spot) -> bool:
    above = {
        part.lower()
        for category in scan.vocabulary.categories
        if any(term.field == "category" and term.value == category.name for term in spot.terms)
        for part in category.path
    }
    return any(term.field == "category" and term.value.lower() in above for term in wide.terms)


def _is_kind_of_its_own(scan: Scan, spot: Spot) -> bool:
    """True for "sd card" in a shop with sound cards and greeting cards: "card" alone covers neither."""
    if len(spot.terms) < 2 or not spot.first:
        return False
    word = scan.tokens[spot.first - 1].word
    if word in scan.tongue.stopwords or not word.isalpha() or word in scan.tongue.sizes:
        return False
    stem = scan.tokens[spot.first - 1].stem
    if any(stem in list_stems(term.value) for term in spot.terms if term.field == "category"):
        return False  # "Wet food" of a shop with "Wet dog food".
    before = next((other for other in scan.spots if other.after == spot.first), None)
    if before:
        return not ({term.field for term in before.terms} & _SHARED_FIELDS or _is_quality(scan, before))
    cued = any(cue.after == spot.first for cue in scan.cues.all)
    return not (cued or _is_adjective(scan, word))


def _is_introduced(scan: Scan, spot: Spot) -> bool:
    """True after a word that opens a quality: "with a zip", "it has to be organic", "in mint", "for a puppy"."""
    at = spot.first - 1
    grammar = scan.tongue.grammar
    while at >= 0 and scan.tokens[at].word in grammar.articles | grammar.definite:
        at -= 1
    before = scan.find_word(at)
    # "For women" is read with what suits everybody, see `people`.
    person = any(scan.tokens[spot.first].word in words for words in scan.tongue.recipients.values())
    opening = scan.tongue.introducing if person else scan.tongue.introducing | grammar.benefiting
    return before in opening and not _is_modifier(scan, spot)


def _is_quality(scan: Scan, spot: Spot) -> bool:
    words = [token.word for token in scan.tokens[spot.first : spot.after]]
    term = spot.terms[0]
    meant = (term.field.replace("_", " ") if spot.misspelt else words[-1]).lower().split()[-1]
    return _is_adjective(scan, words[-1]) or _is_adjective(scan, meant) or "-" in words


def _is_adjective(scan: Scan, word: str) -> bool:
    shaped = len(word) > 4 and word.endswith(scan.tongue.adjective_endings)
    return shaped or word in scan.tongue.adjectives


def _is_answer(scan: Scan) -> bool:
    """True where values of the shop are all that is said, while goods of a kind are looked for."""
    values = {
        at
        for spot in scan.spots
        if not any(term.field == "category" for term in spot.terms)
        for at in range(spot.first, spot.after)
    }
    said = {
        at
        for at, token in enumerate(scan.tokens)
        if token.is_word and token.word not in scan.tongue.stopwords
    }
    return bool(scan.ledger.list_for("category")) and said <= values


def _is_code(scan: Scan, spot: Spot) -> bool:
    """As in "H7", "M20": letters and digits in one word are no part of another name."""
    text = scan.get_text(first=spot.first, after=spot.after)
    mixed = any(letter.isdecimal() for letter in text) and any(letter.isalpha() for letter in text)
    measured = any(_overlap(spot, amount) and not amount.is_bare for amount in scan.amounts)
    return mixed and text.isalnum() and not measured


def _overlap(spot: Spot, amount: Amount) -> bool:
    return spot.first < amount.after and amount.first < spot.after


def names_kind(scan: Scan, spot: Spot) -> bool:
    """As in "she loves coffee", in a shop of "Coffee & Cooking" whose beans are made of coffee: a word of a kind's name
    is looked for, but where other goods stand behind it or they are to be made of it.
    """
    stem = scan.tokens[spot.first].stem
    if spot.after - spot.first > 1 or not any(
        stem in list_stems(category.name) for category in scan.vocabulary.categories
    ):
        return False
    made = scan.find_word(spot.first - 1) in scan.tongue.grammar.prepositions - scan.tongue.grammar.benefiting
    near = range(spot.after, spot.after + 2)
    return not made and not any(
        kind.first in near for kind in scan.spots if kind.terms[0].field == "category"
    )
