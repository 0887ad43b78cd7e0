"""Which of the references that were found hold, given what the whole message wants."""

import re
from collections.abc import Sequence

from commerce_agent.agent.understanding.english.cues import (
    ADDS_WISH,
    ASKS_NOW,
    COMES_IN,
    CORRECTS,
    GOES_WITH,
    OWNS,
    SEEKS_FOR_IT,
    SIMILAR,
)
from commerce_agent.agent.understanding.english.fitting import SEEKS_PLAINLY_FOR_IT
from commerce_agent.agent.understanding.english.moves import AND_OF, BARE_TOPIC
from commerce_agent.agent.understanding.english.of_cart import DROPS, OF_CART, WAS_ADDED
from commerce_agent.agent.understanding.english.returning import BACK_TO, KIND_AGAIN
from commerce_agent.agent.understanding.letting_go_of_kinds import read_by_terms, returns_with_less
from commerce_agent.agent.understanding.meant_in_cart import is_in_cart
from commerce_agent.agent.understanding.moves import WHOLE_MESSAGE, Move, MoveKind
from commerce_agent.agent.understanding.own_items import OF_OWN, PRONOUNS, find_in_own, find_word
from commerce_agent.agent.understanding.settling import has_item_move, wants_search
from commerce_agent.agent.understanding.wishing import find_kind, get_focus_reference
from conversations.constraints import ConstraintReading
from conversations.events.entities import Entity, Reference
from conversations.language import Vocabulary
from conversations.language.lexicon import build_lexicon, list_spots
from conversations.language.order import has_superlative, list_comparatives
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import get_kind
from conversations.state import ConversationState

_LONGEST_PRONOUN = _LONGEST_GOING_ON = 5
_ONLY_VALUES = frozenset({"color", "value", "focus", "latest", "known", "asked", "equals"})
_SHARED_BY_COLORS: frozenset[MoveKind] = frozenset(
    {"details", "policy", "compare", "why", "why_not", "variants"}
)
"""Moves whose answer is the same for every colour of a product."""


def returns_to_kind(said: str, references: tuple[Reference, ...], *, vocabulary: Vocabulary) -> bool:
    """As in "go back to the boots", where several were shown: the search goes on, none of them is chosen."""
    if KIND_AGAIN.fullmatch(said):
        return len(references) == 1 and len(references[0].refs) > 1
    back = BACK_TO.search(said)
    if back is None or not _names_kind(said[back.end() :], vocabulary=vocabulary):
        return False
    if len(references) == 1 and len(references[0].refs) > 1:
        return said[back.end() :].strip(" .!?").lower() == references[0].text.lower()
    return all(reference.outcome == "ambiguous" for reference in references)


def seeks_first_of_kind(references: tuple[Reference, ...], *, vocabulary: Vocabulary) -> bool:
    """As in "I'll take the cheapest tent", where no tent was shown: the shop has to be searched for it."""
    return bool(references) and all(
        reference.outcome == "unknown"
        and has_superlative(reference.text)
        and _names_kind(reference.text, vocabulary=vocabulary)
        for reference in references
    )


def _names_kind(text: str, *, vocabulary: Vocabulary) -> bool:
    tongue = get_tongue("en")
    spots = list_spots(list_tokens(text), build_lexicon(vocabulary, tongue), tongue)
    return any(term.field == "category" for spot in spots for term in spot.terms)


def drops_terms(
    said: str, references: tuple[Reference, ...], *, state: ConversationState, vocabulary: Vocabulary
) -> bool:
    """As in "forget the size", "any colour is fine, what's the cheapest?": a term goes, so the search is made anew."""
    if returns_with_less(said, references, state=state, vocabulary=vocabulary):
        return True
    aspects = get_tongue("en").grammar.aspects
    standins = get_tongue("en").grammar.standin_one | get_tongue("en").grammar.standin_many
    vague = all(
        reference.text.lower() in aspects
        or any(rule.startswith("extreme") for rule in reference.rules)
        # "Forget the black" lets a colour go, "forget the black one" a thing.
        or (set(reference.rules) <= _ONLY_VALUES and not standins & set(reference.text.lower().split()))
        for reference in references
    )
    if not references or not vague:
        return False
    return bool(read_by_terms(said, state=state, vocabulary=vocabulary).withdrawn)


def points_vaguely(references: tuple[Reference, ...]) -> bool:
    """Whether nothing is pointed at but by pronouns that may mean several items."""
    return bool(references) and all(
        reference.outcome == "ambiguous" and reference.text.lower() in PRONOUNS for reference in references
    )


