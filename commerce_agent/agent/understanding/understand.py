"""From a message to what it means here: moves, references and changes of the shopper's terms."""

import msgspec

from commerce_agent.agent.understanding.asked_of_items import AMONG, Asked, find_asked
from commerce_agent.agent.understanding.choosing import (
    asks_for_recap,
    asks_other_version,
    drops_for_others,
    drops_terms,
    find_noticed,
    find_opening,
    list_going_on,
    returns_to_kind,
    seeks_first_of_kind,
    seeks_for_it,
    settle_alike,
    settle_moves,
    with_found,
    without_apposed,
    without_corrected,
    without_new_goods,
    without_order_named,
    without_other_goods,
    without_purpose,
)
from commerce_agent.agent.understanding.conditions import without_conditions, without_purposes
from commerce_agent.agent.understanding.doubting import find_doubted
from commerce_agent.agent.understanding.ellipsis import find_several, settle_ellipsis
from commerce_agent.agent.understanding.english.choices import OF_TIER
from commerce_agent.agent.understanding.english.cues import (
    ADDS,
    ASKS_WHY_PRICE,
    BEST_REVIEWED,
    BEYOND,
    GREETING,
    SHOWN_FIRST,
    SHOWS,
    SIMILAR,
)
from commerce_agent.agent.understanding.english.fitting import HALF_SIZE, NEXT_SIZE, ONLY_THE
from commerce_agent.agent.understanding.english.in_stock import HOW_MANY_LEFT, IS_LAST_ONE
from commerce_agent.agent.understanding.english.moves import ASKS_WHETHER, WHY_NOT
from commerce_agent.agent.understanding.english.negated import blank_undone
from commerce_agent.agent.understanding.english.pleasantries import find_pleasantry
from commerce_agent.agent.understanding.english.remarks import NAMES_NO_GOODS, REMARK
from commerce_agent.agent.understanding.english.supposed import blank
from commerce_agent.agent.understanding.finding_moves import blank_why_price, find_moves
from commerce_agent.agent.understanding.for_oneself import without_gift_terms
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.letting_go_of_kinds import moves_limit, settle_terms
from commerce_agent.agent.understanding.meant_in_cart import (
    say_of_cart,
    settle_both,
    settle_in_cart,
    settle_left_out,
    settle_swapped,
    without_miscounted,
)
from commerce_agent.agent.understanding.measuring import (
    find_kind_at_hand,
    find_measures,
    find_measures_in_cart,
    list_for_purpose,
    names_other_goods,
    seeks_fitting,
)
from commerce_agent.agent.understanding.moves import WHOLE_MESSAGE, Move
from commerce_agent.agent.understanding.open_questions import (
    find_answer,
    list_moves_asked_before,
    list_moves_put_off,
    split_answer,
    with_open_question,
    without_named_count,
)
from commerce_agent.agent.understanding.ordered_here import asks_of_order, find_of_order, list_of_order
from commerce_agent.agent.understanding.own_items import find_counted, find_own
from commerce_agent.agent.understanding.own_parts import name_parts
from commerce_agent.agent.understanding.plainly_meant import find_plain, stand_before_offer
from commerce_agent.agent.understanding.ranking_shop import ranks_beyond_shown
from commerce_agent.agent.understanding.settling import (
    find_search_apart,
    leave_ranked_kind,
    ranks_others,
    seeks_first,
    settle,
    states_budget,
    wants_search,
)
from commerce_agent.agent.understanding.sizes_by_rank import find_half_size
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.agent.understanding.versions_left_open import without_guessed_versions
from commerce_agent.agent.understanding.which_kind import say_which_one
from commerce_agent.agent.understanding.wishing import find_kind, get_focus_reference
from commerce_agent.agent.understanding.with_or_without import write_whole
from conversations.constraints import ConstraintReading, read_constraints
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language.glossing import Gloss
from conversations.references import Resolution, resolve_references
from conversations.state import ConversationState

_BESIDE_ANSWER = frozenset({"search", "policy", "promotions", "show_cart", "check_out", "orders"})
"""What else may be asked for in the message that answers a question."""


