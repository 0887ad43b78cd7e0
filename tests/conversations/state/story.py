"""One conversation that has everything in it: each kind of event, at least once, in a sensible place.

It was told to the service to make the recordings; `record.py` does that. It is told again by a test.
"""

import zlib
from decimal import Decimal
from typing import Any

import msgspec

from conversations.events import Event
from conversations.events.carts import (
    CartChanged,
    CartLineChecked,
    ProposalDoubted,
    ProposalMade,
    ProposalResolved,
    TakenOff,
)
from conversations.events.constraints import (
    Constraint,
    ConstraintStated,
    ConstraintSuperseded,
    ConstraintWithdrawn,
)
from conversations.events.decisions import (
    Basis,
    Candidate,
    Decision,
    DecisionMade,
    ModelCalled,
    PolicyPassedOver,
    ToolCalled,
    ToolUsed,
    Verdict,
)
from conversations.events.entities import (
    EntitiesFocused,
    EntitiesIntroduced,
    EntitiesMentioned,
    EntitiesShown,
    Reference,
    ReferenceResolved,
    SearchMade,
)
from conversations.events.facts import (
    Amount,
    Fact,
    FactConflict,
    FactsCited,
    FactsObserved,
    FactSuperseded,
    Reckoned,
)
from conversations.events.messages import (
    Card,
    CardFact,
    CardsShown,
    CardVersion,
    FeedbackGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ServiceDegraded,
    ServiceRecovered,
    ShopperIdentified,
    TableShown,
    TierChanged,
)
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId, ConversationId, DecisionId, MerchantId, ShopperId
from conversations.service import Conversations
from tests.conversations.state.talking import (
    BLUE,
    NOON,
    RED,
    after,
    make_fact,
    make_line,
    make_notice,
    make_proposal,
    make_shoe,
    say,
    take,
)

_BEFORE = Amount(Decimal("99.00"), "USD")
_TWO_OF_THEM = Amount(Decimal("178.00"), "USD")
_UNDER_100 = Constraint(id="c1", field="price", op="<=", value=100.0, text="under $100", turn=1)
_UNDER_90 = Constraint(id="c2", field="price", op="<=", value=90.0, text="under $90", turn=2)
_BLUE_ONLY = Constraint(
    id="c3", field="color", op="in", value=("blue", "navy"), scope="item", turn=2, source="memory"
)
_UNCLEAR = Reference(text="them", outcome="ambiguous", candidates=(BLUE, RED), question="color")


def _sum_up() -> tuple[Event, ...]:
    return (
        EpisodeSummarised(first=1, last=1, text="Asked for running shoes.", by="builtin"),
        EpisodeSummarised(first=2, last=2, text="Asked whether the blue one is lighter.", by="builtin"),
        MemoryFormed(last=1, text="Asked for running shoes.", by="builtin"),
    )


def make_story(decision: str) -> tuple[tuple[str, tuple[Event, ...], str, tuple[Event, ...]], ...]:
    """Each turn: what is said, what the turn finds, what it replies, and what arrives after it."""
    return (
        ("running shoes under $100", _find_shoes(decision), "Two that fit.", (_tell_of_price(),)),
        ("is the blue one lighter? under $90", _compare(), "It is.", (_news(), *_sum_up())),
        ("which of them?", _ask(), "The blue one or the red one?", (ServiceDegraded(system="inventory"),)),
        (
            "the blue one, please",
            _buy(),
            "Ready when you are.",
            (
                ProposalResolved(
                    id="p1", status="accepted", text="Ordered.", order="A-1001", total=_TWO_OF_THEM
                ),
                FactSuperseded(id="s1", fact=_make_stock("s2", 0, version=2), order="A-1001"),
                ShopperIdentified(shopper=ShopperId("0190b5f0-0000-7000-8000-000000000001"), tier="gold"),
            ),
        ),
        (
            "any colour now; and a person, please",
            (
                ConstraintWithdrawn(id="c3", reason="dropped", text="any colour now"),
                HandoffRequested(text="A person was asked for."),
                *_exchange(),
            ),
            "Somebody comes.",
            (
                ServiceRecovered(system="inventory"),
                TierChanged(tier="platinum", before="gold"),
                PersonJoined(by="operator:5", name="Mara"),
                PersonSpoke(
                    cid=ClientMessageId("p1"), name="Mara", text="I have put one aside.", redacted=("iban",)
                ),
                HandoffEnded(
                    text="Mara has left.", name="Mara", note="One is put aside.", cause="handed_back"
                ),
                make_notice("Back in stock."),
                FeedbackGiven(of_turn=1, score="bad", reason="unhelpful"),
            ),
        ),
    )


