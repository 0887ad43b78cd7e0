"""What answers a question that the assistant has just asked."""

import re

import msgspec

from commerce_agent.agent.understanding.english.counting import NOT_SO_MANY, NUMBER_ALONE, get_number
from commerce_agent.agent.understanding.english.taking import AND_MORE
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.moves import ITEM_MOVES, Move
from commerce_agent.agent.understanding.parts import QUESTION, is_pick, list_parts
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.entities import Entities
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language.sizes import get_normal_size
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_WORDS = re.compile(r"[\w.½/-]+")
_ANSWER_AND_MORE = re.compile(
    r"\W*(?P<answer>[^,;.!?]{1,40}?)(?:\s*[,;.!]\s*(?:(?:and|also|then|but|oh)\b\W*)*|\s+and\s+(?:also\s+)?)(?P<more>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST_MORE = 3
_MOST_BACK = 3
"""A question asked back, or two, leave what was wanted before them open."""
_PUT_OFF = frozenset({"add_to_cart", "take_from_cart", "set_quantity", "swap"})
AMOUNT = re.compile(r"\d+(?:[.,]\d+)?")
"""The number in a size: of "2,5 l" it is "2,5"."""
_RANKED = re.compile(
    r"(?:[^?]{0,60}[.,!;] )?\W*"
    r"(?:(?:ok(?:ay)?|yes|no|well|hm+|oh|then|so|just|i'?ll (?:take|have)|give me|take|add)\W+)*"
    r"(?:(?:the|a) )?(?:(?P<large>big(?:ger|gest)?|larger?|largest)|(?P<middle>medium|middle)|small(?:er|est)?|little)"
    r"(?: (?:one|size|version|pack|box|bottle|set))?(?:,? (?:please|then|instead|will do|is fine))*\W*$",
    re.IGNORECASE,
)
_LONGEST_ANSWER = 4
"""An answer that only names a value has no more words than this: "the grey one please"."""


def find_answer(said: str, *, entities: Entities) -> Reference | None:
    """The candidate whose value alone the message names: "10" or "the grey" after "which size" or "which colour"."""
    asked = entities.asked
    if asked is None or not asked.question:
        return None
    words = _WORDS.findall(said.lower().replace("'s", " ").replace("’s", " "))
    grammar = get_tongue("en").grammar
    if not {*words}.isdisjoint(grammar.asking - grammar.conjunctions):
        return None  # Who asks something else has not answered.
    told = {*words, *(_list_sizes(words) if asked.question == "size" else ())}
    values = {
        ref: {value.lower() for value in entity.attributes.get(asked.question, ())}
        for ref in asked.candidates
        if (entity := entities.find(ref))
    }
    named = [ref for ref, known in values.items() if known & told]
    if asked.question == "size" and not named and (ranked := _find_ranked(said, values)):
        return Reference(
            text=said.strip(" ?!."), outcome="resolved", refs=(ranked,), rules=("asked.size", "rank")
        )
    if len(named) != 1 or len(words) > _LONGEST_ANSWER:
        return None
    return Reference(text=said, outcome="resolved", refs=(named[0],), rules=(f"asked.{asked.question}",))


def without_named_count(
    moves: tuple[Move, ...], answer: Reference | None, *, entities: Entities
) -> tuple[Move, ...]:
    """As in "make it double", "make it 9", after "which size?": that is the size, and no number of pieces."""
    asked = entities.asked
    if answer is None or asked is None:
        return moves
    meant = [entity for ref in answer.refs if (entity := entities.find(ref))]
    named = {value for entity in meant for value in entity.attributes.get(asked.question, ())}
    return tuple(
        move for move in moves if move.kind != "set_quantity" or (move.topic and move.topic not in named)
    )


def _find_ranked(said: str, values: dict[EntityRef, set[str]]) -> EntityRef | None:
    """As in "the smaller one", "the big one please" after "is it 6 slots or 12 slots?"."""
    rank = _RANKED.match(said)
    amounts = {
        ref: float(found.group().replace(",", "."))
        for ref, known in values.items()
        for size in known
        if (found := AMOUNT.match(size))
    }
    if rank is None or len(amounts) != len(values) or len(set(amounts.values())) != len(amounts):
        return None
    ranked = sorted(amounts, key=lambda ref: amounts[ref])
    if rank.group("middle"):
        return ranked[len(ranked) // 2] if len(ranked) % 2 else None
    return ranked[-1] if rank.group("large") else ranked[0]


def list_moves_asked_before(state: ConversationState, *, words: ShopWords) -> tuple[Move, ...]:
    """The moves of the message that led to the question which this message answers."""
    if not state.transcript.tail:
        return ()
    asking = state.transcript.tail[-2 if _is_put_off(state) else -1 :][0]
    said = gloss_message(asking.said, state=state, vocabulary=words.vocabulary).text
    if (number := NUMBER_ALONE.match(said)) and asks_for_cart(state.entities.asked):
        # "Which size? – Sorry, just one. – Medium": so many are wanted.
        return (Move(kind="add_to_cart", topic=get_number(number["number"] or number["alone"])),)
    if (corrected := NOT_SO_MANY.match(said)) and asks_for_cart(state.entities.asked):
        return (Move(kind="add_to_cart", topic=get_number(corrected["number"])),)
    said = _find_asking_part(said, state=state, words=words)
    before = [m for m in find_moves(said, policies=words.policies) if m.kind in ITEM_MOVES]
    more = AND_MORE.match(said) if not before and state.cart.lines else None
    if more is not None:
        return (Move(kind="add_to_cart", topic=get_number(more["count"])),)
    return tuple(before) or asks_for_cart(state.entities.asked)


def list_moves_put_off(
    said: str, references: tuple[Reference, ...], *, state: ConversationState, words: ShopWords
) -> tuple[Move, ...]:
    """As in "add the bag", which one?, "which is waterproof?", "that one then": what was wanted before the shopper
    asked back. Nothing where the message picks none of those that the assistant asked about.
    """
    tail = state.transcript.tail[-_MOST_BACK:]
    picked = [state.entities.find(ref) for each in references for ref in each.refs]
    if len(picked) != 1 or picked[0] is None or len(tail) < 2 or not is_pick(said):
        return ()
    for exchange in reversed(tail):
        text = gloss_message(exchange.said, state=state, vocabulary=words.vocabulary).text
        acts = tuple(move for move in find_moves(text, policies=words.policies) if move.kind in _PUT_OFF)
        if acts:
            waits = exchange is not tail[-1] and exchange.replied.rstrip().endswith("?")
            return acts if waits and picked[0].name.lower() in exchange.replied.lower() else ()
        if not QUESTION.search(text):
            return ()
    return ()


def _find_asking_part(said: str, *, state: ConversationState, words: ShopWords) -> str:
    """Of several requests the one that led to the question: that names its goods, else the last."""
    parts = list_parts(said, policies=words.policies)
    asked = state.entities.asked
    names = [
        entity.name for ref in (asked.candidates if asked else ()) if (entity := state.entities.find(ref))
    ]
    stems = {stem for name in names for stem in list_stems(name)}
    named = [part for part in parts if stems & set(list_stems(part))]
    return [said, *parts, *named][-1]


def asks_for_cart(asked: Reference | None) -> tuple[Move, ...]:
    """What waits for the answer to the question which size goes into the cart, though it was asked a while ago."""
    return (Move(kind="add_to_cart"),) if asked is not None and asked.rules == ("size",) else ()


def split_answer(said: str, *, entities: Entities) -> tuple[Reference, str] | None:
    """As in "medium, and do you have socks?": the answer to the question that stands open, and what else is said."""
    found = _ANSWER_AND_MORE.match(said)
    if found is None or entities.asked is None:
        return None
    answer = find_answer(found["answer"], entities=entities)
    more = found["more"]
    if answer is None or find_answer(more, entities=entities) or len(_WORDS.findall(more)) < _SHORTEST_MORE:
        return None
    return answer, more


def _list_sizes(words: list[str]) -> list[str]:
    """The sizes that the words name, as shops write them: "extra large" is XL and not L."""
    tongue = get_tongue("en")
    named = [" ".join(words[at : at + 2]) for at in range(len(words) - 1)]
    found = [name for name in named if name in tongue.sizes]
    taken = {word for name in found for word in name.split()}
    found += [word for word in words if word in tongue.sizes and word not in taken]
    return [get_normal_size(name, tongue).lower() for name in found]


def with_open_question(state: ConversationState) -> Entities:
    """The entities; a question that the shopper passed over is not open any more."""
    if state.entities.asked_in >= state.transcript.turns - 1 or _is_put_off(state):
        return state.entities
    return msgspec.structs.replace(state.entities, asked=None)


def _is_put_off(state: ConversationState) -> bool:
    """As in "8, 9 or 10?", "which runs small?": who asks back about the sizes has not chosen one yet."""
    asked, tail = state.entities.asked, state.transcript.tail
    before = state.entities.asked_in == state.transcript.turns - 2
    sized = asked is not None and asked.question == "size"
    return before and sized and bool(tail) and QUESTION.search(tail[-1].said) is not None
