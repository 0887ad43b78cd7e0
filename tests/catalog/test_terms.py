from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.events import PolicyChanged, decode_event, encode_event
from catalog.feeds import TermsRefused, load_policies, load_promotions
from catalog.ids import MerchantId, Sku
from catalog.models import Policy, Promotion
from catalog.policies import (
    PolicyRecord,
    PolicyWithoutText,
    TermsUnreadable,
    choose_policy,
    find_policy,
    list_policies,
    read_terms,
    set_policy,
)
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW

POLICIES = """
- {name: returns, title: Returns, text: Sixty days., terms: {window_days: 60}, applies_to: store, version: 3}
- {name: returns, title: Returns, text: Thirty days., terms: {window_days: 30}, applies_to: store, version: 2}
- {name: returns, title: Trail test, text: Ninety days., applies_to: {category: Running Shoes}}
- {name: returns, title: Footwear, text: Forty days., applies_to: {category: Footwear}, version: 9}
- {name: returns, title: Last pair, text: No returns., applies_to: {sku: TARN-RED-9}}
- {name: shipping, title: Shipping, text: Three days., valid_until: 2026-05-01}
"""


@pytest.fixture
def ruled(shop: MerchantId) -> MerchantId:
    load_policies(merchant=shop, source=POLICIES, now=NOW)
    return shop


@pytest.mark.parametrize(
    ("sku", "ref"),
    [
        ("TARN-RED-9", "returns/sku:TARN-RED-9@1"),
        ("FELL-BLU-9", "returns/category:Running Shoes@1"),
        ("BEN-BRN-9", "returns/category:Footwear@9"),
        ("CAFE", "returns/store@3"),
        (None, "returns/store@3"),
    ],
)
async def test_narrowest_policy_in_force_applies(
    ruled: MerchantId, pool: Pool, sku: str | None, ref: str
) -> None:
    async with pool.connection() as connection:
        answer = await find_policy(
            connection, merchant=ruled, name="returns", now=NOW, sku=None if sku is None else Sku(sku)
        )

    assert answer is not None
    assert answer.chosen.ref == ref


async def test_choice_is_recorded_with_what_it_was_preferred_to(ruled: MerchantId, pool: Pool) -> None:
    async with pool.connection() as connection:
        answer = await find_policy(connection, merchant=ruled, name="returns", now=NOW, sku=Sku("TARN-RED-9"))

    assert answer is not None
    assert [(over.policy.ref, over.reason) for over in answer.passed_over] == [
        ("returns/category:Running Shoes@1", "sku is narrower"),
        ("returns/category:Footwear@9", "sku is narrower"),
        ("returns/store@3", "sku is narrower"),
        ("returns/store@2", "sku is narrower"),
    ]


async def test_what_is_no_longer_in_force_does_not_apply(ruled: MerchantId, pool: Pool) -> None:
    async with pool.connection() as connection:
        now = await list_policies(connection, merchant=ruled, now=NOW)
        before = await list_policies(connection, merchant=ruled, now=NOW - timedelta(days=10))

    assert [answer.chosen.name for answer in now] == ["returns"]
    assert [answer.chosen.name for answer in before] == ["returns", "shipping"]


SCOPES = st.sampled_from(
    [("store", ""), ("category", "Footwear"), ("category", "Running Shoes"), ("sku", "S"), ("sku", "OTHER")]
)


@given(st.lists(st.tuples(SCOPES, st.integers(1, 5)), min_size=1, unique=True), st.randoms())
def test_narrowest_scope_then_highest_version_wins_in_any_order(versions, shuffle) -> None:
    policies = [
        PolicyRecord(
            name="returns", title="", text="", terms={}, scope=scope, scope_value=value, version=version,
            valid_from=None, valid_until=None, observed_at=NOW,
        )
        for (scope, value), version in versions
    ]  # fmt: skip
    shuffle.shuffle(policies)
    narrowness = {
        ("sku", "S"): 4, ("category", "Running Shoes"): 3, ("category", "Footwear"): 2, ("store", ""): 1,
    }  # fmt: skip
    best = max(
        ((narrowness.get(scope, 0), version) for scope, version in versions if scope != ("sku", "OTHER")),
        default=None,
    )

    answer = choose_policy(policies, sku="S", category="Footwear > Running Shoes")

    if best is None:
        assert answer is None
    else:
        assert answer is not None
        chosen = answer.chosen
        assert (narrowness[(chosen.scope, chosen.scope_value)], chosen.version) == best


def test_new_version_keeps_title_and_terms_and_makes_an_event(ruled: MerchantId) -> None:
    event = set_policy(merchant=ruled, name="returns", text="Forty days now.", at=NOW)

    assert event == PolicyChanged(
        merchant=ruled, name="returns", title="Returns", scope="store", scope_value="", version=4, at=NOW
    )
    assert decode_event(encode_event(event)) == event
    newest = Policy.objects.get(merchant_id=ruled, name="returns", scope="store", version=4)
    assert (newest.text, newest.terms) == ("Forty days now.", {"window_days": 60})
    with pytest.raises(PolicyWithoutText):
        set_policy(merchant=ruled, name="returns", text=" ", at=NOW)
    assert Policy.objects.filter(merchant_id=ruled, name="returns", scope="store").count() == 3