def understand(
    *,
    said: str,
    state: ConversationState,
    words: ShopWords,
    orders: tuple[tuple[EntityRef, ...], ...] = (),
    found: tuple[Reference, ...] = (),
    read: Gloss | None = None,
) -> Understanding:
    """Reads the message against the state. Pure: the same message and state mean the same, always.

    `orders` is what was bought, order by order, the newest first; `found` are products that the shop was found to
    have under names in the message. `read` is the message in English where it was read before.
    """
    read = read or gloss_message(said, state=state, vocabulary=words.vocabulary)
    if doubted := find_doubted(read.text, state=state, words=words):
        # "Didn't you say 60 days?": what was asked is told as it is now.
        asked = gloss_message(doubted, state=state, vocabulary=words.vocabulary)
        return _understand_whole(asked, state=state, words=words, orders=orders, found=())
    if (plain := find_plain(read, state=state, words=words)) is not None:
        return plain
    state = stand_before_offer(read, state=state)
    split = split_answer(read.text, entities=with_open_question(state))
    if split and (both := _answer_and_more(*split, read=read, state=state, words=words)):
        return both
    return _understand_whole(read, state=state, words=words, orders=orders, found=found)


def _understand_whole(
    read: Gloss,
    *,
    state: ConversationState,
    words: ShopWords,
    orders: tuple[tuple[EntityRef, ...], ...],
    found: tuple[Reference, ...],
) -> Understanding:
    own, said = read.said, _say_plainly(_leave_done(read.text, words=words), state=state, words=words)
    resolution = _resolve(said, state=state, words=words, orders=orders)
    moves, references = _point(said, resolution, own=own, found=found, state=state, words=words)
    reading = _read(said, references=references, among=resolution.among, state=state, words=words)
    if asks_for_recap(moves) or asks_of_order(moves):
        references, reading = list_of_order(references, moves=moves), ConstraintReading(rest="")
    elif moves and all(move.kind == "orders" for move in moves):
        # "Where's my vase?" seeks no vases.
        references = tuple(reference for reference in references if reference.outcome == "resolved")
        reading = ConstraintReading(rest="")
    elif not ASKS_WHY_PRICE.search(said) and (
        others := _find_others(said, references, reading, found=found, state=state, words=words)
    ):
        references, moves, reading = (), (Move(kind="search"),), others
    if not references and seeks_first(said, moves=moves, reading=reading, state=state):
        moves = (Move(kind="search"),)
    apart = find_search_apart(said, moves=moves, references=references, reading=reading)
    reading = _read(apart, references=(), among=(), state=state, words=words) if apart else reading
    moves = (Move(kind="search"),) if seeks_fitting(said, references, reading, state=state) else moves
    references = without_purpose(references, moves=moves, reading=reading)
    shown = resolution.among or list_for_purpose(said, reading, state=state)
    among, references = find_several(said, references) if references else (shown, ())
    asked = Asked(moves=moves, references=references, reading=reading)
    seeks = (resolution.starts_search and not found) or wants_search(moves) or BEYOND.match(said) is not None
    seeks |= drops_for_others(said, references, reading, state=state)
    if not (apart and references):
        asked = find_asked(said, asked, among=among, seeks=seeks, state=state, vocabulary=words.vocabulary)
    settled = _settle(asked := without_guessed_versions(asked, state=state), said=said, state=state)
    return Understanding(
        said=said,
        moves=settled,
        references=asked.references,
        reading=settle_terms(asked.reading, said=said, moves=settled, state=state, words=words),
        wishes=asked.wishes,
        limits=asked.limits,
        among=among,
        of_purchases=resolution.of_purchases,
        kind=asked.kind,
        kinds=asked.kinds,
        unsaid=reading.rest,
        read=read if read.pieces else None,
    )


def _say_plainly(said: str, *, state: ConversationState, words: ShopWords) -> str:
    said = SHOWN_FIRST.sub("the one you showed me first", write_whole(said, state=state, words=words))
    said = name_parts(REMARK.sub(blank, said), state=state, vocabulary=words.vocabulary)
    if len(state.entities.focus) > 1:
        said = HOW_MANY_LEFT.sub(r"\g<asked> of each", said)
    said = HALF_SIZE.sub(lambda half: find_half_size(half, state=state), said)
    said = NEXT_SIZE.sub(
        lambda size: "a bigger one" if size["up"] or size["larger"] else "a smaller one", said
    )
    said = BEST_REVIEWED.sub(r"what is the best rated \g<kind>", said)
    said = say_which_one(said, state=state, vocabulary=words.vocabulary)
    said = say_of_cart(said, state=state)
    chooses = with_open_question(state).asked is not None or state.cart.lines
    return said if chooses else ONLY_THE.sub(r"\g<only>    ", said)


