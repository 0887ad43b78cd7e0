"""Which of the moves that were found hold together: one message, one list of things to do."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from commerce_agent.agent.understanding.english.choices import RANKS_KIND, RECOMMENDS_KIND
from commerce_agent.agent.understanding.english.cues import (
    ASKS_OF_KIND,
    ASKS_VERSIONS,
    ASKS_WHY_PRICE,
    MODEST,
    ON_GOODS,
    SHOWS,
    SIDE_BY_SIDE,
    STATES_BUDGET,
)
from commerce_agent.agent.understanding.english.moves import CLAUSE_END, OF_MORE
from commerce_agent.agent.understanding.english.of_cart import DROPS, TAKING_OUT
from commerce_agent.agent.understanding.moves import ITEM_MOVES, WHOLE_MESSAGE, Move, MoveKind
from conversations.constraints import ConstraintReading
from conversations.events.entities import Reference
from conversations.language.order import has_superlative
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import get_kind
from conversations.state import ConversationState

_SHORTEST_NOUN = 5
_SHORTEST_ASKED = 3
_EXCLAIMED = frozenset({
    "sweet", "awesome", "brilliant", "lovely", "amazing", "super", "perfect", "wonderful", "excellent", "fantastic",
    "fab", "legend", "star", "guess", "then", "cool", "wow", "neat", "splendid", "superb",
})  # fmt: skip
"""What people exclaim beside thanks and farewells, and seek nothing by."""
_FIGURE = re.compile(r"\d")
_HOW = re.compile(r"\bhow ([a-z]+)\b", re.IGNORECASE)
_DOES = re.compile(r"\b(?:do|does|did|will|would|can)\s*$", re.IGNORECASE)
_OTHER_REQUESTS: frozenset[MoveKind] = frozenset({"show_cart", "check_out", "orders", "policy", "promotions"})
_SEVERAL = frozenset({"them", "these", "those", "both", "the two"})
_OF_FIRST: frozenset[MoveKind] = frozenset(
    {"add_to_cart", "check_out", "price", "stock", "details", "compare", "search"}
)
"""What may be wanted of the cheapest of goods that were not shown yet."""
_ASIDE: frozenset[MoveKind] = frozenset({"price", "stock", "details", "variants", "more", "compare"})
"""Moves whose words also turn up in plain searches; without an item they give way to the search."""


def settle(
    moves: tuple[Move, ...],
    *,
    said: str,
    references: tuple[Reference, ...],
    reading: ConstraintReading,
    wishes: tuple[tuple[str, str], ...],
    state: ConversationState,
) -> tuple[Move, ...]:
    """Keeps the moves that mean something together, and adds the plain one where none was named."""
    terms = bool(reading.stated or reading.withdrawn or reading.unmeasured)
    asks = bool(reading.again) and ASKS_OF_KIND.search(said) is not None
    says_more = bool(references or terms or asks or set(reading.rest.lower().split()) - _EXCLAIMED)
    if any(move.kind == "help" for move in moves) and not says_more:
        return (Move(kind="help"),)  # "What do you sell?" seeks nothing yet.
    kept = [
        move
        for move in moves
        if move.kind not in WHOLE_MESSAGE or not _says_more_than(move, moves, says_more)
    ]
    more = (
        bool(reading.stated)
        or (bool(reading.again) and SHOWS.search(said) is not None)
        or any(move.kind in _OTHER_REQUESTS for move in kept)
        or ((reading.rest or terms) and len(kept) > 1)
    )
    if "never_mind" in {move.kind for move in kept} and (more or reading.withdrawn):
        kept = [move for move in kept if move.kind != "never_mind"]
    kept = _without_misread(kept, reading=reading, state=state)
    goods = any(term.field == "category" for term in reading.stated)
    if not references:
        kept = _without_asides(kept, reading=reading, goods=goods, state=state)
    firm = _merge([move for move in kept if move.kind != "search"], said=said, references=references)
    if wishes:
        return _about_wishes(firm, wishes=wishes)
    if references and not terms and not firm:
        return (Move(kind="details"),)
    if not firm and (kept or terms or reading.rest or reading.spans or MODEST.search(said)):
        return (Move(kind="search"),)
    restarts = goods and {move.kind for move in firm} == {"start_over"}  # "Start over. Puzzles for kids."
    if restarts or find_clause_apart(said, moves=kept, reading=reading):
        return (*firm, Move(kind="search"))
    if goods and references and has_item_move(firm) and any(move.kind == "search" for move in kept):
        return (*firm, Move(kind="search"))
    if terms and not has_item_move(firm) and not any(m.kind in ("start_over", "recap") for m in firm):
        return (Move(kind="search"), *(move for move in firm if move.kind != "more"))
    return firm or ((Move(kind="never_mind"),) if DROPS.search(said) else ())


def _without_asides(
    kept: list[Move], *, reading: ConstraintReading, goods: bool, state: ConversationState
) -> list[Move]:
    """Drops the moves whose words are part of a search, where no item is meant."""
    if goods or len(state.entities.focus) != 1:
        kept = [move for move in kept if move.kind not in _ASIDE or _stands_alone(move, state=state)]
    if not state.entities.showings and (reading.stated or reading.rest):
        # "My skin is dry, what would you recommend?" has nothing to choose from yet.
        kept = [move for move in kept if move.kind not in ("compare", "recommend")]
    rest = " ".join(word for word in reading.rest.split() if word.lower() not in OF_MORE)
    if _names_others(rest, state=state) or _states_other_kind(reading, state=state):
        # "Headlamps: which is the brightest?" asks for goods that none of those shown are.
        kept = [move for move in kept if move.kind not in ("compare", "recommend", "more")]
    if _states_other_kind(reading, state=state) and any(move.kind == "search" for move in kept):
        # "I also need two bottles", of a shop that has some: they are sought before any is added.
        kept = [move for move in kept if move.kind != "add_to_cart"]
    if reading.withdrawn:
        # "Any colour is fine" drops a term; it asks for no colours.
        kept = [move for move in kept if move.kind not in _ASIDE]
    return kept


def _names_others(rest: str, *, state: ConversationState, shortest: int = _SHORTEST_NOUN) -> bool:
    """Whether the first of the words names goods that none of those shown last are."""
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    entities = [entity for ref in shown if (entity := state.entities.find(ref))]
    # "What's the difference?" names none.
    named = list_stems(
        " ".join(word for word in rest.split() if word not in get_tongue("en").grammar.comparing)
    )[:1]
    told = {
        stem
        for entity in entities
        for text in (
            entity.name,
            *entity.attributes,
            *(v for values in entity.attributes.values() for v in values),
        )
        for stem in list_stems(text)
    }
    return bool(entities and named) and len(named[0]) >= shortest and named[0] not in told


def _states_other_kind(reading: ConstraintReading, *, state: ConversationState) -> bool:
    """Whether goods of a kind are sought that none of those shown last are of."""
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    told = {
        kind
        for ref in shown
        if (entity := state.entities.find(ref))
        for kind in entity.attributes.get("category", ())
    }
    kinds = {get_kind(str(t.value)) for t in reading.stated if t.field == "category" and t.op == "="}
    return bool(told and kinds) and not kinds & told


def ranks_others(
    said: str, references: tuple[Reference, ...], reading: ConstraintReading, *, state: ConversationState
) -> bool:
    """As in "headlamps: which is the brightest?", while tents are at hand: none of those is ranked."""
    ranked = all(any(rule.startswith("extreme") for rule in each.rules) for each in references)
    if not references or not ranked:
        return False
    kinds = {get_kind(str(t.value)) for t in reading.stated if t.field == "category" and t.op == "="}
    several = any(term.field == "category" and term.op == "in" for term in reading.stated)
    meant = [entity for each in references for ref in each.refs if (entity := state.entities.find(ref))]
    elsewhere = kinds and not any(kinds & set(entity.attributes.get("category", ())) for entity in meant)
    return (
        bool(elsewhere)
        or several
        or _ranks_other_goods(said, state=state)
        or _names_others(_leave_asked(reading.rest, said=said, references=references), state=state)
    )


def leave_ranked_kind(
    said: str, references: tuple[Reference, ...], reading: ConstraintReading, *, state: ConversationState
) -> str:
    """As in "which bag is the biggest?" of gym bags at hand: the kind is named to ask, and not to see other bags."""
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    held = [entity.attributes.get("category", ()) for ref in shown if (entity := state.entities.find(ref))]
    ranked = all(any(rule.startswith("extreme") for rule in each.rules) for each in references)
    kinds = [get_kind(str(t.value)) for t in reading.stated if t.field == "category" and t.op == "="]
    asked = RANKS_KIND.search(said)
    if not (asked and kinds and held and references and ranked):
        return said
    if any(kind not in of for kind in kinds for of in held):
        return said
    return said[: asked.start("goods")] + " " * len(asked["goods"]) + said[asked.end("goods") :]


def _ranks_other_goods(said: str, *, state: ConversationState) -> bool:
    """As in "which pan is the biggest?", after backpacks: a noun that is none of theirs and stands for no goods."""
    asked, grammar = RANKS_KIND.search(said), get_tongue("en").grammar
    noun = asked["goods"].lower() if asked else ""
    if noun in grammar.standin_one | grammar.standin_many | grammar.field_names:
        return False
    return bool(noun) and _names_others(noun, state=state, shortest=_SHORTEST_ASKED)


def _recommends_others(said: str, *, state: ConversationState) -> bool:
    """As in "which wood chips would you recommend?", after smokers: none of those is recommended."""
    asked = RECOMMENDS_KIND.search(said)
    noun = asked["goods"].split()[-1] if asked else ""
    return bool(noun) and _names_others(noun, state=state, shortest=_SHORTEST_ASKED)


def _leave_asked(rest: str, *, said: str, references: tuple[Reference, ...]) -> str:
    """The words without those that ask: "how heavy is the cheapest?", "what does the cheapest weigh?" name no goods."""
    asked = {match.group(1).lower() for match in _HOW.finditer(said)} | TAKING_OUT
    for reference in references:
        before, _, behind = said.partition(reference.text)
        if _DOES.search(before) and len(behind.split()) == 1:
            asked.add(behind.strip(" ?!.").lower())
    return " ".join(word for word in rest.split() if word.lower() not in asked)


def find_clause_apart(said: str, *, moves: Iterable[Move], reading: ConstraintReading) -> str:
    """Answers the clause that seeks goods where another asks for a policy, in its place: "Show me tents, and what's
    your return policy?". Empty where the message is not so.
    """
    moves = tuple(moves)
    if not any(move.kind in ("policy", "add_to_cart") for move in moves):
        return ""
    cuts = [0, *(match.end() for match in CLAUSE_END.finditer(said)), len(said)]
    for first, after in pairwise(cuts):
        inside = {move.kind for move in moves if first <= move.at < after}
        goods = any(first <= start < after for start, _ in reading.spans)
        if "search" in inside and not inside & {"policy", "add_to_cart"} and goods:
            return " " * first + said[first:after]
    return ""


def find_search_apart(
    said: str, *, moves: tuple[Move, ...], references: tuple[Reference, ...], reading: ConstraintReading
) -> str:
    """The clause that seeks goods beside one about terms, unless it is itself about goods that are known."""
    apart = find_clause_apart(said, moves=moves, reading=reading)
    return "" if any(reference.text in apart for reference in references) else apart


def _without_misread(
    moves: list[Move], *, reading: ConstraintReading, state: ConversationState
) -> list[Move]:
    """A number that moved the price limit ("make it 70") counts no pieces, and "tents on sale" are sought."""
    if any(term.field == "on_sale" for term in (*reading.stated, *reading.again)):
        moves = [move for move in moves if move.kind != "promotions"]
    if any(end.text.lower().startswith("drop") for end in reading.withdrawn):
        moves = [move for move in moves if move.kind != "take_from_cart"]
    limits = {float(term.value) for term in reading.stated if isinstance(term.value, float | int)}
    # "Make it two pounds", of what was to weigh a pound at most.
    moved = bool(limits) and bool(reading.superseded)
    in_cart = {line.ref for line in state.cart.lines} & set(state.entities.focus)
    if in_cart:
        return moves
    return [
        move
        for move in moves
        if move.kind != "set_quantity"
        or not move.topic.isdecimal()
        or not (moved or float(move.topic) in limits)
    ]


_ANSWERS: Mapping[MoveKind, tuple[MoveKind, ...]] = {"decline": ("thank",), "part": ("thank", "agree")}
"""As in "no thanks", "great, thanks, bye": what is answered with the other."""


def _merge(moves: list[Move], *, said: str, references: tuple[Reference, ...]) -> tuple[Move, ...]:
    """Drops moves that another one covers: "how many are left" asks for stock, not for details."""
    kinds = {move.kind for move in moves}
    if "set_quantity" in kinds and "add_to_cart" in kinds:
        number = next(move.topic for move in moves if move.kind == "set_quantity")
        moves = [
            msgspec.structs.replace(move, topic=number) if move.kind == "add_to_cart" else move
            for move in moves
            if move.kind != "set_quantity"
        ]
    answered = {kind for other in kinds for kind in _ANSWERS.get(other, ())}
    moves = [move for move in moves if move.kind not in answered]
    if "recommend" in kinds:
        moves = [move for move in moves if move.kind not in ("compare", "details", "more", "add_to_cart")]
    if "opinion" in kinds:
        told = ("compare", "details", "price", "more", "promotions") if len(kinds) > 1 else ()
        moves = [move for move in moves if move.kind not in told]
    named = {ref for reference in references for ref in reference.refs}
    # "Which is the lightest?" has already picked one; there is nothing left to compare.
    one = len(named) == 1 and len(references) == 1 and references[0].text.lower() not in _SEVERAL
    if "compare" in kinds and one and not SIDE_BY_SIDE.search(said):
        moves = [msgspec.structs.replace(m, kind="details") if m.kind == "compare" else m for m in moves]
    if "promotions" in kinds and not named:
        moves = [move for move in moves if move.kind != "details"]
    if "variants" in kinds and ASKS_VERSIONS.search(said):
        moves = [move for move in moves if move.kind not in ("stock", "more")]
    if "show_cart" in kinds:
        moves = [move for move in moves if move.kind not in ("details", "price", "compare", "more")]
    if kinds & {"stock", "price", "variants", "policy"}:
        moves = [move for move in moves if move.kind != "details"]
    if "policy" in kinds and not named:
        moves = [move for move in moves if move.kind != "price"]
    return tuple(moves)


def _about_wishes(moves: tuple[Move, ...], *, wishes: tuple[tuple[str, str], ...]) -> tuple[Move, ...]:
    """A colour or size asked of an item is a question for another version, any other word one for details."""
    others = tuple(move for move in moves if move.kind not in ("details", "stock", "variants", "price"))
    if has_item_move(others):
        return others
    versions = {field for field, _ in wishes} <= {"color", "size", "material"}
    return (Move(kind="variants" if versions else "details"), *others)


def _says_more_than(move: Move, moves: tuple[Move, ...], says_more: bool) -> bool:  # noqa: FBT001
    others = [other for other in moves if other.kind not in WHOLE_MESSAGE]
    return bool(others) or (says_more and move.kind != "help")


def _stands_alone(move: Move, *, state: ConversationState) -> bool:
    """Whether the move can be answered from what was shown last, without an item being named."""
    return move.kind in ("more", "compare", "recommend") and bool(state.entities.showings)


def has_item_move(moves: tuple[Move, ...]) -> bool:
    return any(move.kind in ITEM_MOVES or move.kind in ("why", "why_not") for move in moves)


def wants_search(moves: tuple[Move, ...]) -> bool:
    return any(move.kind == "search" for move in moves) and not has_item_move(moves)


def seeks_first(
    said: str, *, moves: tuple[Move, ...], reading: ConstraintReading, state: ConversationState
) -> bool:
    """As in "I'll take the cheapest headlamp", where none was shown: which one that is has to be searched for."""
    named = bool(reading.rest) or any(term.field == "category" for term in reading.stated)
    of_items = bool(moves) and all(move.kind in _OF_FIRST for move in moves)
    if any(move.kind == "recommend" for move in moves) and _recommends_others(said, state=state):
        return named
    return named and of_items and has_superlative(said)


def states_budget(said: str, moves: tuple[Move, ...]) -> bool:
    """As in "my budget for the chair is 200": what may be spent, which picks no chair out."""
    # Every way to say it names a sum; most messages have none, and are not searched.
    says = "?" not in said and _FIGURE.search(said) is not None and not has_item_move(moves)
    return says and STATES_BUDGET.search(said) is not None


def asks_promotions(said: str, moves: tuple[Move, ...]) -> bool:
    """As in "is there a discount on tents?": what comes off the goods is asked, not for the goods."""
    asked = any(move.kind == "promotions" for move in moves) and ON_GOODS.search(said)
    return bool(asked) and not SHOWS.search(said) and not has_item_move(moves)


def without_counts(reading: ConstraintReading, moves: tuple[Move, ...]) -> ConstraintReading:
    """As in "make it a dozen" of what is in the cart: a count of pieces moves no limit."""
    counts = {float(move.topic) for move in moves if move.kind == "set_quantity" and move.topic.isdecimal()}
    counted = {
        term.id
        for term in reading.stated
        if isinstance(term.value, float | int) and float(term.value) in counts
    }
    return msgspec.structs.replace(
        reading,
        stated=tuple(term for term in reading.stated if term.id not in counted),
        superseded=tuple(pair for pair in reading.superseded if pair.new not in counted),
    )


def without_repeats(moves: tuple[Move, ...], *, said: str) -> tuple[Move, ...]:
    """Each thing that is wanted once, and none that the answer to another tells anyway."""
    kept: dict[tuple[MoveKind, str], Move] = {}
    for move in moves:
        kept.setdefault((move.kind, move.topic), move)
    kinds = {move.kind for move in kept.values()}
    covered = {"details", "price", "stock"} if kinds & {"compare", "add_to_cart", "check_out"} else set()
    if ASKS_WHY_PRICE.search(said):
        covered = covered - {"price"}
    # "Thanks, bye" is answered by one goodbye.
    covered = covered | ({"thank"} if "part" in kinds else set())
    if "price" in kinds:
        covered = covered | {"promotions"}
    return tuple(move for move in kept.values() if move.kind not in covered)
