"""No search leaves out a term of the shopper's: what a search says that it applied is held against the ledger."""

from datetime import datetime

import msgspec
import pytest
from moneyed import Money

from catalog.connectors import build_sources
from catalog.pricing import PriceContext
from catalog.products import SearchQuery, SearchResult
from commerce_agent.agent.alternatives import Alternative, find_alternative, name_offered
from commerce_agent.agent.phrases import find_book
from commerce_agent.composition import Platform
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.seeking import look_up, seek
from conversations.constraints import ConstraintLeftOutError, Ledger
from conversations.events.constraints import Constraint
from conversations.ids import MerchantId
from tests.agent.conftest import NOW

BUDGET = Constraint(id="c1", field="price", op="<=", value=100.0, text="under 100")
GREEN = Constraint(id="c2", field="color", op="=", value="green", text="green")
NO_KVIST = Constraint(
    id="c3", field="brand", op="!=", value="Kvist", scope="always", text="nothing from Kvist"
)


class Forgetful:
    """A shop whose search forgets the last filter that it is given."""

    def __init__(self, shop: Goods) -> None:
        self._shop = shop
        self.now: datetime = shop.now
        self.context: PriceContext = shop.context

    async def search(self, query: SearchQuery) -> SearchResult:
        return await self._shop.search(msgspec.structs.replace(query, filters=query.filters[:-1]))


@pytest.fixture
def shop(platform: Platform, lamp_shop: str) -> Goods:
    return platform.turns.shops.open_shelf(
        PriceContext(now=NOW), merchant=MerchantId(lamp_shop), sources=build_sources(pool=platform.pool)
    )


async def test_what_was_found_was_held_against_every_term(shop: Goods) -> None:
    found = await seek(shop, SearchQuery(text="lamp", now=NOW), ledger=Ledger(active=(BUDGET, GREEN)))

    assert [(one.field, one.op, one.value) for one in found.applied] == [
        ("price", "<=", 100.0),
        ("color", "=", "green"),
    ]
    assert found.hits
    assert all("Green" in hit.color and hit.price <= Money("100", "EUR") for hit in found.hits)


async def test_a_search_that_forgets_a_term_is_refused_whatever_it_was_asked(shop: Goods) -> None:
    forgetful: Goods = Forgetful(shop)  # type: ignore[assignment]
    query = SearchQuery(text="lamp", now=NOW)

    with pytest.raises(ConstraintLeftOutError) as error:
        await seek(forgetful, query, ledger=Ledger(active=(BUDGET, GREEN)))

    assert error.value.left_out == (GREEN,)
    assert (await look_up(forgetful, query)).hits, "what names a thing is bound by no term"


async def test_what_holds_for_always_cannot_be_let_go(shop: Goods) -> None:
    ledger, query = Ledger(active=(BUDGET, NO_KVIST)), SearchQuery(text="lamp", now=NOW)

    let_go = await seek(shop, query, ledger=ledger, without=(BUDGET,))
    with pytest.raises(ConstraintLeftOutError) as error:
        await seek(shop, query, ledger=ledger, without=(NO_KVIST,))

    assert [one.field for one in let_go.applied] == ["brand"]
    assert error.value.left_out == (NO_KVIST,)


async def _find_instead(shop: Goods, *, gone: str, term: Constraint) -> Alternative | None:
    (offer,) = await shop.list_offers([gone])
    ledger = Ledger(active=(term,))
    return await find_alternative(shop, gone=name_offered(offer), ledger=ledger, wanted=1)  # type: ignore[arg-type]


async def test_an_alternative_says_which_term_it_misses(shop: Goods) -> None:
    term = Constraint(id="c1", field="brand", op="=", value="Kvist", text="from Kvist")

    found = await _find_instead(shop, gone="TALL-B", term=term)

    assert found is not None
    assert (found.offer.item.brand, found.missed) == ("Ostra", term)
    assert "misses one thing you asked for: “from Kvist”" in found.say(find_book("en"))


@pytest.mark.parametrize(
    "term",
    [
        Constraint(id="c1", field="brand", op="!=", value="Ostra", scope="always", text="nothing from Ostra"),
        Constraint(id="c1", field="price", op="<=", value=20.0, text="under 20"),
    ],
    ids=["for always", "the budget"],
)
async def test_no_alternative_breaks_the_budget_or_what_holds_for_always(
    shop: Goods, term: Constraint
) -> None:
    assert await _find_instead(shop, gone="TALL-B", term=term) is None