def _leave_done(said: str, *, words: ShopWords) -> str:
    """As in "don't add a bowl, add a vase": where something is wanted, what is not to be done points at nothing."""
    left = blank_undone(said)
    if left == said or all(move.kind in WHOLE_MESSAGE for move in find_moves(left, policies=words.policies)):
        return said
    return left


def _answer_and_more(
    answer: Reference, more: str, *, read: Gloss, state: ConversationState, words: ShopWords
) -> Understanding | None:
    """As in "medium, and do you have socks?": what was wanted of the size, and then what else is said."""
    before = list_moves_asked_before(state, words=words)
    unasked = msgspec.structs.replace(state.entities, asked=None)
    other = understand(said=more, state=msgspec.structs.replace(state, entities=unasked), words=words)
    apart = tuple(move for move in other.moves if move.kind in _BESIDE_ANSWER)
    if not before or not apart:
        return None
    return msgspec.structs.replace(
        other,
        said=read.text,
        moves=(*before, *apart),
        references=(answer,),
        wishes=(),
        among=(),
        limits=(),
        read=read if read.pieces else None,
    )


def _settle(asked: Asked, *, said: str, state: ConversationState) -> tuple[Move, ...]:
    if asked.moves == AMONG:
        return AMONG
    if civil := find_pleasantry(said):
        return (Move(kind=civil),)
    beside = SIMILAR.search(said) or seeks_fitting(said, asked.references, asked.reading, state=state)
    if asked.moves == (Move(kind="search"),) and beside and not asked.wishes:
        return asked.moves
    return settle(
        asked.moves,
        said=said,
        references=asked.references,
        reading=asked.reading,
        wishes=asked.wishes,
        state=state,
    )


def _find_others(
    said: str,
    references: tuple[Reference, ...],
    reading: ConstraintReading,
    *,
    found: tuple[Reference, ...],
    state: ConversationState,
    words: ShopWords,
) -> ConstraintReading | None:
    """What is sought where the message ranks or names goods that are none of those at hand."""
    if ranks_others(said, references, reading, state=state):
        return _read(said, references=(), among=(), state=state, words=words)
    opening = "" if found else find_opening(said, references)
    named = _read(opening, references=(), among=(), state=state, words=words) if opening else reading
    if not opening or not names_other_goods(named, state):
        return None
    # "A desk, I can spend 450 on it": what it may cost is said behind the goods.
    more = {term.field for term in reading.stated} - {term.field for term in named.stated}
    return msgspec.structs.replace(reading, rest=named.rest) if more == {"price"} else named


def _read(
    said: str,
    *,
    references: tuple[Reference, ...],
    among: tuple[EntityRef, ...],
    state: ConversationState,
    words: ShopWords,
) -> ConstraintReading:
    # "Why is it cheaper than 29?" sets no limit; what is said beside it may.
    stating = OF_TIER.sub(blank, _without(blank_why_price(said), references))

    def read(measures: dict[str, float]) -> ConstraintReading:
        return read_constraints(
            text=GREETING.sub(blank, stating),
            pointing=bool(references or among),
            ledger=state.constraints,
            vocabulary=words.vocabulary,
            currency=state.transcript.currency,
            turn=state.transcript.turns,
            focus_measures=measures,
            focus_kind=find_kind_at_hand(state, references) if measures else "",
        )

    reading = read(find_measures(state, references))
    if (left := leave_ranked_kind(said, references, reading, state=state)) != said:
        return _read(left, references=references, among=among, state=state, words=words)
    # "What about trees? A cheaper one": what the roses cost is no measure of trees; a tree in the cart is.
    if names_other_goods(reading, state) and all("implied" in each.rules for each in references):
        reading = read(find_measures_in_cart(state, kind=find_kind(reading)))
    return without_gift_terms(reading, said=said, state=state, vocabulary=words.vocabulary)


