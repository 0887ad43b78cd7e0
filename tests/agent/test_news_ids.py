"""The ids of facts that news brings: whoever cites one means one answer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from commerce_agent.agent.news.naming import name_answer
from conversations.events.facts import Amount, Fact, Reckoned
from conversations.ids import EntityRef

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
INSTANTS = st.integers(0, 1).map(lambda seconds: NOON + timedelta(seconds=seconds))

FACTS = st.builds(
    Fact,
    id=st.sampled_from(["", "f1"]),
    subject=st.sampled_from([EntityRef("variant", "LAMP"), EntityRef("policy", "LAMP")]),
    name=st.sampled_from(["stock", "price"]),
    value=st.sampled_from([2, 3, "2", None, Amount(Decimal("2.00"), "EUR"), Amount(Decimal("2.00"), "USD")]),
    source=st.sampled_from(["erp", "store"]),
    observed_at=INSTANTS,
    valid_until=st.none() | INSTANTS,
    version=st.integers(0, 1),
    stale=st.booleans(),
    reckoned=st.sampled_from([msgspec.UNSET, Reckoned(given=("tier:gold",))]),
    teller=st.sampled_from([msgspec.UNSET, 1, 2]),
)


@given(facts=st.lists(FACTS, min_size=2, max_size=12))
def test_facts_of_one_id_are_one_fact(facts: list[Fact]) -> None:
    named = [name_answer(fact) for fact in facts]

    for one, other in combinations(named, 2):
        assert (one.id == other.id) == (one == other)


def test_two_values_under_one_version_of_one_system_are_two_facts() -> None:
    three, two = (
        Fact(
            id="",
            subject=EntityRef("variant", "LAMP"),
            name="stock",
            value=left,
            source="erp",
            observed_at=NOON,
            version=5,
        )
        for left in (3, 2)
    )

    ids = [name_answer(fact).id for fact in (three, two)]
    assert [id.rpartition("/")[0] for id in ids] == ["LAMP/stock@5", "LAMP/stock@5"]
    assert ids[0] != ids[1]
