"""Loads what a message asks for by itself, so that the model need not ask: policies, promotions, orders,
what is remembered of the shopper, and what the record says to a why-question.
"""

import msgspec

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.whys import WHY_MOVES, write_why
from commerce_agent.agent.claude.seen import clean
from commerce_agent.agent.claude.toolbox import call_tool
from commerce_agent.agent.understanding.moves import Move, MoveKind
from commerce_agent.decoding import decode_json
from commerce_agent.tools.limits import within
from commerce_agent.tools.tastes import Taste

_OF_ORDERS: frozenset[MoveKind] = frozenset(
    {
        "orders",
        "order_total",
        "money_back",
        "cancel_order",
        "change_address",
        "return_items",
        "exchange_items",
    }
)
LOAD_SECONDS = 3.0
MOST_LOADED = 3
MOST_TASTES = 12


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out before the model is asked."""

    answers: dict[str, object] = {}
    """What each tool answered, and what the record says to a why-question."""
    tastes: tuple[Taste, ...] = ()
    """What a known shopper likes and has agreed to be remembered for."""


async def load(scene: Scene) -> Loaded:
    """What the message asks for, and the card of a known shopper. What does not come in time the model may ask for."""
    answers = await _load_answers(scene)
    if scene.desk.trail.state.transcript.shopper is None:
        return Loaded(answers=answers)
    return Loaded(answers=answers, tastes=(await scene.desk.shop.list_tastes())[:MOST_TASTES])


async def _load_answers(scene: Scene) -> dict[str, object]:
    """Each answer by its tool; of several policies by their names as well."""
    loaded: dict[str, object] = {}
    if any(move.kind in WHY_MOVES for move in scene.understanding.moves):
        loaded["why"] = [clean(line) for line in write_why(scene)]
    for move in scene.understanding.moves[:MOST_LOADED]:
        asked = _find_tool(scene, move)
        if asked is None:
            continue
        name, arguments = asked
        # Of policies each that is asked for, by its name.
        key = f"{name} {move.topic}" if move.kind == "policy" else name
        if key in loaded:
            continue
        try:
            async with within(LOAD_SECONDS):
                answer = await call_tool(scene, name=name, arguments=arguments)
        except TimeoutError:
            continue
        if not answer.is_error:
            loaded[key] = decode_json(answer.content)
    return loaded


def _find_tool(scene: Scene, move: Move) -> tuple[str, dict[str, object]] | None:
    if move.kind in _OF_ORDERS:
        return "list_orders", {}
    if move.kind == "recall":
        return "recall_shopper", {}
    if move.kind == "promotions":
        return "list_promotions", {}
    if move.kind == "policy" and move.topic:
        refs = scene.understanding.resolved
        item: dict[str, object] = {"sku": refs[0].key} if len(refs) == 1 else {}
        return "get_policy", {"name": move.topic, **item}
    return None
