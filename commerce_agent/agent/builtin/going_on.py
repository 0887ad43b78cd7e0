"""What a message wants that only goes on with the one before: "and the pink one too", "two then"."""

import re

from commerce_agent.agent.builtin import swapping
from commerce_agent.agent.builtin.recounting import find_going_back
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.counting import NUMBER_ALONE, ONLY, get_number
from commerce_agent.agent.understanding.english.cues import CORRECTS_TO, SAME_ASKED
from commerce_agent.agent.understanding.english.moves import ALSO, AND_OF, ASKS_WHETHER
from commerce_agent.agent.understanding.english.of_cart import KEEPS_ONLY
from commerce_agent.agent.understanding.english.taking import AND_COUNTED, PIECES
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.open_questions import with_open_question
from commerce_agent.agent.understanding.own_items import list_called
from conversations.events.entities import EntitiesFocused
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems
from conversations.state import ConversationState

_BETWEEN = re.compile(rf"\W*(?:(?:more|new|nice|of|the|those|these|{PIECES})\W+)*", re.IGNORECASE)
"""What may stand between a number and the goods that it counts."""
_AND_A = re.compile(r"\W*(?:(?:oh|ok(?:ay)?|yes|so)\W+)*(?:and|also|plus)\W+(?:also )?an?\b", re.IGNORECASE)
_ASKED_OF_NEXT = frozenset({"policy", "stock", "price"})
_VERSION = ("color", "size", "material")
_RECENT = 2
"""So many replies back a number alone may still be about what was put into the cart."""


def carry_on(scene: Scene) -> tuple[Move, ...]:
    """As in "and the pink one too", "and on the lamp?": what was wanted just before is wanted of another item."""
    moves, latest = scene.understanding.moves, scene.desk.trail.state.decisions.latest
    plain = [move.kind for move in moves] == ["details"] and not scene.understanding.wishes
    changed = bool(latest) and any(
        used.tool == "change_cart" and not used.dropped for used in latest[-1].tools
    )
    counted = AND_COUNTED.match(scene.understanding.said)
    led = counted or _AND_A.match(scene.understanding.said)
    named = led is None or _stands_behind(scene, led.end())
    if plain and changed and named and ALSO.search(scene.understanding.said):
        return (Move(kind="add_to_cart"),)
    only = KEEPS_ONLY.fullmatch(scene.understanding.said)
    if only and not _has_asked(scene) and _names_line(only["what"], state=scene.desk.trail.state):
        return (Move(kind="empty_cart"),)
    if plain and CORRECTS_TO.search(scene.understanding.said) and swapping.find_put_in(scene):
        return (Move(kind="swap"),)
    if counted and plain and scene.desk.trail.state.cart.lines and scene.understanding.resolved and named:
        return (Move(kind="add_to_cart", topic=get_number(counted.group("number"))),)
    if recounted := _recount(scene):
        return (recounted,)
    tried = any(used.tool == "change_cart" for decision in latest[-_RECENT:] for used in decision.tools)
    number = (
        NUMBER_ALONE.match(scene.understanding.said)
        if tried or _list_noticed(scene) or find_going_back(scene)
        else None
    )
    # "9" after "is it 8, 9 or 10?" is no number of pieces.
    answers = any(rule.startswith("asked.") for each in scene.understanding.references for rule in each.rules)
    one = len(scene.desk.trail.state.entities.focus) == 1
    if number and one and not answers and not _is_choosing(scene):
        said = number.group("number") or number.group("alone")
        return (Move(kind="set_quantity", topic=get_number(said)),)
    tail = scene.desk.trail.state.transcript.tail
    said = scene.understanding.said
    if (
        plain
        and tail
        and scene.understanding.references
        and (SAME_ASKED.search(said) or (AND_OF.search(said) and not ASKS_WHETHER.search(said)))
    ):
        before = find_moves(scene.read_before(tail[-1].said), policies=scene.words.policies)
        before = tuple(
            Move(kind="price") if move.kind == "show_cart" and not _looked_at_cart(scene) else move
            for move in before
        )
        return tuple(move for move in before if move.kind in _ASKED_OF_NEXT)[:1] or moves
    return moves


def _recount(scene: Scene) -> Move | None:
    """As in "sorry, just one", while a size is asked for, or where one line alone has more than that in the cart."""
    number = NUMBER_ALONE.match(scene.understanding.said)
    if number is None or scene.understanding.references:
        return None
    entities, lines = scene.desk.trail.state.entities, scene.desk.trail.state.cart.lines
    count = get_number(number.group("number") or number.group("alone"))
    if _is_choosing(scene):
        asked = entities.asked
        waits = asked is not None and asked.rules == ("size",)
        return Move(kind="add_to_cart", topic=count) if waits and len(entities.focus) == 1 else None
    more = [line.ref for line in lines if line.quantity > int(count)]
    held = any(line.ref in entities.focus for line in lines)
    if held or len(more) != 1 or not ONLY.search(scene.understanding.said):
        return None
    scene.desk.trail.record(EntitiesFocused(refs=tuple(more)))
    return Move(kind="set_quantity", topic=count)


def _stands_behind(scene: Scene, at: int) -> bool:
    """Whether goods stand right behind the number: "and a picture of the chair" wants no chair."""
    references = [each for each in scene.understanding.references if each.refs]
    start = scene.understanding.said.lower().find(references[0].text.lower(), at) if references else -1
    return start >= 0 and _BETWEEN.fullmatch(scene.understanding.said[at:start]) is not None


def _names_line(what: str, *, state: ConversationState) -> bool:
    """As in "just the rattle then": a word of the title says what is kept; a colour or a size alone does not."""
    words = set(list_stems(what))
    return any(
        words & (set(list_stems(line.title)) - _list_version_words(line.ref, state=state))
        for line in state.cart.lines
        if line.ref in list_called(what, state=state)
    )


def _list_version_words(ref: EntityRef, *, state: ConversationState) -> set[str]:
    entity = state.entities.find(ref)
    values = [value for name in _VERSION for value in entity.attributes.get(name, ())] if entity else []
    return {stem for value in values for stem in list_stems(value)}


def _looked_at_cart(scene: Scene) -> bool:
    """Whether the last reply told of the cart, and not what the goods in hand cost."""
    latest = scene.desk.trail.state.decisions.latest[-1:]
    return any(used.tool == "look_at_cart" for decision in latest for used in decision.tools)


def _list_noticed(scene: Scene) -> tuple[EntityRef, ...]:
    """What is in the cart and was told of since the last reply: "only 2 left"."""
    state = scene.desk.trail.state
    held = {line.ref for line in state.cart.lines}
    return tuple(dict.fromkeys(notice.ref for notice in state.transcript.notices if notice.ref in held))


def counts_noticed(scene: Scene) -> bool:
    """As in "well, just the 2 then", right after it was told that no more are left: so many are wanted of that."""
    noticed = _list_noticed(scene)
    if len(noticed) != 1 or not NUMBER_ALONE.match(scene.understanding.said):
        return False
    scene.desk.trail.record(EntitiesFocused(refs=noticed))
    return True


def _has_asked(scene: Scene) -> bool:
    """Whether the last reply ended in a question, to which a name may be the answer."""
    tail = scene.desk.trail.state.transcript.tail
    return bool(tail) and tail[-1].replied.rstrip().endswith("?")


def _is_choosing(scene: Scene) -> bool:
    """Whether the last reply asked which of several is meant, to which a number may be the answer."""
    return with_open_question(scene.desk.trail.state).asked is not None