def test_lists_are_taken_in_once_however_often_they_come(shop: MerchantId) -> None:
    promotions = """
- {code: SPRING10, title: Ten percent off lamps, discount: {percent: 10}, applies_to: {category: Lamps}}
- {code: null, title: Five off, discount: {amount: "5.00 USD"}, requires: {tier: gold, min_total: "50.00 USD"}}
"""
    for _ in range(2):
        load_policies(merchant=shop, source=POLICIES, now=NOW)
        load_promotions(merchant=shop, source=promotions, now=NOW)

    assert Policy.objects.filter(merchant_id=shop).count() == 6
    spring, five = Promotion.objects.filter(merchant_id=shop)
    assert (spring.code, spring.percent, spring.scope, spring.scope_value) == (
        "SPRING10",
        Decimal(10),
        "category",
        "Lamps",
    )
    assert (five.code, five.amount, five.requires_tier, five.min_total) == (
        None,
        Decimal(5),
        "gold",
        Decimal(50),
    )


FAULTS = {
    "- {name: returns}": (1, "text", "must be a text."),
    "- {name: a, text: b}\n- {name: a, text: b, version: 0}": (
        2,
        "version",
        "0 is not a whole number from 1.",
    ),
    "- {name: a, text: b, applies_to: {brand: X}}": (
        1,
        "applies_to",
        "must be store, or one of category, sku with a name.",
    ),
    "- {name: a, text: b, window: 3}": (
        1,
        "window",
        "is no field here; those are applies_to, name, terms, text, title, valid_from, valid_until, version.",
    ),
    "- just words": (1, "entry", "must be a mapping."),
    "{a: b}": (0, "", "it must be a list of entries."),
}


@pytest.mark.parametrize(("text", "fault"), FAULTS.items(), ids=FAULTS.keys())
def test_fault_is_named_with_its_place_and_nothing_is_taken_in(
    shop: MerchantId, tmp_path: Path, text: str, fault: tuple[int, str, str]
) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(text)

    with pytest.raises(TermsRefused) as refusal:
        load_policies(merchant=shop, source=path, now=NOW)

    assert (refusal.value.item, refusal.value.field, refusal.value.problem) == fault
    assert refusal.value.file == "policies.yaml"
    assert not Policy.objects.filter(merchant_id=shop).exists()


@pytest.mark.parametrize(
    ("discount", "problem"),
    [
        ("{percent: 0}", "0 is not a number above 0."),
        ("{percent: 120}", "is more than the whole price."),
        ("{percent: 5, amount: 3}", "must be {percent: 10} or {amount: '5.00 USD'}."),
        ('{amount: "5 EUR"}', "discount is in EUR, the shop sells in USD."),
    ],
)
def test_impossible_discount_is_refused(shop: MerchantId, discount: str, problem: str) -> None:
    with pytest.raises(TermsRefused) as refusal:
        load_promotions(merchant=shop, source=f"- {{code: X, title: X, discount: {discount}}}", now=NOW)

    assert (refusal.value.field, refusal.value.problem) == ("discount", problem)
    assert not Promotion.objects.filter(merchant_id=shop).exists()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Back within 40 days, in its box.", {"window_days": 40, "box": "yes"}),
        ("Back within 60 days, unworn.", {"window_days": 60, "box": "yes"}),
        ("Back within 2 months.", {"box": "yes"}),
        ("Back within 30 days; shoes within 14 days.", {"box": "yes"}),
    ],
    ids=["another number", "the same number", "another unit", "two numbers"],
)
def test_a_term_that_the_new_text_contradicts_is_not_carried_on(
    shop: MerchantId, text: str, terms: dict[str, object]
) -> None:
    was = {"window_days": 60, "box": "yes"}
    set_policy(merchant=shop, name="returns", text="Back within 60 days.", terms=was, at=NOW)

    set_policy(merchant=shop, name="returns", text=text, at=NOW)

    assert Policy.objects.get(merchant_id=shop, name="returns", version=2).terms == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Return within 40 days.", {}),
        ("Return within 60 days.", {"window_days": 60}),
        ("Refunds take 7 days.", {}),
        ("Return within 60 days; refunds take 5 days. Ask us.", {"window_days": 60, "refund_days": 5}),
    ],
    ids=["of neither", "one is left out", "of neither, the other way", "both"],
)
def test_a_term_takes_no_other_terms_number(shop: MerchantId, text: str, terms: dict[str, object]) -> None:
    was = {"window_days": 60, "refund_days": 5}
    before = "Return within 60 days; refunds take 5 days."
    set_policy(merchant=shop, name="returns", text=before, terms=was, at=NOW)

    set_policy(merchant=shop, name="returns", text=text, at=NOW)

    assert Policy.objects.get(merchant_id=shop, name="returns", version=2).terms == terms


@pytest.mark.parametrize(
    "written",
    [
        "until: 2026-13-45",
        "a: " + "[" * 1500,
        "a: .nan",
        "a: .inf",
        'a: "x\\0"',
        '"\\0": x',
        'a: "\\ud800"',
        "0",
    ],
)
def test_terms_that_no_table_holds_are_refused(written: str) -> None:
    with pytest.raises(TermsUnreadable):
        read_terms(written)


@pytest.mark.parametrize("written", ["", " \n", "# nothing yet"])
def test_terms_of_which_nothing_is_written_are_none(written: str) -> None:
    assert read_terms(written) == {}
