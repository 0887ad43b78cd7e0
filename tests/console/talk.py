"""A turn with one of everything that the console shows."""

from datetime import datetime, timedelta
from decimal import Decimal

from conversations.events import Event
from conversations.events.constraints import Constraint, ConstraintStated
from conversations.events.decisions import Candidate, Decision, DecisionMade, ToolCalled, Verdict
from conversations.events.entities import EntitiesShown, Entity, Reference
from conversations.events.facts import Amount, Fact, FactsCited, FactsObserved, FactSuperseded
from conversations.events.messages import Card, CardsShown, NoticeGiven, ReplyGiven
from conversations.ids import DecisionId, EntityRef

SAID = "<script>alert('x')</script> shoes under $100"
REPLY = "The Lark costs $89.00. <img src=x onerror=alert(1)>"
NOTICE = NoticeGiven(notice="stock.changed", ref=EntityRef("variant", "S"), text="The Lark has sold out.")


TERM = Constraint(id="k1", field="price", op="<=", value=100.0, text="under $100", turn=1)


def make_facts(*, ref: EntityRef, at: datetime) -> tuple[Fact, Fact, Fact]:
    """The price and the stock that were told, and the price that came later."""
    price = Fact(
        id="f1",
        subject=ref,
        name="price",
        value=Amount(Decimal("89.00"), "USD"),
        source="catalogue",
        observed_at=at - timedelta(seconds=42),
        version=7,
    )
    stock = Fact(
        id="f2",
        subject=ref,
        name="stock",
        value=3,
        source="inventory",
        observed_at=at - timedelta(minutes=10),
        stale=True,
    )
    dearer = Fact(
        id="f3",
        subject=ref,
        name="price",
        value=Amount(Decimal("95.00"), "USD"),
        source="catalogue",
        observed_at=at,
        version=8,
    )
    return price, stock, dearer


def make_decision(*, ref: EntityRef, decision: str) -> Decision:
    return Decision(
        id=DecisionId(decision),
        turn=1,
        planner="builtin",
        planner_reason="no key is set",
        constraints=(TERM,),
        candidates=(
            Candidate(
                ref=ref, name="Lark", kept=True, rule="matched", reason="It meets every term.", score=0.874
            ),
            Candidate(
                ref=EntityRef("variant", "DEAR-1"),
                name="Relay Pro",
                kept=False,
                rule="price",
                reason="It costs more than the limit.",
                margin=110.0,
            ),
        ),
        references=(Reference(text="the blue one", outcome="resolved", refs=(ref,), rules=("color",)),),
        facts=("f1", "f2"),
        fact_ages=(42.0, 600.0),
        policies=("returns/store@3",),
        grounding=(Verdict(claim="$89.00", fact="f1", passed=True),),
        code_version="0.1.0",
    )


def make_reply(*, sku: str, decision: str, at: datetime) -> tuple[Event, ...]:
    ref = EntityRef("variant", sku)
    price, stock, dearer = make_facts(ref=ref, at=at)
    return (
        ConstraintStated(constraint=TERM),
        ToolCalled(tool="search_products", arguments='{"text": "shoes"}', outcome="ok", milliseconds=12.4),
        EntitiesShown(entities=(Entity(ref=ref, name="Lark, blue"),)),
        FactsObserved(facts=(price, stock)),
        CardsShown(
            part="t1p1",
            cards=(
                Card(
                    ref=ref,
                    title="Lark, blue",
                    price=Amount(Decimal("89.00"), "USD"),
                    list_price=Amount(Decimal("119.00"), "USD"),
                    stock=3,
                    availability="low_stock",
                ),
            ),
        ),
        FactsCited(ids=("f1", "f2")),
        DecisionMade(decision=make_decision(ref=ref, decision=decision)),
        FactSuperseded(id="f1", fact=dearer),
        ReplyGiven(turn=1, text=REPLY, decision=decision),
    )
