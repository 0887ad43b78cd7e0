"""A shop of lamps, its webhook key, and a sender that signs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Merchant
from catalog.products import index_products
from commerce_agent.webhooks.keys import make_key
from tests.webhooks.sending import Sender

LAMPS = Path(__file__).parent.parent / "scripts" / "lamps.tsv"


@pytest.fixture
def shop(database: str) -> Iterator[Merchant]:
    """A merchant that sells lamps, in euros."""
    merchant = Merchant.objects.create(key=f"hooks-{uuid4().hex[:12]}", name="Lamps", currency="EUR")
    name = MerchantId(str(merchant.id))
    now = datetime.now(UTC)
    import_feed(merchant=name, path=LAMPS, now=now)
    index_products(merchant=name, now=now)
    yield merchant
    delete_merchant(merchant=name)


@pytest.fixture
def sender(running_shop: str, shop: Merchant) -> Sender:
    """Sends to the running web server in the shop's name."""
    made = make_key(merchant=MerchantId(str(shop.id)), name="warehouse", at=datetime.now(UTC))
    return Sender(base=running_shop, shop=shop.key, key=made.row.key_id, secret=made.secret)
