"""Where what a turn went by comes from: whose a term is, how well an item met the search."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from catalog.feeds import load_promotions
from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.policies import PolicyAnswer, ask_policies
from commerce_agent.tools import shop
from tests.console.audit.conftest import Kept
from tests.console.conftest import Talk
from tests.flows.recordings import OPENED, Scene, hold, make_lamp_shop


def test_it_says_whose_words_a_term_was_read_from_and_how_well_an_item_met_the_search(
    owner: Client, talk: Talk
) -> None:
    address = reverse("admin:audit_talk", args=[talk.id])
    reasons = owner.get(address).context["chapters"][0].story.reasons

    assert [(term.source, term.said) for term in reasons.terms] == [("the shopper said", "under $100")]
    assert [item.score for item in (*reasons.kept, *reasons.rejected)] == ["0.87", ""]
    for page in (address, f"{address}turn/1/"):
        told = owner.get(page).content.decode()
        assert "since turn 1, the shopper said “<bdi>under $100</bdi>”" in told
        assert "<td>0.87</td>" in told


def test_of_a_policy_it_is_told_which_system_kept_it_in_which_version_and_when_it_was_read(
    support: Client, kept: Kept
) -> None:
    pages = [support.get(kept.address("turn", turn)) for turn in range(1, 17)]
    page, fact = next(
        (page, fact)
        for page in pages
        for fact in page.context["facts"]
        if fact.used.source.startswith("policy:")
    )

    assert fact.system == "store"
    assert (
        f"<td>{fact.used.source}, kept by store (api), version {fact.used.version}<br>"
        in page.content.decode()
    )
    assert f'datetime="{fact.used.observed_at.isoformat()}"' in page.content.decode()
    assert {each.system for page in pages for each in page.context["facts"] if each.used.name == "price"} == {
        ""
    }


@pytest.fixture
def own_shop(database: str) -> Iterator[MerchantId]:
    merchant = make_lamp_shop()
    yield merchant
    delete_merchant(merchant=merchant)


def test_of_a_promotion_too(support: Client, own_shop: MerchantId, kept: Kept) -> None:
    given = [{"code": None, "title": "Ten off lamps", "discount": {"percent": 10}}]
    load_promotions(
        merchant=own_shop, source=msgspec.yaml.encode(given).decode(), now=OPENED - timedelta(days=1)
    )

    async def ask(scene: Scene) -> None:
        await scene.say("any promotions?")

    held = Kept(held=hold(own_shop, ask), shopper=kept.shopper)
    page = support.get(held.address("turn", 1))

    (fact,) = (each for each in page.context["facts"] if each.used.name == "promotion")
    assert (fact.used.value, fact.system) == ("Ten off lamps", "store")
    assert ", kept by store (api)" in page.content.decode()


def test_a_system_that_is_switched_in_later_kept_nothing_that_was_told_before(
    support: Client, own_shop: MerchantId, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask_elsewhere(*given: Any, **asked: Any) -> tuple[PolicyAnswer, ...]:
        answers = await ask_policies(*given, **asked)
        return tuple(msgspec.structs.replace(each, source="erp") for each in answers)

    async def ask(scene: Scene) -> None:
        await scene.say("what is your return policy?")
        monkeypatch.setattr(shop, "ask_policies", ask_elsewhere)
        scene.clock.now += timedelta(days=2)
        await scene.say("what is your return policy?")

    held = Kept(held=hold(own_shop, ask), shopper=kept.shopper)
    told = [support.get(held.address("turn", turn)).context["facts"] for turn in (1, 2)]

    systems = [{each.system for each in facts if each.used.source.startswith("policy:")} for facts in told]
    systems = [{each.system for each in facts if each.used.source.startswith("policy:")} for facts in told]
    # The second turn rests on what the first one observed.
    assert systems == [{"store"}, {"store"}]