def without_purpose(
    references: tuple[Reference, ...], *, moves: tuple[Move, ...], reading: ConstraintReading
) -> tuple[Reference, ...]:
    """As in "And some strings for it": what goods are for is not asked about."""
    sought = find_kind(reading) and wants_search(moves)
    return () if sought and points_vaguely(references) else references


def settle_alike(
    references: tuple[Reference, ...], *, moves: tuple[Move, ...], state: ConversationState
) -> tuple[Reference, ...]:
    """Chooses where the choice makes no difference to the answer: between colours of one product, for what they share.

    Of a policy the cart tells which is meant, too.
    """
    kinds = {move.kind for move in moves} - WHOLE_MESSAGE
    # What is looked for beside it is nothing of these.
    kinds -= {"search"} if "policy" in kinds or _are_all_versions(references, state=state) else set()
    # "Is the Kestrel available in another colour?" asks for them all.
    kinds -= {"stock"} if "variants" in kinds else set()
    if kinds <= OF_OWN:
        references = tuple(
            # "And on the duvet?" goes on with what was asked; "the black one" may choose from what is shown.
            find_in_own(each, moves=moves, state=state) if moves or each.rules[:1] == ("category",) else each
            for each in references
        )
    if not kinds <= _SHARED_BY_COLORS:
        return references
    in_cart = {line.ref for line in state.cart.lines}
    settled: list[Reference] = []
    for reference in references:
        entities = [entity for ref in reference.candidates if (entity := state.entities.find(ref))]
        held = [ref for ref in reference.candidates if ref in in_cart]
        chosen = held if "policy" in kinds and len(held) == 1 else []
        if not chosen and kinds == {"policy"} and _is_one_kind(reference, state=state):
            chosen = list(reference.candidates[:1])
        if not chosen and _are_versions(entities):
            chosen = list(reference.candidates[:1])
        settled.append(
            Reference(
                text=reference.text, outcome="resolved", refs=tuple(chosen), rules=(*reference.rules, "alike")
            )
            if reference.outcome == "ambiguous" and chosen
            else reference
        )
    return tuple(settled)


def is_shared(references: tuple[Reference, ...], *, name: str, state: ConversationState) -> bool:
    """Whether it made no difference which was chosen, and what was shown beside it is no different in that either."""
    showings = state.entities.showings
    shown = [state.entities.find(ref) for ref in (showings[-1].refs if showings else ())]
    alike = any("alike" in reference.rules for reference in references)
    told = {(entity.attributes.get(name), entity.measures.get(name)) for entity in shown if entity}
    return alike and len(told) <= 1


def _are_all_versions(references: tuple[Reference, ...], *, state: ConversationState) -> bool:
    """As in "what about the field easel?", which comes in two colours: the words seek nothing else."""
    asked = [
        [entity for ref in each.candidates if (entity := state.entities.find(ref))]
        for each in references
        if each.outcome == "ambiguous"
    ]
    return bool(asked) and all(_are_versions(entities) for entities in asked)


def _are_versions(entities: Sequence[Entity]) -> bool:
    """Whether they are one product: by the shop's groups, else by the name without its colour, where none are told."""
    groups = {entity.group for entity in entities}
    if len(groups) == 1 and "" not in groups:
        return True
    alone = all(entity.group in ("", entity.ref.key) for entity in entities)
    return alone and bool(entities) and len({_get_title(entity) for entity in entities}) == 1


def _get_title(entity: Entity) -> str:
    colors = entity.attributes.get("color", ())
    return entity.name.removesuffix(f" in {colors[0].lower()}") if colors else entity.name


def _is_one_kind(reference: Reference, *, state: ConversationState) -> bool:
    """Whether the shop's terms for a kind hold for all that may be meant."""
    kinds = {
        entity.attributes.get("category")
        for ref in reference.candidates
        if (entity := state.entities.find(ref))
    }
    return len(kinds) == 1 and None not in kinds and reference.text.lower() not in PRONOUNS


def with_found(
    references: tuple[Reference, ...], *, found: tuple[Reference, ...], said: str
) -> tuple[Reference, ...]:
    """The references with those the shop knows; a name explains the "it" behind it and what pointed at nothing."""
    settled = {ref for reference in references for ref in reference.refs}
    # "The silver one looks nice. How long is the chain?": whose chain is clear.
    found = tuple(each for each in found if not settled & {*each.candidates})
    if not found:
        return references
    first = min(said.find(reference.text) for reference in found)
    named = {ref for reference in found for ref in (*reference.refs, *reference.candidates)}
    kept = [
        reference
        for reference in references
        if reference.outcome != "unknown"
        and not any(_stands_in(reference, other) for other in found)
        and not named & {*reference.refs, *reference.candidates}
        and not (reference.text.lower() in PRONOUNS and find_word(reference.text, said=said) > first)
        and not (reference.text.lower() in PRONOUNS and GOES_WITH.search(said))
    ]
    return tuple(sorted((*kept, *found), key=lambda reference: said.find(reference.text)))


