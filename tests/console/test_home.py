from datetime import UTC, datetime

from django.test import Client
from django.urls import reverse

from catalog.models import Merchant, Product, Variant
from commerce_agent.console.filters import list_sold_out
from commerce_agent.console.home import describe_home
from commerce_agent.models import Operator
from conversations.models import Conversation
from tests.console.conftest import Talk


def test_home_shows_true_numbers_that_lead_to_their_lists(
    owner: Client, superuser: Operator, merchant: Merchant, talk: Talk
) -> None:
    home = describe_home(user=superuser, now=datetime.now(UTC))
    tiles = {tile.label: tile for tile in home.tiles}

    waiting = Conversation.objects.filter(waiting_since__isnull=False).count()
    assert tiles["Waiting now"].value == f"{waiting:,}"
    assert tiles["Products"].value == f"{Product.objects.count():,}"
    assert tiles["Products"].note == f"in {Variant.objects.count():,} variants"
    assert tiles["Sold out"].value == f"{list_sold_out().count():,}"

    page = owner.get(reverse("admin:index")).content.decode()
    for tile in home.tiles:
        assert tile.link.replace("&", "&amp;") in page
        assert owner.get(tile.link).status_code == 200


def test_each_number_is_the_length_of_its_list(owner: Client, superuser: Operator, talk: Talk) -> None:
    home = describe_home(user=superuser, now=datetime.now(UTC))
    counted = {"Conversations", "Waiting now", "Products", "Sold out"}

    for tile in home.tiles:
        if tile.label in counted:
            assert f"{owner.get(tile.link).context['cl'].result_count:,}" == tile.value, tile.label


def test_replies_are_counted_by_planner(superuser: Operator, talk: Talk) -> None:
    shares = describe_home(user=superuser, now=datetime.now(UTC)).shares

    assert "Built-in planner" in {share.label for share in shares}
    assert 98 <= sum(share.percent for share in shares) <= 102


def test_first_steps_end_when_the_shop_runs(superuser: Operator, merchant: Merchant, talk: Talk) -> None:
    assert describe_home(user=superuser, now=datetime.now(UTC)).steps == ()
