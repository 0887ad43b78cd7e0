"""Of a term it is known, wherever it is told, whether the shopper said it or it is remembered."""

from datetime import timedelta

import msgspec
from asgiref.sync import sync_to_async

from commerce_agent.agent.claude.digest import describe_state
from commerce_agent.agent.claude.loading import Loaded
from commerce_agent.agent.explain import Register, explain_turn
from commerce_agent.agent.memory.recollecting import Recollection
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.console.audit.time_pages import tell_state
from commerce_agent.console.audit.why_not import ask_today, look_up_record
from commerce_agent.decoding import decode_json
from conversations.constraints import ConstraintReading
from conversations.events import Event, Recorded
from conversations.events.constraints import Constraint, ConstraintStated, TermSource
from conversations.events.decisions import DecisionMade
from conversations.graph import ConstraintNode, build_graph
from conversations.ids import MerchantId
from conversations.language.glossing import Gloss
from conversations.state import ConversationState, fold
from tests.console.talk import TERM, make_reply
from tests.shoppers.conftest import NOON, Visitor, buy

DAY = timedelta(days=1)
BOOTS = "show me winter boots, same size as last time"


def list_sources(events: tuple[Event, ...]) -> dict[str, str]:
    stated = [event.constraint for event in events if isinstance(event, ConstraintStated)]
    return {term.field: term.source for term in stated}


async def come_back(ada: Visitor) -> tuple[Event, ...]:
    await ada.say("I'm looking for hiking boots in size 42")
    await ada.come(after=30 * DAY)
    return await ada.say(BOOTS)


async def test_a_term_says_whether_it_was_said_or_is_remembered(ada: Visitor) -> None:
    first = await ada.say("I'm looking for hiking boots in size 42")
    await ada.come(after=30 * DAY)
    later = await ada.say(BOOTS)

    assert list_sources(first) == {"category": "shopper", "size": "shopper"}
    assert list_sources(later) == {"category": "shopper", "size": "memory"}


async def test_a_size_that_was_bought_is_remembered_too(ada: Visitor, outfitter: MerchantId) -> None:
    await sync_to_async(buy)(outfitter, "BOOT-41")

    events = await ada.say("winter boots in the same size as last time please")

    assert list_sources(events)["size"] == "memory"


async def test_what_is_said_beside_it_stays_the_shoppers(ada: Visitor) -> None:
    await ada.say("I'm looking for hiking boots in size 42")
    await ada.come(after=30 * DAY)

    events = await ada.say("show me winter boots in size 42, same size as last time")

    assert list_sources(events)["size"] == "shopper"


def test_only_whole_words_of_what_is_remembered_are_remembered() -> None:
    def mark(text: str, value: str, *, own: tuple[Constraint, ...] = ()) -> TermSource:
        term = Constraint(id="c1", field="size", op="=", value=value, text=text)
        recollection = Recollection(read=Gloss(text="", said=""), put="in size 42")
        understanding = Understanding(
            said="", moves=(), references=(), reading=ConstraintReading(stated=(term,), rest="")
        )
        marked = recollection.mark(understanding, own=ConstraintReading(stated=own, rest=""))
        return marked.reading.stated[0].source

    said = Constraint(id="c7", field="size", op="=", value="42", text="42")

    assert mark("size 42", "42") == "memory"
    assert mark("size 4", "4") == "shopper"
    assert mark("4", "4") == "shopper"
    assert mark("42", "42", own=(said,)) == "shopper"
    assert mark("", "42") == "shopper"


async def test_the_pages_of_the_audit_say_it_and_quote_nobody_for_it(ada: Visitor) -> None:
    await come_back(ada)
    assert ada.talk is not None
    journal = await ada.platform.conversations.list_events(conversation=ada.talk)
    register = Register.read(journal)

    account = explain_turn(1, register=register)
    assert account is not None
    known = tell_state(fold(ConversationState(), journal))
    today = await ask_today("COFFEE-E", turn=1, merchant=ada.merchant, events=journal, now=ada.clock.now)

    assert {(term.source, term.words) for term in account.terms} >= {
        ("remembered of the shopper", "size is 42")
    }
    assert any(words == "size is 42" and "remembered of the shopper “" in told for words, told in known.terms)
    (verdict,) = today.verdicts
    assert "“size is 42” (remembered of the shopper “size 42”)" in verdict.says
    assert "(the shopper said “boots”)" in verdict.says


def test_an_item_that_missed_a_remembered_term_is_told_so() -> None:
    term = msgspec.structs.replace(TERM, source="memory")
    events = [
        msgspec.structs.replace(event, decision=msgspec.structs.replace(event.decision, constraints=(term,)))
        if isinstance(event, DecisionMade)
        else event
        for event in make_reply(sku="LARK-1", decision="d1", at=NOON)
    ]
    journal = [
        Recorded(seq=at, frame=None, at=NOON, turn=1, event=event) for at, event in enumerate(events, start=1)
    ]

    (verdict,) = look_up_record("DEAR-1", turn=1, register=Register.read(journal)).verdicts

    assert (
        "The term “price at most $100.00” was remembered of the shopper, who did not say it here."
        in verdict.says
    )
    assert "The shopper's term" not in verdict.says


async def test_the_merchants_systems_and_the_model_are_told_it(ada: Visitor) -> None:
    await come_back(ada)
    assert ada.talk is not None
    service = ada.platform.conversations
    state = await service.load(conversation=ada.talk)
    journal = await service.list_events(conversation=ada.talk)

    sent = decode_json(msgspec.json.encode(state.constraints))
    nodes = [each for each in build_graph(journal).nodes.values() if isinstance(each, ConstraintNode)]

    assert {term["field"]: term["source"] for term in sent["active"]} == {
        "category": "shopper",
        "size": "memory",
    }
    assert {node.constraint.field: node.constraint.source for node in nodes} == {
        "category": "shopper",
        "size": "memory",
    }
    told = describe_state(
        state,
        Understanding(said="", moves=(), references=(), reading=ConstraintReading(rest="")),
        loaded=Loaded(),
        seconds=int(ada.clock.now.timestamp()),
    )
    assert told["limits"] == [
        {"field": "category", "op": "=", "value": "Boots", "scope": "search"},
        {"field": "size", "op": "=", "value": "42", "scope": "search", "from": "an earlier visit"},
    ]