def _stands_in(reference: Reference, name: Reference) -> bool:
    """Whether the reference is part of a longer name: "the cream" in "the night cream"."""
    text = reference.text.lower()
    return len(text) > _LONGEST_PRONOUN and text in name.text.lower()


def find_noticed(said: str, *, state: ConversationState) -> Reference | None:
    """As in "and now?", right after something was back in stock: what the news was about."""
    notices = state.transcript.notices
    ref = notices[-1].ref if notices and ASKS_NOW.match(said) else None
    if ref is None or state.entities.find(ref) is None:
        return None
    return Reference(text=said.strip(" ?!."), outcome="resolved", refs=(ref,), rules=("noticed",))


def settle_moves(
    moves: tuple[Move, ...], *, said: str, references: tuple[Reference, ...], state: ConversationState
) -> tuple[Move, ...]:
    """What is wanted of the references where no words of it are said: "and now?", "forget the lamp"."""
    plain = {move.kind for move in moves} <= {"more", "search", "stock", "variants", "details", "price"}
    meant = plain and any(reference.outcome == "resolved" for reference in references)
    if meant and SIMILAR.search(said) and ADDS_WISH.search(said):
        # "Anything similar?" alone goes on in the list; who adds a wish seeks anew, without the item itself.
        return (Move(kind="search"),)
    if any("noticed" in reference.rules for reference in references):
        return (Move(kind="stock"),)
    if any(move.kind == "show_cart" for move in moves) and _ranks_in_cart(references):
        return (Move(kind="details"),)
    if any(move.kind == "show_cart" for move in moves) and _asks_of_goods(said, references, state=state):
        moves = tuple(Move(kind="price", at=move.at) if move.kind == "show_cart" else move for move in moves)
    if DROPS.search(said) and references and all(move.kind == "never_mind" for move in moves):
        return (Move(kind="take_from_cart" if is_in_cart(references, state=state) else "never_mind"),)
    return moves


def _ranks_in_cart(references: tuple[Reference, ...]) -> bool:
    """As in "what's the cheapest thing in my cart?": one of it is asked for, and not the whole."""
    return any(
        "cart" in each.rules and any(rule.startswith("extreme") for rule in each.rules) for each in references
    )


def _asks_of_goods(said: str, references: tuple[Reference, ...], *, state: ConversationState) -> bool:
    """As in "the terracotta one, what would I pay?": what is not in the cart is asked the price of."""
    held = {line.ref for line in state.cart.lines}
    meant = {ref for reference in references for ref in reference.refs}
    apart = OF_CART.search(said) is None and WAS_ADDED.search(said) is None
    return bool(meant) and not meant & held and apart


def drops_for_others(
    said: str, references: tuple[Reference, ...], reading: ConstraintReading, *, state: ConversationState
) -> bool:
    """As in "forget the duffel, a backpack instead": one thing goes, and goods of another kind are sought."""
    kinds = {get_kind(str(t.value)) for t in reading.stated if t.field == "category" and t.op == "="}
    meant = [entity for each in references for ref in each.refs if (entity := state.entities.find(ref))]
    dropped = {kind for entity in meant for kind in entity.attributes.get("category", ())}
    return bool(references) and DROPS.search(said) is not None and bool(kinds - dropped)


def asks_other_version(said: str, references: tuple[Reference, ...], *, state: ConversationState) -> bool:
    """As in "how much is the bigger one?", "do you have it longer?", of one product: another of its sizes is meant."""
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    ranked = all(
        reference.outcome == "unknown"
        and any(rule.startswith("extreme:") for rule in reference.rules)
        and list_comparatives(reference.text)
        for reference in references
    )
    had = COMES_IN.match(said) and all(set(each.refs) == set(state.entities.focus) for each in references)
    sized = had and any(order.measure not in ("price", "rating") for order in list_comparatives(said))
    return bool(references) and bool(ranked or sized) and len(entities) == 1 and bool(entities[0].group)


