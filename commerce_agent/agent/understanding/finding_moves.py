"""The moves of a message, found by their words."""

import re
from collections.abc import Iterable, Mapping, Set
from functools import cache, lru_cache

import msgspec

from commerce_agent.agent.understanding.english.counting import ADD_COUNT, COUNT_LAST, get_number
from commerce_agent.agent.understanding.english.cues import ASKS_WHY_PRICE
from commerce_agent.agent.understanding.english.moves import MOVES, OFTEN_MISSPELT
from commerce_agent.agent.understanding.english.negated import blank_undone
from commerce_agent.agent.understanding.english.of_cart import DROPS, WAS_ADDED
from commerce_agent.agent.understanding.english.policies import ASKS_ALL_TERMS, COSTS_OF_TERMS, POLICIES
from commerce_agent.agent.understanding.english.supposed import blank_supposed
from commerce_agent.agent.understanding.english.taking import COUNT_CORRECTED, NUMBER
from commerce_agent.agent.understanding.moves import EFFECTS, WHOLE_MESSAGE, Move, MoveKind
from commerce_agent.agent.understanding.wording_index import WordingIndex, list_grams
from conversations.language.spelling import find_meant
from conversations.language.tokens import list_stems, list_tokens

_WORD = re.compile(r"[a-z]{4,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_SMALL = 3
_SHORTEST_ROOT = 5
_BENT = 2
"""So many last letters of a stem may differ within a family of words."""
_LONG_WORD = re.compile(r"[a-zA-Z]{6,}")


def find_moves(said: str, *, policies: Iterable[tuple[str, str]] = (), own: str = "") -> tuple[Move, ...]:
    """The moves whose words stand in the message, by where they stand; `own` is as the shopper wrote it."""
    said = _lower(_LONG_WORD.sub(_spelt, said))
    grams = list_grams(said)
    found = [
        Move(kind=kind, at=match.start(), topic=_read_number(match))
        for kind, match in _index_moves().find_all(said, grams).items()
    ]
    found = _without_supposed(_without_undone(found, said=said), said=said)
    found.extend(_find_policies(blank_undone(said), policies=policies, own=own or said, grams=grams))
    found = _without_covered(_with_count(found, said), said=said)
    if added := WAS_ADDED.search(said):
        # What is wanted behind the question is wanted all the same.
        found = [move for move in found if not added.start() <= move.at <= added.end()]
        found.append(Move(kind="show_cart", at=added.start()))
    if COSTS_OF_TERMS.search(said) and any(move.kind == "policy" for move in found):
        # "How much is it to have it delivered?" asks for no stock either.
        found = [move for move in found if move.kind not in ("price", "stock")]
    if asked := ASKS_WHY_PRICE.search(said):
        # What makes the price is told with it; no choice of ours is asked about.
        found = [move for move in found if move.kind not in _IN_WHY_PRICE]
        found.append(Move(kind="price", at=asked.start()))
    return tuple(sorted(found, key=lambda move: move.at))


def _without_undone(found: list[Move], *, said: str) -> list[Move]:
    """As in "don't empty my cart": what is not to be done is done by no other half of the message either."""
    left = blank_undone(said)
    if left == said:
        return found
    done = [
        Move(kind=kind, at=match.start(), topic=_read_number(match))
        for kind, match in _index_moves().find_all(left, list_grams(left)).items()
        if kind in EFFECTS
    ]
    kept = [move for move in found if move.kind not in EFFECTS]
    at = next(place for place, (one, other) in enumerate(zip(said, left, strict=True)) if one != other)
    # What stands undone is all that was said of it, unless something else is wanted.
    undone = (
        []
        if done or any(move.kind not in WHOLE_MESSAGE for move in kept)
        else [Move(kind="never_mind", at=at)]
    )
    return [*kept, *done, *undone]


def _without_supposed(found: list[Move], *, said: str) -> list[Move]:
    """As in "why should I buy it?": what is asked about is not done; what is wanted beside the question is."""
    if not any(move.kind in EFFECTS for move in found):
        return found
    left = blank_supposed(said)
    if left == said:
        return found
    left = blank_undone(left)
    done = [
        Move(kind=kind, at=match.start(), topic=_read_number(match))
        for kind, match in _index_moves().find_all(left, list_grams(left)).items()
        if kind in EFFECTS
    ]
    return [*(move for move in found if move.kind not in EFFECTS), *done]


def blank_why_price(said: str) -> str:
    """The message without the sentence that asks why something costs what it does, the rest each in its place."""
    asked = ASKS_WHY_PRICE.search(said)
    if asked is None:
        return said
    first = max((end.end() for end in _SENTENCE_END.finditer(said, 0, asked.start())), default=0)
    end = _SENTENCE_END.search(said, asked.end())
    after = end.end() if end else len(said)
    return said[:first] + " " * (after - first) + said[after:]


def _lower(said: str) -> str:
    """The message in small letters, each in its place: the small form of some letters is longer than one."""
    small = said.lower()
    return small if len(small) == len(said) else "".join(letter.lower()[0] for letter in said)


_SENTENCE_END = re.compile(r"[.?!](?!\d)")
_ASIDE = 8
"""So far behind "never mind" a move is another clause."""

_NAMES_ONE = re.compile(r"\W*(?:(?:ok(?:ay)?|yes|then|so|hm+)\W+)*(?:the|that|this) (?:[^\W\d]|[' -]){2,40}")
_OTHER_NUMBER = re.compile(rf"\d+|\b(?!(?:one|a|an)\b){NUMBER}\b")
_SUPPOSES = re.compile(
    r"\b(?:if|when|whether|suppose|supposing|before|until|unless"
    r"|(?:should|shall|can|could|would) (?:i|we|he|she|they))\b[^.?!]*$"
)
"""Before what would be done and is not to be done yet: "if I get both, how much are they together?"."""

_IN_WHY_PRICE: frozenset[MoveKind] = frozenset(
    {"why", "why_not", "compare", "more", "price", "promotions", "details"}
)
"""Moves whose words the question why something costs what it does may hold."""

_OF_ORDERS = {("policy", "shipping"), ("policy", "payment")}
"""What is asked of an order that was placed, and of no policy."""
_PAYS = frozenset({"pay", "payment"})
"""Stems in the names of policies about paying."""
_COVERED: Mapping[MoveKind, frozenset[MoveKind]] = {
    "why_not": frozenset({"why"}),
    "identity": frozenset({"call_person"}),
    "swap": frozenset({"add_to_cart", "take_from_cart", "set_quantity"}),
    "empty_cart": frozenset({"take_from_cart", "show_cart", "start_over"}),
    "start_over": frozenset({"take_from_cart"}),
    "undo": frozenset({"never_mind", "show_cart", "set_quantity", "add_to_cart"}),
    "never_mind": frozenset({"take_from_cart"}),
    "recap": frozenset({"details", "search"}),
    "price_gap": frozenset({"price", "price_sum", "compare", "details", "show_cart", "more"}),
    "price_sum": frozenset(
        {"price", "compare", "details", "show_cart", "add_to_cart", "set_quantity", "promotions"}
    ),
}
"""Moves whose words also hold those of others, which they make void."""


def _without_covered(found: list[Move], *, said: str) -> list[Move]:
    kinds = {move.kind for move in found}
    at = {move.kind: move.at for move in found}
    if at.get("take_from_cart", -1) > at.get("never_mind", len(at)) + _ASIDE:
        # "Never mind, take it out": the second half says what is wanted.
        kinds.discard("never_mind")
        found = [move for move in found if move.kind != "never_mind"]
    void = {kind for firm, covered in _COVERED.items() if firm in kinds for kind in covered}
    if "price_sum" in kinds and _adds_beside_sum(said, at=at.get("add_to_cart", -1)):
        void.discard("add_to_cart")
    dropped = DROPS.search(said)
    if (
        dropped
        and dropped.start() <= at.get("more", -1) < dropped.end()
        and not said[dropped.end() :].strip(" .!")
    ):
        void.add("more")  # "I don't want the lamp any more" asks to see no others.
    if any(move.topic == "price_match" for move in found):
        void |= {"search", "price", "more", "compare"}
    return [
        move
        for move in found
        if move.kind not in void and not ("orders" in kinds and (move.kind, move.topic) in _OF_ORDERS)
    ]


def _adds_beside_sum(said: str, *, at: int) -> bool:
    """As in "add both, how much are they together?": the order stands apart from the question, and is no "if"."""
    asked = MOVES["price_sum"].search(said)
    if at < 0 or asked is None or asked.start() <= at < asked.end():
        return False
    return _SUPPOSES.search(said[:at]) is None


def _with_count(found: list[Move], said: str) -> list[Move]:
    """How many are to be added stands apart from the word that adds: "put two packs in my basket"."""
    counted, corrected = ADD_COUNT.search(said) or COUNT_LAST.search(said), COUNT_CORRECTED.search(said)
    counts = {move.topic for move in found} | ({get_number(counted["number"])} if counted else set())
    if corrected and not _is_count_corrected(corrected, counts=counts):
        corrected = None
    count = corrected or counted
    if not count:
        return found
    topic = get_number(count["number"])
    if corrected and not found and _NAMES_ONE.fullmatch(said[: corrected.start()]):
        # "The first one. Actually two": so many of it are wanted.
        return [Move(kind="add_to_cart", topic=topic)]
    return [
        msgspec.structs.replace(move, topic=topic if corrected else move.topic or topic)
        if move.kind == "add_to_cart"
        else move
        for move in found
    ]


def _is_count_corrected(corrected: re.Match[str], *, counts: Set[str]) -> bool:
    """Whether it is no size, price or content that is corrected: no number stands before it but the count."""
    numbers = _OTHER_NUMBER.findall(corrected.string, 0, corrected.start())
    return bool(corrected["pieces"]) or {get_number(number) for number in numbers} <= counts


@cache
def _index_moves() -> WordingIndex[MoveKind]:
    return WordingIndex(MOVES)


@cache
def _index_policies() -> WordingIndex[str]:
    return WordingIndex(POLICIES)


def _find_policies(
    said: str, *, policies: Iterable[tuple[str, str]], own: str, grams: frozenset[str]
) -> list[Move]:
    found = [
        Move(kind="policy", topic=name, at=match.start())
        for name, match in _index_policies().find_all(said, grams).items()
    ]
    if any(move.topic == "price_match" for move in found):
        found = [move for move in found if move.topic == "price_match"]
    others = [(name, title) for name, title in policies if name not in POLICIES]
    found.extend(_find_titled(policies, said=said, found={move.topic for move in found}))
    # "Of course" asks after no course.
    said = said.replace("of course", " " * len("of course"))
    said = _PUT_TOGETHER.sub(lambda match: "assemble".ljust(len(match.group())), said)
    at = {token.stem: token.start for token in reversed(list_tokens(said))} if others else {}
    for name, title in others:
        stems = [stem for word in _WORD.findall(name.lower().replace("_", " ")) for stem in list_stems(word)]
        if "wrap" in stems and _WRAPS.search(said):
            stems = ["wrap"]  # "Could you wrap those two?" asks for gift wrapping.
        places = [_find_kin(stem, at) for stem in stems]
        if places and None not in places:
            found.append(Move(kind="policy", topic=name, at=places[0] or 0))
        elif (titled := _find_title(title, own)) is not None:
            found.append(Move(kind="policy", topic=name, at=min(titled, len(said))))
    if not found and (terms := ASKS_ALL_TERMS.search(said)):
        return [Move(kind="policy", at=terms.start())]
    return _name_payment(found, others)


def _name_payment(found: list[Move], others: list[tuple[str, str]]) -> list[Move]:
    """A shop may have named its own policy of payments otherwise: "Ways to pay"."""
    if not any(move.topic == "payment" for move in found):
        return found
    own = (name for name, title in others if _PAYS & set(list_stems(f"{name} {title}".replace("_", " "))))
    name = next(own, "payment")
    asked = [msgspec.structs.replace(move, topic=name) if move.topic == "payment" else move for move in found]
    return list({move.topic: move for move in reversed(asked)}.values())[::-1]


def _find_titled(policies: Iterable[tuple[str, str]], *, said: str, found: set[str]) -> list[Move]:
    """As in "if a piece is missing?" of a warranty with the title "Missing pieces": two words of it or more."""
    at = {token.stem: token.start for token in reversed(list_tokens(said))}
    titled: list[Move] = []
    for name, title in policies:
        stems = {stem for word in _WORD.findall(title.lower()) for stem in list_stems(word)}
        if name in POLICIES and name not in found and len(stems) > 1 and stems <= at.keys():
            titled.append(Move(kind="policy", topic=name, at=min(at[stem] for stem in stems)))
    return titled


def _find_title(title: str, own: str) -> int | None:
    """Where the shopper's own words have all of the title's: "un emballage cadeau, c'est possible ?"."""
    words = [word for word in _LETTERS.findall(title.lower()) if len(word) > _LONGEST_SMALL]
    found = [re.search(rf"\b{re.escape(word)}", own.lower()) for word in words]
    places = [match.start() for match in found if match]
    return min(places) if places and len(places) == len(found) else None


def _find_kin(stem: str, at: Mapping[str, int]) -> int | None:
    """Where the word stands, or one of its family: "subscribe" where the policy is called "subscription".

    What does it is a thing, and no policy: a "grinder" is not the "grinding".
    """
    family = next((kin for kin in _POLICY_KIN if any(_is_kin(stem, word) for word in kin)), ())
    relative = next(
        (place for other, place in at.items() if any(_is_kin(other, word) for word in family)), None
    )
    if family:
        return at.get(stem, relative)
    root = stem[: max(_SHORTEST_ROOT, len(stem) - _BENT)]
    kin = (
        place
        for other, place in at.items()
        if len(root) >= _SHORTEST_ROOT and other.startswith(root) and other not in (f"{root}er", f"{root}or")
    )
    return at[stem] if stem in at else next(kin, None)


_LONGEST_WHOLE = 5


def _is_kin(stem: str, word: str) -> bool:
    """A short word is meant as it is: no "classic" is a class, and no mountain a mount."""
    return stem == word or (len(word) > _LONGEST_WHOLE and stem.startswith(word))


_PUT_TOGETHER = re.compile(
    r"\b(?:put|putting|screw|build)\b"
    r"(?= [^.?!,]{1,40}\b(?:together|up)\b)(?![^.?!]*\b(?:cart|basket|bag|order)\b)"
)
"""As in "can someone put the desk together for me?": what is assembled, and nothing that is put into the cart."""
_WRAPS = re.compile(
    r"\b(?:can|could|will|would|do) (?:you|they|someone|somebody) wrap\b|\b(?:please|gift|to) wrap\b|\bwrapping\b"
    r"|\bwrapped\b(?! (?:dress|skirt))"
    r"|\bwrap (?:it|them|that|this|these|those|the|each|both|my)\b|\b(?:be|come|comes) wrapped\b"
    r"|\b(?:get|have|want|need|like) (?:it|them|that|this|these|those|both|all|everything|the \w+) wrapped\b"
)
"""What one asks to be wrapped: a wrap dress is not."""
_POLICY_KIN = (
    ("monogram", "initi", "engrav", "personali", "embroider"),
    ("gift", "present"),
    ("assembl", "instal", "mount"),
    ("pickup", "collect"),
    ("class", "cours", "lesson", "workshop"),
    ("repair", "mend"),
    ("subscri", "autoship"),
    ("loyal", "reward"),
    ("payment", "financ", "klarna", "paypal"),
)
"""Stems of what shops call a term and shoppers say of it."""


def _read_number(match: re.Match[str]) -> str:
    return next((get_number(value) for value in match.groupdict().values() if value), "")


def _spelt(match: re.Match[str]) -> str:
    word = match.group()
    return _correct(word.lower()) or word


@lru_cache(maxsize=16384)
def _correct(word: str) -> str | None:
    """What a misspelt word of the moves was meant to be; None for any other."""
    return None if word in OFTEN_MISSPELT else find_meant(word, OFTEN_MISSPELT)