def _find_shoes(decision: str) -> tuple[Event, ...]:
    shown = (msgspec.structs.replace(make_shoe(BLUE), group="MEADOW"), make_shoe(RED, name="Ember Trail"))
    wide = CardVersion(
        name="size", value="42", ask="Meadow Runner, 42", chosen=True, sold_out=True, sku="SKU-4842"
    )
    card = Card(
        ref=BLUE,
        title="Meadow Runner",
        url="https://shop.example/meadow-runner",
        image="https://shop.example/meadow-runner.jpg",
        price=Amount(Decimal("89.00"), "USD"),
        stock=2,
        availability="low_stock",
        rating=4.6,
        rating_count=31,
        attributes=(("weight", "240 g"),),
        reason="Within $100.",
        as_of="as of 3 minutes ago",
        list_price=_BEFORE,
        versions=(wide,),
        facts=(CardFact(name="stock", source="inventory", at=NOON),),
    )
    return (
        ConstraintStated(constraint=_UNDER_100),
        ToolCalled(
            tool="search_products",
            arguments='{"query":"running shoes"}',
            outcome="2 found",
            milliseconds=3.5,
            dropped=True,
        ),
        SearchMade(query="running shoes", order="price", total=2),
        EntitiesShown(entities=shown),
        FactsObserved(facts=(make_fact("f1"), _make_list_price(), _make_stock("s1", 2), _make_old_rating())),
        CardsShown(part="t1p1", cards=(card,)),
        QuickRepliesOffered(part="t1p2", replies=("Show me something lighter",)),
        FactsCited(ids=("f1",)),
        DecisionMade(decision=_decide(decision), basis=_make_basis()),
    )


def _decide(decision: str) -> Decision:
    """What the first turn rested on."""
    kept = Candidate(
        ref=BLUE, name="Meadow Runner", kept=True, rule="matched", reason="fits", margin=11.0, score=0.75
    )
    missed = Candidate(ref=RED, name="Ember", kept=False, rule="price", reason="dear", margin=5.0, term="c1")
    called = ModelCalled(
        message="msg_1",
        stop_reason="tool_use",
        input_tokens=900,
        cache_read=4_100,
        cache_write=210,
        output_tokens=40,
        thinking_tokens=12,
        cache_missed="first_call",
        milliseconds=812.5,
        broken=True,
    )
    return Decision(
        id=DecisionId(decision),
        turn=1,
        planner="builtin",
        planner_reason="model_broke_off",
        model="claude-of-the-tests",
        constraints=(_UNDER_100,),
        candidates=(kept, missed),
        references=(_UNCLEAR,),
        facts=("f1",),
        fact_ages=(1.5,),
        conflicts=(
            FactConflict(subject=BLUE, name="price", winner="f1", loser=make_fact("f0"), rule="teller"),
        ),
        policies=("returns/store@2",),
        policies_passed_over=(PolicyPassedOver(policy="returns/store@1", reason="older version"),),
        tools=(ToolUsed(tool="search_products", outcome="2 found", milliseconds=3.5, dropped=True),),
        grounding=(Verdict(claim="$89.00", fact="f1", passed=False, remedy="repaired", kind="money"),),
        input_tokens=901,
        output_tokens=41,
        prompt="5eed",
        cost_micros=2_750,
        calls=(called,),
        settings_version=7,
        code_version="0.1.0+abc",
    )


def _make_list_price() -> Fact:
    """What it cost before, reckoned for whoever is of the shopper's tier."""
    reckoned = Reckoned(given=("gold", "SPRING"), used=("gold",))
    return msgspec.structs.replace(make_fact("f2"), name="list_price", value=_BEFORE, reckoned=reckoned)


def _make_old_rating() -> Fact:
    """What its buyers gave it when its keeper was last reached."""
    return msgspec.structs.replace(
        make_fact("r1"),
        name="rating",
        value="4.6 by 31",
        valid_until=after(30),
        stale=True,
        authority="cache",
    )


def _make_stock(id: str, left: int, *, version: int = 1) -> Fact:
    return msgspec.structs.replace(make_fact(id, version=version), name="stock", value=left)