def seeks_for_it(said: str, moves: tuple[Move, ...]) -> bool:
    """As in "and a mouse for it": goods of another kind are sought, whatever the shop's kinds are."""
    plain = all(move.kind in ("search", "details", "compare") for move in moves)
    return plain and bool(SEEKS_FOR_IT.search(said) or SEEKS_PLAINLY_FOR_IT.search(said))


def find_opening(said: str, references: tuple[Reference, ...]) -> str:
    """As in "waders in 44, are they still there?": what is said before the pronouns that are all that points."""
    pronouns = bool(references) and all(
        reference.text.lower() in PRONOUNS or reference.rules == ("focus",) for reference in references
    )
    places = [re.search(rf"\b{re.escape(reference.text)}\b", said) for reference in references if pronouns]
    at = min((place.start() for place in places if place), default=-1)
    if OWNS.search(said[: max(at, 0)]):
        return ""  # "My tent is small, will it fit?" seeks no tents.
    cut = max(said.rfind(mark, 0, at) for mark in ",;.!?-") if at > 0 else -1
    return said[:cut] if cut > 0 else ""


def list_going_on(said: str, *, moves: tuple[Move, ...], state: ConversationState) -> tuple[Reference, ...]:
    """As in "and the guarantee?", "what about returns?": of the goods that were just talked of."""
    goes_on = AND_OF.search(said) is not None or BARE_TOPIC.fullmatch(said) is not None
    asked = len(moves) == 1 and moves[0].kind == "policy" and goes_on
    short = len(said.split()) <= _LONGEST_GOING_ON and "my" not in said.lower().split()
    return (get_focus_reference(state),) if asked and short and len(state.entities.focus) == 1 else ()


def asks_for_recap(moves: tuple[Move, ...]) -> bool:
    """As in "what did I say about wool?": what was said is asked for, and no wool."""
    return any(move.kind == "recap" for move in moves) and not any(move.kind == "search" for move in moves)


def without_other_goods(
    references: tuple[Reference, ...], *, asked: Reference | None
) -> tuple[Reference, ...]:
    """Drops goods that are none of those asked about and are not pointed at: after "which tea?", "cheap chocolate"."""
    if asked is None:
        return references
    pointing = get_tongue("en").grammar.pointing | PRONOUNS
    return tuple(
        reference
        for reference in references
        if (reference.outcome != "ambiguous" and "category" not in reference.rules)
        or {*reference.refs, *reference.candidates} & set(asked.candidates)
        or pointing & set(reference.text.lower().split())
    )


def without_apposed(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """As in "the kettle and the toaster, both in cream": "both" are the two that were named, and no others."""
    named = references[:-1]
    apposed = bool(references) and references[-1].text.lower().split()[:1] == ["both"]
    two = len(named) == 2 and all(len(each.refs or each.candidates) > 0 for each in named)
    return named if apposed and two else references


def without_new_goods(references: tuple[Reference, ...], *, moves: tuple[Move, ...]) -> tuple[Reference, ...]:
    """Drops what points at nothing where goods are asked for: "what about the purple one?" is a search."""
    if any(move.kind == "show_cart" for move in moves):
        # "What's in my basket?" leaves no item out that could be meant.
        references = tuple(reference for reference in references if "implied" not in reference.rules)
    asks = any(move.kind == "search" for move in moves) and not has_item_move(moves)
    new = all(each.outcome == "unknown" and not is_nowhere_else(each) for each in references)
    if asks and references and new:
        return ()
    return references


def without_corrected(
    references: tuple[Reference, ...], *, said: str, state: ConversationState
) -> tuple[Reference, ...]:
    """Drops what points at nothing known where a choice is taken back: after a white robe, "no, the blue one"."""
    unknown = all(each.outcome == "unknown" and not is_nowhere_else(each) for each in references)
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    at_hand = len(entities) == 1 and bool(entities[0].group)
    return () if unknown and at_hand and CORRECTS.search(said) else references


def is_nowhere_else(reference: Reference) -> bool:
    """Whether what was meant is looked for in the shop in vain: in the cart, in a past order, past a list's end."""
    return not {"cart", "order", "position"}.isdisjoint(reference.rules)


def without_order_named(
    moves: tuple[Move, ...], references: tuple[Reference, ...], *, said: str
) -> tuple[Move, ...]:
    """As in "is the one from my last order in stock?": the order says which is meant, and is not asked about."""
    named = [
        (at, at + len(reference.text))
        for reference in references
        if "order" in reference.rules and (at := said.find(reference.text)) >= 0
    ]
    return tuple(
        move
        for move in moves
        if move.kind != "orders" or not any(first <= move.at < after for first, after in named)
    )
