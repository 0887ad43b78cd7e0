"""The shopper's message in English, by its own language or the conversation's."""

import re

import msgspec

from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.understanding.asked_language import SPOKEN, find_asked_language
from commerce_agent.agent.understanding.english.cues import ASKS_NOW
from commerce_agent.agent.understanding.english.moves import PLAIN_YES
from commerce_agent.agent.understanding.english.plain import find_left_unsaid, spell_out
from commerce_agent.agent.understanding.english.sent_to import ask_of_other_place, find_place_alone
from commerce_agent.agent.understanding.finding_moves import find_moves
from conversations.constraints import read_constraints
from conversations.language import Vocabulary
from conversations.language.glossing import Gloss, detect_language, find_language, gloss, is_glossed
from conversations.language.lexicon import build_lexicon, list_spots
from conversations.language.tokens import list_stems, list_tokens
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_MOST_NAMED = 40
_TAKES_THAT = re.compile(
    r"(?:(?:ok(?:ay)?|yes|yeah|great|fine|good|perfect|then|so)\W+)*"
    r"(?:i(?:['’]ll| will)|i(?:['’]d| would) like to|let me|we(?:['’]ll| will))? ?"
    r"(?:take|have|get|buy|order|add) (?:it|them|that|those|these|that one|those ones|one|a pair)"
    r"(?: (?:to (?:my|the) (?:cart|basket|bag)))?(?:\W+(?:then|please|thanks))*\W*",
    re.IGNORECASE,
)
"""Takes what was named last, and says no more of it."""


def gloss_message(said: str, *, state: ConversationState, vocabulary: Vocabulary) -> Gloss:
    """Answers the message in English; a plain yes is the button that it agrees to, as is taking what it would show."""
    several = len(state.entities.focus) > 1
    language = detect_language(said, default=state.transcript.locale)
    names = _list_names(state) if is_glossed(language) else ()
    read = gloss(said, language=language, vocabulary=vocabulary, several=several, names=names)
    read = read if is_glossed(language) else spell_out(read)
    again = _find_asked_again(read.text, state)
    if again:
        return gloss_message(again, state=_without_last(state), vocabulary=vocabulary)
    before = state.transcript.tail[-1].said if state.transcript.tail else ""
    if whole := find_left_unsaid(read.text, before=before):
        return msgspec.structs.replace(read, text=whole)
    if other := _find_other_place(read, before=before, language=language, state=state, vocabulary=vocabulary):
        return other
    agreed = _find_agreed(read.text, state) or _find_relaxed(read.text, state, vocabulary=vocabulary)
    return gloss(agreed, language=language, vocabulary=vocabulary) if agreed else read


def _find_other_place(
    read: Gloss, *, before: str, language: str, state: ConversationState, vocabulary: Vocabulary
) -> Gloss | None:
    """As in "und nach Hawaii?": what was asked of the place before, in English as well."""
    if not before or _names_goods(find_place_alone(read.text), state=state, vocabulary=vocabulary):
        return None
    if find_place_alone(before):
        # "And Switzerland?", after "what about the UK?": what that asked stands before it.
        asked = gloss_message(before, state=_without_last(state), vocabulary=vocabulary).text
    else:
        asked = (
            gloss(before, language=language, vocabulary=vocabulary).text if is_glossed(language) else before
        )
    return ask_of_other_place(read, before=asked)


def _names_goods(words: str, *, state: ConversationState, vocabulary: Vocabulary) -> bool:
    """Whether words with a capital letter name goods or makers that the talk or the shop knows, and no place."""
    if not words:
        return False
    stems = set(list_stems(words))
    known = (known.entity.name for known in state.entities.known.values())
    if any(stems & set(list_stems(name)) for name in known):
        return True
    tongue = get_tongue()
    tokens = list_tokens(words, language=tongue.stemmer)
    return bool(list_spots(tokens, build_lexicon(vocabulary, tongue), tongue))


_ASKED_ON = frozenset({"show_cart", "check_out", "policy", "promotions", "orders"})
"""What is asked for in the same breath as a yes, and is no part of what the yes is to."""

_ASKING = frozenset(
    {
        "search",
        "stock",
        "price",
        "details",
        "compare",
        "policy",
        "promotions",
        "variants",
        "show_cart",
        "orders",
        "order_total",
        "money_back",
        "offer_stands",
    }
)
"""What may be asked again without anything being done twice."""


def _list_names(state: ConversationState) -> tuple[str, ...]:
    """What the items that came up last are called: "die Leichte" may be the name of one."""
    known = sorted(state.entities.known.values(), key=lambda each: -each.touched)[:_MOST_NAMED]
    return tuple(dict.fromkeys(each.entity.name for each in known))


def find_turn(said: str, *, state: ConversationState) -> str:
    """The other language that the shopper asks for or clearly writes in now; empty where the talk stays in its own.

    A button's text is the shop's, whatever the shopper speaks.
    """
    usual = find_book(state.transcript.locale).language
    if (asked := find_asked_language(said)) in SPOKEN:
        return asked if asked != usual else ""
    if said.strip() in state.transcript.offered:
        return ""
    found = find_language(said, default=usual)
    return found if found != usual else ""


def _find_asked_again(said: str, state: ConversationState) -> str:
    """As in "and now?": what was asked just before, unless there is news that it asks after."""
    transcript = state.transcript
    if not transcript.tail or transcript.notices or not ASKS_NOW.match(said):
        return ""
    again = transcript.tail[-1].said
    asked = {move.kind for move in find_moves(again)}
    # What changes something is not done twice.
    return again if asked and asked <= _ASKING else ""


def _without_last(state: ConversationState) -> ConversationState:
    """The state in which what was asked before the last message is what comes before."""
    transcript = msgspec.structs.replace(state.transcript, tail=state.transcript.tail[:-1])
    return msgspec.structs.replace(state, transcript=transcript)


def _find_agreed(said: str, state: ConversationState) -> str:
    """What a plain yes agrees to: the first button of the last turn; empty where the message is anything else."""
    transcript = state.transcript
    offered = transcript.offered if transcript.offered_in == transcript.turns - 1 else ()
    if not offered:
        return ""
    if PLAIN_YES.fullmatch(said.strip()):
        return offered[0]
    opening, end, rest = said.strip().partition(". ")
    # "Yeah, go on. What's the total?" agrees and asks on.
    agrees = end and PLAIN_YES.fullmatch(opening) and any(move.kind in _ASKED_ON for move in find_moves(rest))
    return f"{offered[0]}. {rest}" if agrees else ""


def _find_relaxed(said: str, state: ConversationState, *, vocabulary: Vocabulary) -> str:
    """As in "I'll take them" of an example that a term shuts out: the button that lets the term go, to show it first.

    Empty where it was on a card, or nothing was offered to be let go.
    """
    transcript, entities = state.transcript, state.entities
    offered = transcript.offered if transcript.offered_in == transcript.turns - 1 else ()
    if not offered or len(entities.focus) != 1 or not _TAKES_THAT.fullmatch(said.strip()):
        return ""
    if any(entities.focus[0] in showing.refs for showing in entities.showings):
        return ""
    language = detect_language(offered[0], default=transcript.locale)
    reading = read_constraints(
        text=gloss(offered[0], language=language, vocabulary=vocabulary).text,
        pointing=False,
        ledger=state.constraints,
        vocabulary=vocabulary,
        currency=transcript.currency,
        turn=transcript.turns,
    )
    return offered[0] if reading.withdrawn else ""