def _make_basis() -> Basis:
    """What the turn worked from; the model's answer as the agent packed it when this schema was the newest."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-of-the-tests",
        "content": [
            {"type": "text", "text": "The Meadow Runner is $89."},
            {"type": "tool_use", "id": "toolu_1", "name": "get_policy", "input": {"policy": "returns"}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 900, "output_tokens": 40},
    }
    heard = [
        {
            "message": message,
            "pieces": ["The Meadow ", "Runner is $89."],
            "milliseconds": 812.5,
            "finished": ["toolu_1"],
        }
    ]
    return Basis(
        at=NOON,
        since=3,
        words="",
        answers=b"",
        heard=zlib.compress(msgspec.json.encode(heard)),
    )


def _compare() -> tuple[Event, ...]:
    meant = Reference(text="the blue one", outcome="resolved", refs=(BLUE,), rules=("color",))
    return (
        ConstraintStated(constraint=_UNDER_90),
        ConstraintSuperseded(id="c1", by="c2"),
        ConstraintStated(constraint=_BLUE_ONLY),
        ReferenceResolved(reference=meant),
        EntitiesFocused(refs=(BLUE,)),
        EntitiesMentioned(refs=(BLUE, RED)),
        TableShown(
            part="t2p1",
            columns=("", "Meadow", "Ember"),
            rows=(("Price", "$89", "$79"), ("Stock", "2", "5"), ("Weight", "240 g", "260 g")),
            refs=(BLUE, RED),
        ),
    )


def _ask() -> tuple[Event, ...]:
    return (ReferenceResolved(reference=_UNCLEAR),)


def _buy() -> tuple[Event, ...]:
    line, code = make_line(BLUE, quantity=2), TakenOff(title="Spring", amount=Amount(Decimal("5.00"), "USD"))
    return (
        EntitiesIntroduced(entities=(make_shoe(BLUE),), source="cart"),
        CartChanged(
            lines=(line, make_line(RED)),
            taken_off=(code,),
            codes=("SPRING",),
            moved_from=ConversationId("0190b5f0-0000-7000-8000-000000000002"),
        ),
        CartLineChecked(ref=RED, verdict="too_few", left=0),
        CartLineChecked(ref=RED, verdict="repriced", unit_price=_BEFORE),
        ProposalMade(proposal=make_proposal("p1", line)),
        ProposalDoubted(id="p1", text="It is not as it was."),
    )


def _exchange() -> tuple[Event, ...]:
    """A change of what was ordered, with all that a proposal may hold, and what came of it."""
    proposal = msgspec.structs.replace(
        make_proposal("p2", make_line(BLUE)),
        kind="exchange",
        order="A-1001",
        taken_off=(TakenOff(title="Moving", amount=Amount(Decimal("3.00"), "USD")),),
        shipping=Amount(Decimal("4.90"), "USD"),
        tax=Amount(Decimal("1.70"), "USD"),
        tax_included=False,
        goes_back=True,
        new_lines=(make_line(RED),),
        address="1 Market St, Springfield",
        policy="returns/store@2",
        codes=("MOVING",),
        change='{"swap":"SKU-17"}',
    )
    resolved = ProposalResolved(
        id="p2",
        status="accepted",
        text="Exchanged.",
        order="A-1001",
        kind="exchange",
        pay_at="https://shop.example/pay/A-1001",
        bought=(make_line(RED),),
    )
    return (ProposalMade(proposal=proposal), resolved)


def _tell_of_price() -> Event:
    price = Amount(Decimal("84.00"), "USD")
    return msgspec.structs.replace(
        make_notice("Only 2 left, at $84."),
        stock=2,
        availability="low_stock",
        price=price,
        list_price=_BEFORE,
    )


def _news() -> Event:
    # The shop has another system for prices since.
    newer = msgspec.structs.replace(make_fact("n1", price="79.00", version=2), teller=1)
    return FactSuperseded(id="f1", fact=newer)


def _close(turn: int, text: str, decision: str) -> ReplyGiven:
    """The first turn's decision is on record; the last one was stopped, in another language."""
    if turn == 1:
        return ReplyGiven(turn=turn, text=text, decision=decision)
    last = turn == 5
    return ReplyGiven(turn=turn, text=text, status="stopped" if last else "ok", language="en" if last else "")


async def tell(service: Conversations, *, merchant: MerchantId, decision: str) -> ConversationId:
    """Tells the whole story; a last message is left waiting."""
    conversation = await service.open_conversation(
        merchant=merchant, at=NOON, tier="gold", locale="fr", currency="EUR"
    )
    for number, (said, found, replied, arrives) in enumerate(make_story(decision), start=1):
        at = after(60 * number)
        about: dict[str, Any] = {"about": "Meadow Runner", "refs": (BLUE,)} if number > 1 else {}
        await service.record_message(
            conversation=conversation, cid=ClientMessageId(f"m{number}"), text=said, at=at, **about
        )
        turn = await take(service, conversation, at=at)
        await service.commit_turn(turn=turn, events=(*found, _close(number, replied, decision)), at=at)
        await service.record_arrivals(conversation=conversation, events=arrives, at=at)
    await say(service, conversation, "thank you", cid="m-last", at=after(600))
    return conversation
