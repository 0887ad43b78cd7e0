"""How long Claude's prompt is over a long talk, beside the whole history, and whether anything that holds is missing.

The talk is made up and runs through real turns on a demo shop of its own. No model is asked: its place is taken by one
that writes the prompt down and then lets the built-in planner answer.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.planner import write_prompt
from commerce_agent.agent.claude.prompt import Prompt, estimate_tokens
from commerce_agent.agent.claude.seen import write_json
from commerce_agent.agent.speaking import Attempt, PlannerFailed
from commerce_agent.agent.spending.model_door import ModelDoor
from commerce_agent.composition import Platform, open_platform
from commerce_agent.decoding import decode_json
from commerce_agent.scripted.script import Script
from commerce_agent.scripted.stage import Stage, set_stage
from conversations.events import Recorded
from conversations.events.facts import Fact
from conversations.events.messages import CardsShown, ReplyGiven, ShopperSpoke
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.state import ConversationState

LENGTHS = (5, 15, 30, 60, 100)
BEGAN = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
KINDS = (
    "running shoes",
    "hiking boots",
    "rain jackets",
    "headlamps",
    "tents",
    "backpacks",
    "lamps",
    "sleeping bags",
)
SAYINGS = (
    "show me {kind}",
    "under {limit} dollars",
    "how much is the second one?",
    "what's the return policy on it?",
    "is it in stock?",
    "something cheaper",
    "put it in my cart",
    "are there any promotions?",
    "tell me more about the first one",
    "any price is fine again",
    "compare the first two",
)


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One turn's prompt beside the whole history, in tokens, and what was neither in it nor one tool call away."""

    turn: int
    prompt: int
    history: int
    checked: int
    missing: tuple[str, ...]


class _Scribe:
    """Stands in Claude's place: writes the prompt down and leaves the answer to the built-in planner."""

    name = "scribe"

    def __init__(self) -> None:
        self.prompt: Prompt | None = None
        self.state: ConversationState | None = None

    async def answer(self, scene: Scene, *, door: ModelDoor, attempt: Attempt) -> None:  # noqa: ARG002
        """Always fails, once the prompt is written."""
        self.prompt = await write_prompt(scene)
        self.state = scene.desk.trail.state
        raise PlannerFailed(planner=self.name, reason="only the prompt is measured")


def measure_prompts(*, turns: int) -> tuple[Written, ...]:
    """Every turn of one talk."""
    script = Script(name="prompt", folder=Path(), turns=())
    with set_stage(script, now=BEGAN) as stage:
        return asyncio.run(_talk(stage, turns=turns))


async def _talk(stage: Stage, *, turns: int) -> tuple[Written, ...]:
    scribe, now = _Scribe(), [BEGAN]
    async with open_platform(
        clock=lambda: now[0],
        claude=scribe,
        quiet=True,
        prefix=f"prompt-{uuid4().hex}:",
        in_process_store=True,
    ) as platform:
        talk = await platform.conversations.open_conversation(
            merchant=MerchantId(stage.merchant), currency=stage.currency, at=BEGAN
        )
        written: list[Written] = []
        for turn in range(1, turns + 1):
            now[0] += timedelta(seconds=30)
            written.append(await _speak(platform, talk, turn=turn, scribe=scribe, at=now[0]))
        await platform.forget_keys()
    return tuple(written)


