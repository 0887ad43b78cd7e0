"""What holds for any message and any goods."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.constraints import Ledger, read_constraints
from conversations.entities import Entities
from conversations.events.entities import Entity
from conversations.references import resolve_references
from tests.conversations.understanding.shops import (
    FURNITURE,
    LAMP,
    LAMP_DESK,
    SOFA,
    SOFA_NAVY,
    SOFA_TEAL,
    TABLE,
    TOOLS,
    asked,
    item,
    shown,
    told,
)

LISTS = shown((LAMP, LAMP_DESK), (SOFA, SOFA_NAVY, SOFA_TEAL))
TALK = (
    "the that those these it them both one ones first second last two three cheapest cheaper with better "
    "reviews navy teal grey light black white sofa lamp sofas lamps Halden velvet leather Cove Nest from in "
    "on left not other another show me a any and or , ? . add to my cart $100 under between 50 80 size "
    "medium make forget budget colour fine I bought that's 4 stars kg waterproof"
)
WORDS = st.sampled_from(TALK.split())
SENTENCES = st.lists(WORDS, max_size=14).map(" ".join)
TEXTS = st.one_of(SENTENCES, st.text(max_size=200))


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, question=st.booleans())
@example(text="the two cheapest white ones", question=False)
def test_any_message_resolves_to_known_items_or_to_none(text: str, question: bool) -> None:
    entities = asked(LISTS, SOFA, SOFA_TEAL) if question else LISTS
    resolution = resolve_references(text=text, entities=entities, vocabulary=FURNITURE)
    for reference, (start, end) in zip(resolution.references, resolution.spans, strict=True):
        assert reference.text == text[start:end]
        assert reference.rules
        for ref in (*reference.refs, *reference.candidates):
            assert entities.find(ref) is not None
        assert bool(reference.refs) == (reference.outcome == "resolved")
        assert (len(reference.candidates) > 1) == (reference.outcome == "ambiguous")
        assert bool(reference.question) == (reference.outcome == "ambiguous")


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_without_any_goods_nothing_is_resolved(text: str) -> None:
    resolution = resolve_references(text=text, entities=Entities(), vocabulary=FURNITURE)
    assert not any(reference.refs or reference.candidates for reference in resolution.references)


@settings(max_examples=400, deadline=None)
@given(first=TEXTS, second=TEXTS)
def test_any_message_leaves_a_ledger_without_contradiction(first: str, second: str) -> None:
    ledger = told(first, second, vocabulary=TOOLS, focus={"price": 50.0})
    assert len({one.id for one in ledger.active}) == len(ledger.active)
    for scope in ("item", "search", "always"):
        prices = [one for one in ledger.list_for("price") if one.scope == scope]
        low = [float(str(one.value)) for one in prices if one.op == ">="]
        high = [float(str(one.value)) for one in prices if one.op == "<="]
        assert len(low) <= 1
        assert len(high) <= 1


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
@example(text="navy fine not navy")
def test_the_same_message_twice_states_nothing_new(text: str) -> None:
    once, twice = told(text, vocabulary=TOOLS), told(text, text, vocabulary=TOOLS)
    assert sorted(one.field for one in twice.active) == sorted(one.field for one in once.active)


@given(
    order=st.permutations([SOFA, SOFA_NAVY, SOFA_TEAL]),
    text=st.sampled_from(["the velvet sofa", "it", "the sofa"]),
)
def test_equals_are_equals_in_any_order(order: list[Entity], text: str) -> None:
    resolution = resolve_references(text=text, entities=shown(tuple(order)), vocabulary=FURNITURE)
    expected = {"S1", "S3"} if "velvet" in text else {"S1", "S2", "S3"}
    assert [{ref.key for ref in one.candidates} for one in resolution.references] == [expected]


@given(
    color=st.sampled_from(["black", "white", "mustard"]),
    category=st.sampled_from(["Rugs", "Bookcases"]),
    text=st.sampled_from(["the navy sofa", "the leather one", "that teal sofa", "the Cove"]),
)
def test_goods_that_do_not_fit_change_no_answer(color: str, category: str, text: str) -> None:
    other = item("X", "Plain thing", category=category, brand="Lumo", color=color)
    alone = resolve_references(text=text, entities=shown((SOFA, SOFA_NAVY, SOFA_TEAL)), vocabulary=FURNITURE)
    among = resolve_references(
        text=text, entities=shown((SOFA, SOFA_NAVY, SOFA_TEAL, other)), vocabulary=FURNITURE
    )
    assert [one.refs for one in among.references] == [one.refs for one in alone.references]
    assert len(alone.references[0].refs) == 1


@given(text=st.text(alphabet="the <>&;'\"\\%$(){}\u202e\u200f😀漢字éß0 9.,-", max_size=5000))
def test_hostile_text_is_only_text(text: str) -> None:
    resolution = resolve_references(text=text, entities=shown((TABLE,)), vocabulary=FURNITURE)
    reading = read_constraints(text=text, ledger=Ledger(), vocabulary=FURNITURE, currency="EUR", turn=1)

    assert {ref for one in resolution.references for ref in one.refs} <= {TABLE.ref}
    # An empty ledger has nothing to replace or to take back, whatever is written.
    assert (reading.superseded, reading.withdrawn) == ((), ())
