"""What a shopper gets back: by what was cancelled or sent back, never by what the goods cost today."""

from commerce_agent.agent.builtin.after_sale import tell_returns
from commerce_agent.agent.builtin.receipts import list_meant, list_moved_since
from commerce_agent.agent.builtin.scene import Scene


async def tell_money_back(scene: Scene) -> None:
    """What waits for the button or was confirmed in this talk; where nothing goes back yet, by which terms it would."""
    proposal = scene.desk.trail.state.cart.proposal
    if proposal is not None and proposal.goes_back:
        scene.voice.allow_sum(proposal.total.amount)
        scene.voice.allow_name(proposal.order or "")
        amount = scene.money(proposal.total)
        await scene.say("back.waiting", number=proposal.order or "", amount=amount)
        return
    back = [(fact, value) for fact, value in list_moved_since(scene) if fact.name.endswith(".back")]
    for fact, value in back:
        scene.desk.trail.cite(fact)
        scene.voice.allow_sum(value.amount)
        scene.voice.allow_name(fact.subject.key)
        await scene.say("back.noted", number=fact.subject.key, amount=scene.money(value))
    if back:
        return
    goods = set(scene.understanding.resolved)
    for receipt in list_meant(scene):
        if not goods <= {line.ref for line in receipt.proposal.lines}:
            continue
        scene.voice.allow_sum(receipt.total.amount)
        scene.voice.allow_name(receipt.number)
        await scene.say("back.none", number=receipt.number, total=scene.money(receipt.total))
    await tell_returns(scene)
