"""What Claude is asked over a long talk: rebuilt to the byte, no longer at turn 40 than at turn 15, nothing lost."""

import json
from typing import Any

import msgspec

from commerce_agent.agent.answering import answer
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.planner import write_prompt
from commerce_agent.agent.claude.prompt import MOST_TOKENS, estimate_tokens
from commerce_agent.agent.closing import Spoke
from commerce_agent.agent.summaries.writing import without_claims
from commerce_agent.agent.voice import Voice
from commerce_agent.composition import Platform
from commerce_agent.tools.answers import RecalledShop, unpack_answers
from commerce_agent.tools.trail import Trail
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.ids import ConversationId, MerchantId
from conversations.replay import fold_up_to
from conversations.state import ConversationState, recall
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import open_talk, say

SAYINGS = (
    "a lamp under 200 euros",
    "what's the return policy on it?",
    "show me green ones",
    "any colour now",
    "are there promotions?",
    "put the Meadow lamp in white in my cart",
    "which stools do you have?",
)
TURNS = 40
LONG_TURNS = 9
"""Of more words together than a prompt takes."""


def reply_to(body: dict[str, Any]) -> Reply:
    """A model that searches first and then says little."""
    last = body["messages"][-1]["content"]
    if last[0]["type"] == "tool_result":
        return Reply(text="Here is what I found. Which one do you like best?")
    return Reply(tool="search_products", arguments={"query": "lamp"})


async def hush(frame: dict[str, object]) -> None:
    """Nobody listens."""


async def rebuild_prompt(
    claude: Platform, conversation: ConversationId, made: DecisionMade, *, events: tuple[Recorded, ...]
) -> bytes:
    """The prompt of a turn from nothing but the journal, and what it names."""
    assert made.basis is not None
    before = tuple(each for each in events if each.seq <= made.basis.since)
    state = fold_up_to(before)
    words = await claude.words.find_words(merchant=state.transcript.merchant, digest=made.basis.words)
    settings = await claude.turns.find_settings(
        merchant=state.transcript.merchant, version=made.decision.settings_version
    )
    assert words is not None
    assert settings is not None
    shop = RecalledShop(packed=unpack_answers(made.basis.answers))
    trail = Trail(state=state, turn=made.decision.turn, at=shop.now)
    written: list[bytes] = []

    async def speak(scene: Scene) -> Spoke:
        prompt = await write_prompt(scene)
        written.append(prompt.encode())
        assert prompt.digest == made.decision.prompt
        return Spoke(planner="claude", reason="")

    async def recall_before() -> ConversationState:
        return recall(before)

    voice = Voice(trail=trail, publish=hush)
    await answer(
        conversation=conversation,
        trail=trail,
        voice=voice,
        words=words,
        shop=shop,
        speak=speak,
        recall=recall_before,
        settings=settings,
    )
    (prompt,) = written
    return prompt


async def test_a_long_talk_is_asked_in_few_words_and_rebuilt_to_the_byte(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.answer = reply_to
    conversation = await open_talk(claude, merchant=lamp_shop)
    sent: dict[int, bytes] = {}
    heads: dict[int, dict[str, Any]] = {}
    for turn in range(1, TURNS + 1):
        asked = len(messages_api.requests)
        await say(claude, conversation, SAYINGS[(turn - 1) % len(SAYINGS)])
        await claude.compressor.compress(conversation=conversation)
        if len(messages_api.requests) > asked:
            heads[turn] = body = messages_api.requests[asked]["body"]
            sent[turn] = msgspec.json.encode([body["tools"], body["system"], body["messages"]])

    events = await claude.conversations.list_events(conversation=conversation)
    made = {each.turn: each.event for each in events if isinstance(each.event, DecisionMade)}
    for turn, prompt in sent.items():
        assert await rebuild_prompt(claude, conversation, made[turn], events=events) == prompt, turn

    assert len(sent) == TURNS
    tokens = {turn: estimate_tokens(prompt.decode()) for turn, prompt in sent.items()}
    assert tokens[TURNS] <= 1.5 * tokens[15]
    state = await claude.conversations.load(conversation=conversation)
    assert state.summaries.memory is not None
    assert state.summaries.covered >= TURNS - 12
    assert len({msgspec.json.encode([body["tools"], body["system"]]) for body in heads.values()}) == 1
    expect_nothing_lost(heads[TURNS], before=fold_up_to(events, seq=made_at(events, turn=TURNS)))
    assert state == await claude.conversations.rebuild(conversation=conversation)


def made_at(events: tuple[Recorded, ...], *, turn: int) -> int:
    """The seq before the turn's decision."""
    return next(each.seq for each in events if each.turn == turn and isinstance(each.event, DecisionMade)) - 1


def read_state(body: dict[str, Any]) -> dict[str, Any]:
    """What the first request of a turn says of the state."""
    written = body["messages"][-1]["content"][1]["text"].removeprefix("<state>").removesuffix("</state>")
    digest: dict[str, Any] = json.loads(written)
    return digest


def expect_nothing_lost(body: dict[str, Any], *, before: ConversationState) -> None:
    """Every limit and every item at hand is in the prompt; a tool reads the facts of any of them."""
    digest = read_state(body)
    limits = [(each["field"], each["op"]) for each in digest["limits"]]
    assert limits == [(term.field, term.op) for term in before.constraints.active]
    named = {each["sku"] for each in digest["items"]} | set(digest["also_came_up"])
    assert named == set(before.entities.known)
    marks = sum("cache_control" in str(part) for part in (body["tools"], body["system"], body["messages"]))
    assert marks == 3
    assert str(body).count("cache_control") == 3


async def test_the_oldest_words_go_where_all_of_them_would_be_too_many(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.answer = lambda body: Reply(text="Which lamp do you like?")
    conversation = await open_talk(claude, merchant=lamp_shop)
    for turn in range(1, LONG_TURNS + 1):
        await say(claude, conversation, f"hm {turn}" + ", I wonder" * 230)

    await say(claude, conversation, "hm, a lamp")

    messages = messages_api.requests[-1]["body"]["messages"]
    said = [each["content"][-1]["text"][:5].split(",")[0] for each in messages[:-1:2]]
    assert said == ["hm 4", "hm 5", "hm 6", "hm 7", "hm 8", "hm 9"]
    assert estimate_tokens(msgspec.json.encode(messages).decode()) <= MOST_TOKENS


async def test_it_is_told_the_tier_of_a_shopper_whom_the_shop_knows(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.answer = lambda body: Reply(text="Which lamp do you like?")
    merchant, shoppers = MerchantId(lamp_shop), claude.conversations.shoppers
    card = await shoppers.record(merchant=merchant, key="s-1", name="Ada", tier="gold", at=NOW)
    conversation = await claude.conversations.open_conversation(
        merchant=merchant, currency="EUR", at=NOW, shopper=card.id
    )

    await say(claude, conversation, "hm, a lamp")

    assert read_state(messages_api.requests[-1]["body"])["shopper"] == {"signed_in": True, "tier": "gold"}
    assert "Ada" not in str(messages_api.requests)


def test_a_summary_keeps_no_claim() -> None:
    written = "The shopper liked the Meadow lamp. It costs €80.00. They turned down the stools."

    assert without_claims(written) == "The shopper liked the Meadow lamp. They turned down the stools."