async def _speak(
    platform: Platform, talk: ConversationId, *, turn: int, scribe: _Scribe, at: datetime
) -> Written:
    before = await platform.conversations.list_events(conversation=talk)
    text = SAYINGS[(turn - 1) % len(SAYINGS)].format(
        kind=KINDS[turn // 11 % len(KINDS)], limit=60 + 10 * (turn % 13)
    )
    await platform.conversations.record_message(
        conversation=talk, cid=ClientMessageId(f"prompt-{turn:05}"), text=text, at=at
    )
    scribe.prompt = None
    await platform.turns.run(talk)
    await platform.compressor.compress(conversation=talk)
    if scribe.prompt is None or scribe.state is None:
        raise PromptNotWritten(turn=turn)
    prompt, state = scribe.prompt, scribe.state
    checked, missing = find_missing(prompt, state)
    return Written(
        turn=turn,
        prompt=prompt.tokens,
        history=_weigh_history(prompt, before, said=text),
        checked=checked,
        missing=missing,
    )


class PromptNotWritten(Exception):
    """A turn of the made-up talk never came to the planner. Its developer looks at what answered in its place."""

    def __init__(self, *, turn: int) -> None:
        super().__init__(f"Turn {turn} asked no planner.")
        self.turn = turn


def _weigh_history(prompt: Prompt, events: tuple[Recorded, ...], *, said: str) -> int:
    """Tools and rules as they are, then every message and reply so far, and the cards that each turn showed, which a
    model that searched for them would have in its history.
    """
    told: list[object] = []
    for each in events:
        if isinstance(each.event, ReplyGiven | ShopperSpoke):
            told.append(each.event.text)
        elif isinstance(each.event, CardsShown):
            told.extend(
                {"sku": card.ref.key, "name": card.title, "price": card.price, "attributes": card.attributes}
                for card in each.event.cards
            )
    head = msgspec.json.encode([prompt.tools, prompt.system]).decode()
    return estimate_tokens(head + write_json([*told, said]))


class _Limit(msgspec.Struct, frozen=True):
    field: str
    op: str
    value: object


class _Item(msgspec.Struct, frozen=True):
    sku: str


class _Told(msgspec.Struct, frozen=True):
    of: str
    name: str


class _Digest(msgspec.Struct, frozen=True):
    """What of the prompt's state is looked into."""

    limits: tuple[_Limit, ...]
    items: tuple[_Item, ...]
    also_came_up: dict[str, str]
    focus: tuple[str, ...]
    told: tuple[_Told, ...]
    cart: tuple[_Item, ...]


def find_missing(prompt: Prompt, state: ConversationState) -> tuple[int, tuple[str, ...]]:
    """How many things that hold were looked for in the prompt, and those that are neither there nor one call away."""
    written = prompt.messages[-1]["content"][-1]["text"].removeprefix("<state>").removesuffix("</state>")
    digest, shop = decode_json(written, _Digest), str(prompt.system[-1]["text"])
    limits = [(limit.field, limit.op, limit.value) for limit in digest.limits]
    items = {item.sku for item in digest.items} | digest.also_came_up.keys()
    looked = {
        f"limit {term.id}": (term.field, term.op, msgspec.to_builtins(term.value)) in limits
        for term in state.constraints.active
    }
    looked |= {f"item {sku}": sku in items for sku in state.entities.known}
    looked |= {f"focus {ref.key}": ref.key in digest.focus for ref in state.entities.focus}
    looked |= {
        f"cart {line.ref.key}": any(item.sku == line.ref.key for item in digest.cart)
        for line in state.cart.lines
    }
    looked |= {
        f"fact {fact.subject.key} {fact.name}": _is_within_reach(fact, digest=digest, items=items, shop=shop)
        for fact in state.facts.cited.values()
    }
    return len(looked), tuple(name for name, found in looked.items() if not found)


def _is_within_reach(fact: Fact, *, digest: _Digest, items: set[str], shop: str) -> bool:
    """In the prompt, or what one tool reads whose argument the prompt has."""
    of = f"{fact.subject.kind}:{fact.subject.key}"
    if any((each.of, each.name) == (of, fact.name) for each in digest.told):
        return True
    match fact.subject.kind:
        case "variant":
            return fact.subject.key in items
        case "policy":
            return f'"{fact.subject.key}:' in shop
        case _:
            # Promotions and orders are listed whole, without an argument.
            return fact.subject.kind in ("promotion", "order")