def _point(
    said: str,
    resolution: Resolution,
    *,
    own: str,
    found: tuple[Reference, ...],
    state: ConversationState,
    words: ShopWords,
) -> tuple[tuple[Move, ...], tuple[Reference, ...]]:
    """What is wanted and what is pointed at, once questions, rankings and dropped terms are seen for what they are."""
    if counted := find_counted(said, state=state):
        return (counted[0],), (counted[1],)
    moves = find_moves(said, policies=words.policies, own=own)
    if asked := find_of_order(said, moves, resolution.references, state=state):
        return (asked,), list_of_order(resolution.references, moves=(asked,))
    moves, references = _answer_question(said, resolution, moves=moves, found=found, state=state, words=words)
    references = without_purposes(without_conditions(references, said=said), said=said, moves=moves)
    sought = seeks_for_it(said, moves) or seeks_first_of_kind(references, vocabulary=words.vocabulary)
    if sought or ranks_beyond_shown(said, references, moves=moves, state=state):
        references, moves = (), (Move(kind="search"),)
    if returns_to_kind(said, references, vocabulary=words.vocabulary) or drops_terms(
        said, references, state=state, vocabulary=words.vocabulary
    ):
        references = ()
    if asks_other_version(said, references, state=state):
        references, moves = (get_focus_reference(state),), (Move(kind="variants"),)
    moves, references = settle_left_out(references, said=said, moves=moves, state=state)
    moves = without_miscounted(moves, references, said=said, state=state)
    if moves_limit(said, references, moves=moves, state=state, vocabulary=words.vocabulary):
        references = ()
    moves = settle_moves(moves, said=said, references=references, state=state)
    moves = without_order_named(moves, references, said=said)
    # "My budget for the chair is 200" picks no chair out.
    references = references or find_own(said, moves=moves, state=state)
    references = references or list_going_on(said, moves=moves, state=state)
    alike = settle_alike(references, moves=moves, state=state)
    return settle_ellipsis(said, moves, () if states_budget(said, moves) else alike)


def _resolve(
    said: str, *, state: ConversationState, words: ShopWords, orders: tuple[tuple[EntityRef, ...], ...]
) -> Resolution:
    asked = IS_LAST_ONE.sub(lambda last: last["asked"] + " " * len(last["last"]), said)
    return resolve_references(
        text=NAMES_NO_GOODS.sub(blank, WHY_NOT.sub(blank, asked)),
        entities=with_open_question(state),
        vocabulary=words.vocabulary,
        cart=tuple(line.ref for line in state.cart.lines),
        orders=orders,
    )


def _answer_question(
    said: str,
    resolution: Resolution,
    *,
    moves: tuple[Move, ...],
    found: tuple[Reference, ...],
    state: ConversationState,
    words: ShopWords,
) -> tuple[tuple[Move, ...], tuple[Reference, ...]]:
    """The references, and what is wanted of them: where a question stands open, what was wanted before it."""
    entities = with_open_question(state)
    references = without_other_goods(without_apposed(resolution.references), asked=entities.asked)
    references = without_corrected(without_new_goods(references, moves=moves), said=said, state=state)
    answer = find_answer(said, entities=entities) or find_noticed(said, state=state)
    references = (answer,) if answer else with_found(references, found=found, said=said)
    moves = without_named_count(moves, answer, entities=entities)
    answered = entities.asked is not None and any(r.outcome == "resolved" for r in references)
    open_to = ("search", "agree") if ADDS.search(said) else ("search", "agree", "add_to_cart")
    asks = SHOWS.search(said) or ASKS_WHETHER.search(said)
    if answered and not asks and all(move.kind in open_to for move in moves):
        before = list_moves_asked_before(state, words=words)
        adds = any(move.kind == "add_to_cart" for move in moves)
        # "I'll take the round one" buys it, whatever was asked of it before.
        counted = any(move.kind == "add_to_cart" and move.topic for move in moves)
        new = adds and (counted or not any(move.kind == "add_to_cart" for move in before))
        moves = moves if new else before or moves
    elif not asks and all(move.kind in ("search", "agree") for move in moves):
        moves = list_moves_put_off(said, references, state=state, words=words) or moves
    if any(move.kind == "swap" for move in moves):
        references = settle_swapped(references, said=said, state=state)
    references = settle_both(references, state=state)
    return moves, settle_in_cart(references, said=said, moves=moves, state=state)


def _without(said: str, references: tuple[Reference, ...]) -> str:
    """The message with the referring words blanked, so that "the blue one" is no wish for blue."""
    for reference in references:
        if reference.text and len(reference.text) > 2:
            at = said.lower().find(reference.text.lower())
            if at >= 0:
                said = said[:at] + " " * len(reference.text) + said[at + len(reference.text) :]
    return said
