"""A version to choose sells out, or is back: its button on an open chat shows it."""

from asgiref.sync import sync_to_async
from django.utils import timezone

from catalog.feeds import import_feed
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import Merchant
from catalog.products import index_products
from commerce_agent.composition import open_platform
from tests.agent.conftest import LAMPS
from tests.chat.shopper import Gate


async def test_the_open_socket_hears_of_a_version_that_is_only_a_button(
    gate: Gate, merchant: Merchant
) -> None:
    await Merchant.objects.filter(pk=merchant.pk).aupdate(currency="EUR")
    name = MerchantId(str(merchant.pk))
    for stock in (import_feed, index_products):
        more = {"path": LAMPS} if stock is import_feed else {}
        await sync_to_async(stock)(merchant=name, now=timezone.now(), **more)

    async with open_platform() as platform, gate.open() as shopper:
        await shopper.hello()
        await shopper.say("a green lamp")
        # The first search of a process loads what it searches with.
        part = await shopper.expect("part", seconds=60)
        await shopper.expect("done")
        heard = []
        for quantity in (0, 5):
            changed = await sync_to_async(set_stock)(
                merchant=name, sku=Sku("MEADOW-W"), quantity=quantity, at=timezone.now(), source="test"
            )
            # The turn looks at its own cards once more when it is done, and may be the first to tell it.
            await platform.newsroom.spread(changed)
            heard.append(await shopper.expect("version"))

    assert [card["ref"]["key"] for card in part["cards"]] == ["MEADOW-G"]
    assert [(one["sku"], one["sold_out"]) for one in heard] == [("MEADOW-W", True), ("MEADOW-W", False)]
    assert not [frame for frame in shopper.frames if frame["t"] == "stock"]
