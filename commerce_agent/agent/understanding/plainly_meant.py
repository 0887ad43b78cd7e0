"""Messages whose meaning stands whole in their words: "what did you show me first?", "no, too expensive"."""

import re
from typing import Final

import msgspec
from rapidfuzz.distance import DamerauLevenshtein

from commerce_agent.agent.understanding.english.choices import PIECES_ALONE
from commerce_agent.agent.understanding.english.counting import NOT_SO_MANY, get_number
from commerce_agent.agent.understanding.english.cues import ASKS_SHOWN_FIRST
from commerce_agent.agent.understanding.english.negated import refuses_price
from commerce_agent.agent.understanding.english.taking import TAKES_ALL
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.open_questions import with_open_question
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from conversations.constraints import ConstraintReading
from conversations.events.constraints import Constraint
from conversations.events.entities import Reference
from conversations.language.glossing import Gloss
from conversations.language.tokens import list_stems, list_tokens
from conversations.state import ConversationState

_PLEASE: Final = re.compile(r"\W*(?P<name>[^?.!,;]{4,60}?),? (?:please|pls)(?: then)?[^\w?]*", re.IGNORECASE)
_TWO: Final = 2
_LONG: Final = 5
"""Words of so many letters may be spelled with a letter more or less."""


def find_plain(read: Gloss, *, state: ConversationState, words: ShopWords) -> Understanding | None:
    """What such a message means; None for every other."""
    if called := _find_called(read.text, state=state, words=words):
        return _mean(read, Move(kind="details"), references=(called,))
    if counted := _find_counted(read.text, state=state):
        return counted if not read.pieces else None
    if state.entities.showings and ASKS_SHOWN_FIRST.fullmatch(read.text):
        first = Reference(
            text=read.text.strip(" ?!."),
            outcome="resolved",
            refs=state.entities.showings[0].refs,
            rules=("first_shown",),
        )
        return _mean(read, Move(kind="recap", topic="shown"), references=(first,))
    if TAKES_ALL.fullmatch(read.text) and _is_cart_all(state):
        return _mean(read, Move(kind="check_out"))
    if corrected := NOT_SO_MANY.match(read.text):
        return _mean_count(read, corrected, state=state)
    if state.cart.proposal is None or not refuses_price(read.text) or _is_of_one_thing(state):
        return None
    # An order of several things, or a change of an order: which of it would be cheaper is not said.
    return _mean(read, Move(kind="decline"))


def _find_counted(said: str, *, state: ConversationState) -> Understanding | None:
    """As in "two sets, please" of the one item in hand, which is not in the cart yet."""
    match = PIECES_ALONE.fullmatch(said) if with_open_question(state).asked is None else None
    focus = state.entities.focus
    if match is None or len(focus) != 1 or any(line.ref in focus for line in state.cart.lines):
        return None
    meant = Reference(text="", outcome="resolved", refs=focus, rules=("in_focus",))
    move = Move(kind="add_to_cart", topic=get_number(match["number"].lower()))
    return Understanding(said=said, moves=(move,), references=(meant,), reading=ConstraintReading(rest=""))


def _is_cart_all(state: ConversationState) -> bool:
    """Whether "all" of what is spoken of is what the cart holds: no several other things are in hand, and none were
    shown since it was filled.
    """
    held = {line.ref for line in state.cart.lines}
    if not held or with_open_question(state).asked is not None:
        return False
    changed = [
        decision.turn
        for decision in state.decisions.latest
        if any(used.tool == "change_cart" and used.outcome == "ok" for used in decision.tools)
    ]
    since = [shown.refs for shown in state.entities.showings if changed and shown.turn > max(changed)]
    return all(len(refs) < _TWO or held.issuperset(refs) for refs in (state.entities.focus, *since))


def _mean_count(read: Gloss, corrected: re.Match[str], *, state: ConversationState) -> Understanding | None:
    """As in "I said three, not four": of the line of four in the cart; None where there is none, or what is sought is
    told by four.
    """
    number, other = get_number(corrected["number"]), get_number(corrected["other"])
    held = [line.ref for line in state.cart.lines if str(line.quantity) == other]
    last = [ref for ref in held if ref in state.entities.focus]
    lines = last if len(last) == 1 else held
    if not lines or (not last and any(_is_term_of(term, other) for term in state.constraints.active)):
        return None
    text, rules = corrected["other"], ("cart", "count")
    meant = Reference(text=text, outcome="ambiguous", candidates=tuple(lines), rules=rules)
    if len(lines) == 1:
        meant = Reference(text=text, outcome="resolved", refs=tuple(lines), rules=rules)
    return _mean(read, Move(kind="set_quantity", topic=number), references=(meant,))


def _is_term_of(term: Constraint, number: str) -> bool:
    value = f"{term.value:g}" if isinstance(term.value, float | int) else term.value
    return value == number


def _find_called(said: str, *, state: ConversationState, words: ShopWords) -> Reference | None:
    """As in "harbor lords please": the one product among the known whose whole name that is, of two words or more."""
    asked = _PLEASE.fullmatch(said) if with_open_question(state).asked is None else None
    name = [token.word for token in list_tokens(asked["name"]) if token.is_word] if asked else []
    if asked is None or len(name) < _TWO:
        return None
    stems = set(list_stems(asked["name"]))
    if any(stems <= set(list_stems(kind.name)) for kind in words.vocabulary.categories):
        return None  # "Desk lamps please" seeks some.
    named = [known.entity for known in state.entities.known.values() if _is_name(known.entity.name, name)]
    if len(named) != 1:
        return None
    return Reference(text=asked["name"], outcome="resolved", refs=(named[0].ref,), rules=("name", "whole"))


def _is_name(called: str, name: list[str]) -> bool:
    """Whether these are all the words of what it is called, but for a letter in one of them."""
    known = [token.word for token in list_tokens(called) if token.is_word]
    if len(known) != len(name):
        return False
    slips = [DamerauLevenshtein.distance(one, other) for one, other in zip(known, name, strict=True)]
    longest = max(zip(slips, map(len, name), strict=True))
    return sum(slips) == 0 or (sum(slips) == 1 and longest[1] >= _LONG)


def stand_before_offer(read: Gloss, *, state: ConversationState) -> ConversationState:
    """As in "no, too expensive" of an order of one thing: that is what something cheaper is sought for."""
    if state.cart.proposal is None or not _is_of_one_thing(state) or not refuses_price(read.text):
        return state
    entities = msgspec.structs.replace(state.entities, focus=(state.cart.lines[0].ref,))
    return msgspec.structs.replace(state, entities=entities)


def _is_of_one_thing(state: ConversationState) -> bool:
    offered = state.cart.proposal
    return offered is not None and offered.kind == "order" and len(state.cart.lines) == 1


def _mean(read: Gloss, move: Move, *, references: tuple[Reference, ...] = ()) -> Understanding:
    return Understanding(
        said=read.text,
        moves=(move,),
        references=references,
        reading=ConstraintReading(rest=""),
        read=read if read.pieces else None,
    )
