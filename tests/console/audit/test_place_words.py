"""Where a record differs, in words."""

from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from commerce_agent.agent.explain.plain import tell_plain
from commerce_agent.console.audit.chapters import ChapterSeen, list_chapters
from commerce_agent.console.audit.place_words import list_place_names, tell_place
from commerce_agent.console.audit.story import tell_story
from conversations.events import Recorded
from conversations.events.constraints import Constraint
from conversations.events.decisions import Candidate, DecisionMade, Verdict
from conversations.events.entities import EntitiesShown, Entity, Reference
from conversations.events.facts import FactsObserved
from conversations.events.messages import ReplyGiven, TurnStarted
from conversations.ids import EntityRef
from tests.console.audit.conftest import Kept
from tests.console.talk import make_decision, make_facts

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

NAMES = {
    "A.1[x]": "Desk lamp (A.1[x])",
    "c2": "“price at most $100”",
    "variant:A.1[x]:price": "price of Desk lamp (A.1[x])",
}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("constraints.stated[0].value", "Stated term 1, value"),
        ("constraints.applied.c2", "Applied, “price at most $100”"),
        ("candidates.A.1[x].kept", "Desk lamp (A.1[x]), kept"),
        ("facts.variant:A.1[x]:price.value.amount", "Price of Desk lamp (A.1[x]), value, amount"),
        ("cards.A.1[x].list_price", "Desk lamp (A.1[x]), list price"),
        ("cards.NEVER-SEEN.price", "NEVER-SEEN, price"),
        ("facts.variant:NEW-1:list_price.value", "List price of NEW-1, value"),
        ("shown[2]", "Place 3"),
        ("tables[0][1][2]", "Table 1 / 2 / 3"),
        ("grounding[1].passed", "Claim 2, passed"),
        ("text", "Words"),
        ("[0]", "Entry 1"),
        ("", "The whole"),
        ("a.[odd", "[odd"),
    ],
)
def test_a_place_is_told_in_words(path: str, told: str) -> None:
    assert tell_place(path, names=NAMES, is_headed=True) == told


def test_without_a_heading_the_first_step_is_told() -> None:
    assert tell_place("constraints.active[0].op", names={}) == "Constraints, active 1, op"


def test_items_facts_and_terms_of_a_conversation_have_names(kept: Kept) -> None:
    names = list_place_names(kept.held.events)

    assert names["MEADOW-G"].endswith("(MEADOW-G)")
    assert names["variant:MEADOW-G"] == names["MEADOW-G"]
    assert names["variant:MEADOW-G:price"] == f"price of {names['MEADOW-G']}"
    assert names["policy:returns:policy.returns"] == "words of the policy returns"
    assert names["policy:returns:returns.window_days"] == "window days of the policy returns"
    assert any(name.startswith("“") for name in names.values())


def test_values_are_told_by_what_they_stand_for() -> None:
    assert tell_plain('"A.1[x]"', names=NAMES) == "Desk lamp (A.1[x])"
    assert tell_plain(
        '{"availability": "out_of_stock", "rule": "below_cut", "skus": ["A.1[x]", "B"]}', names=NAMES
    ) == ("availability Sold out · rule Ranked lower · skus Desk lamp (A.1[x]); B")


def explain(*, reason: str, claim: str, reply: str) -> ChapterSeen:
    """The one turn of a talk, with this reason for what was left out, and this claim resting on a price of $89.00."""
    made = make_decision(ref=EntityRef("variant", "LARK-1"), decision=str(uuid4()))
    term = Constraint(id="k2", field="sleeps", op="<=", value=1.0, text="for one", turn=1)
    left_out = Candidate(
        ref=EntityRef("variant", "OWL-1"), name="Owlet", kept=False, rule="sleeps", reason=reason, margin=1.0,
        term="k2",
    )  # fmt: skip
    decision = msgspec.structs.replace(
        made,
        constraints=(term,),
        candidates=(left_out,),
        grounding=(Verdict(claim=claim, fact="f1", passed=True),),
        references=(Reference(text="that one", outcome="ambiguous"),),
    )
    ref = EntityRef("variant", "LARK-1")
    measures = Entity(ref=ref, name="Lark", measures={"sleeps": 2.0}, attributes={"sleeps": ("2 people",)})
    happened = (
        TurnStarted(turn=1, cids=()),
        EntitiesShown(entities=(measures,)),
        FactsObserved(facts=make_facts(ref=ref, at=AT)[:1]),
        DecisionMade(decision=decision),
        ReplyGiven(turn=1, text=reply, decision=str(decision.id)),
    )
    events = tuple(
        Recorded(seq=seq, frame=None, at=AT, turn=1, event=event) for seq, event in enumerate(happened, 1)
    )
    (chapter,) = list_chapters(tell_story(events), flags=(), notes=())
    return chapter


def test_a_measure_is_told_with_its_unit_and_one_of_it_in_the_singular() -> None:
    reason = "Its sleeps is 1 above the limit of 2."

    told = explain(reason=reason, claim="$89", reply="Here it is.").story.reasons

    assert told is not None
    (item,) = told.rejected
    assert item.reason == "Its sleeps is 1 person above the limit of 2 people."
    assert (item.term, item.margin) == ("sleeps at most 1 person", "1 person over")


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("$89", "Lark, price: $89.00"),
        ("89.00 dollars", "Lark, price: $89.00"),
        ("under $300", "a limit, a sum or a difference that rests on Lark, price: $89.00"),
    ],
)
def test_a_claim_of_another_sum_says_that_it_only_rests_on_the_fact(claim: str, told: str) -> None:
    reasons = explain(reason="", claim=claim, reply="Here it is.").story.reasons

    assert reasons is not None
    assert [each.fact for each in reasons.verdicts] == [told]


@pytest.mark.parametrize(
    ("reply", "badge"), [("Which one?", "Asked which one"), ("Here it is.", "Words fit several items")]
)
def test_a_turn_is_marked_as_asking_only_where_it_asked(reply: str, badge: str) -> None:
    assert badge in {each.words for each in explain(reason="", claim="", reply=reply).badges}
