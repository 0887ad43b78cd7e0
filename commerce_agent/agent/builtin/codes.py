"""Promotion codes of the shopper's: what one does to the cart, why it does nothing, and how it is let go of."""

from collections.abc import Awaitable, Callable

from catalog.pricing import CartPrice, RefusedCode
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.unchecked import tell_unpriced
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.wording.terms import say_date
from commerce_agent.tools import drop_code, enter_code
from commerce_agent.tools.desk import CannotBeDone


async def take_code(scene: Scene, move: Move) -> None:
    """Takes a promotion code, and says what it does or why it does nothing."""
    try:
        entered = await enter_code.run(scene.desk, enter_code.Arguments(code=move.topic))
    except CannotBeDone as refusal:
        await scene.say("proposal.cannot", reason=scene.explain(refusal))
        return
    if entered.beaten_by:
        await scene.say("code.beaten", code=entered.code, others=scene.join(entered.beaten_by))
        return
    if entered.refused is not None:
        await _tell_noted(scene, entered.refused)
        return
    scene.voice.allow_sum(entered.priced.total.amount)
    await scene.say("code.accepted", code=entered.code, total=scene.money(entered.priced.total))
    await _tell_unpriced(scene, entered.priced)
    if entered.in_place_of:
        await scene.say("code.in_place", code=entered.code, others=scene.join(entered.in_place_of))


async def let_code_go(scene: Scene, move: Move) -> None:
    """Takes a code out of the cart again, or all where none is named."""
    try:
        dropped = await drop_code.run(scene.desk, drop_code.Arguments(code=move.topic))
    except CannotBeDone as refusal:
        await scene.say("proposal.cannot", reason=scene.explain(refusal))
        return
    scene.voice.allow_sum(dropped.priced.total.amount)
    await scene.say("code.dropped", codes=scene.join(dropped.codes), total=scene.money(dropped.priced.total))
    await _tell_unpriced(scene, dropped.priced)


async def _tell_unpriced(scene: Scene, priced: CartPrice) -> None:
    if priced.stale:
        await tell_unpriced(scene)


async def _tell_noted(scene: Scene, refused: RefusedCode) -> None:
    """Why a code that is kept does nothing yet, and what it waits for."""
    if refused.kind == "unreachable":
        await scene.say("code.unreachable", code=refused.code)
    elif refused.holds_from is not None:
        await scene.say("code.not_yet", code=refused.code, day=say_date(refused.holds_from, book=scene.book))
    elif refused.least is not None:
        scene.voice.allow_sum(refused.least.amount)
        await scene.say("code.least", code=refused.code, least=scene.money(refused.least))
    else:
        await scene.say("code.noted", code=refused.code)


CODE_MOVES: dict[str, Callable[[Scene, Move], Awaitable[None]]] = {
    "drop_code": let_code_go,
    "enter_code": take_code,
}
