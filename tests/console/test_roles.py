"""Every page in every role: the own shop's rows as far as the role goes, and another shop's rows never."""

import uuid
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db.models import Model
from django.test import Client, override_settings
from django.urls import URLPattern, reverse

from catalog.models import Category, FeedDraft, Merchant, Policy, Product, Promotion, Synonym
from commerce_agent.models import Membership, Operator, Role
from commerce_agent.staff import find_reach, list_grants
from conversations.models import Conversation
from tests.console.conftest import Talk
from tests.console.test_pages import MODELS, REGISTERED, SHOP_MODELS, list_address, page_address
from tests.console.visits import Visits, log_in, make_staff, see

ADDED = {"Synonym", "Policy", "Promotion", "ImportRun", "Connector", "AgentSettings", "ApiKey", "WebhookKey",
         "IdentityKey", "WidgetLook", "PollSource", "Listener", "Membership"}  # fmt: skip
"""What is put in by hand; the rest comes from feeds and talks."""


def may(role: Role, model: type[Model], *actions: str) -> bool:
    names = {f"{model._meta.app_label}.{action}_{model._meta.model_name}" for action in actions}
    return not list_grants(role).isdisjoint(names)


@pytest.fixture(scope="module")
def stranger_shop(database: str) -> Merchant:
    """A shop of somebody else, without a row of its own."""
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Somebody Else's")


@pytest.fixture(scope="module", params=[*Role], ids=str)
def role(request: pytest.FixtureRequest) -> Role:
    return Role(request.param)


@pytest.fixture(scope="module")
def insider(visits: Visits, role: Role) -> Client:
    return visits.get_client(role)


@pytest.fixture(scope="module")
def outsider(stranger_shop: Merchant, role: Role) -> Client:
    return log_in(make_staff(stranger_shop, role))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_opens_as_the_role_says(visits: Visits, role: Role, model: type[Model]) -> None:
    shown = visits.look(role, list_address(model))

    assert shown.status == (200 if may(role, model, "view", "change") else 403)


def list_ways(row: Model, *, draft: FeedDraft) -> dict[str, str]:
    """Each address of a row that its page has, by its name, whatever it is for: read off the page, so that none is
    left out.
    """
    shop = row.merchant_id  # type: ignore[attr-defined]
    given: dict[str, dict[str, object]] = {
        "catalog_importrun_draft": {"number": draft.pk},
        "commerce_agent_agentsettings_try": {"shop": shop},
    }
    ways = {}
    for pattern in REGISTERED[type(row)].get_urls():
        names = list(pattern.pattern.converters) if isinstance(pattern, URLPattern) else []
        if names and pattern.name:
            told = given.get(pattern.name, {names[0]: row.pk})
            ways[pattern.name] = reverse(f"admin:{pattern.name}", kwargs=told)
    return ways


def get_row(model: type[Model], merchant: Merchant) -> Model:
    row: Model | None = model.objects.filter(merchant_id=merchant.id).first()  # type: ignore[attr-defined]
    assert row is not None, f"the shop of these tests needs a {model.__name__}"
    return row


KEEPERS = {Role.OWNER, Role.MERCHANDISER}
MORE_THAN_A_LOOK = {
    "catalog_synonym_delete": KEEPERS,
    "catalog_promotion_delete": KEEPERS,
    "catalog_importrun_draft": KEEPERS,
    "catalog_connector_delete": {Role.OWNER},
    "catalog_connector_try": {Role.OWNER},
    "catalog_pollsource_delete": {Role.OWNER},
    "catalog_pollsource_try": {Role.OWNER},
    "commerce_agent_listener_delete": {Role.OWNER},
    "commerce_agent_listener_try": {Role.OWNER},
    "commerce_agent_sending_again": {Role.OWNER},
    "commerce_agent_widgetlook_delete": {Role.OWNER},
    "commerce_agent_membership_delete": {Role.OWNER},
    "commerce_agent_agentsettings_try": {Role.OWNER, Role.AUDITOR},
    "conversations_shopper_rights": {Role.OWNER, Role.SUPPORT},
}
"""Which roles open what of a row is for more than looking at it; whatever else is for that, nobody."""
ONLY_POSTED = ("_try", "_reveal", "_again")
"""What is done by a button answers a look with that it takes a press, where pressing is allowed."""


def opens(role: Role, model: type[Model], name: str) -> bool:
    """Whether a way of a row is open to a role in its own shop."""
    if name in MORE_THAN_A_LOOK:
        return role in MORE_THAN_A_LOOK[name]
    return not name.endswith("_delete") and may(role, model, "view", "change")


@pytest.mark.parametrize("model", SHOP_MODELS, ids=lambda model: model.__name__)
def test_a_page_of_the_own_shop_opens_to_exactly_the_roles_that_it_is_for(
    visits: Visits, insider: Client, role: Role, merchant: Merchant, draft: FeedDraft, model: type[Model]
) -> None:
    row = get_row(model, merchant)

    ways = list_ways(row, draft=draft)
    answers = {name: visits.look(role, way) for name, way in ways.items()}
    shown = visits.look(role, page_address(row))
    # A conversation's page is one of the audit's.
    status = insider.get(shown.location).status_code if shown.location else shown.status

    assert status == (200 if may(role, model, "view", "change") else 403)
    is_button = {
        name: name.endswith(ONLY_POSTED) and name != "commerce_agent_agentsettings_try" for name in ways
    }
    opened = {
        name
        for name, answer in answers.items()
        if (answer.status == 405 if is_button[name] else not answer.refused)
    }
    assert opened == {name for name in ways if opens(role, model, name)}


@pytest.mark.parametrize("model", SHOP_MODELS, ids=lambda model: model.__name__)
def test_another_shops_rows_are_in_no_list_and_have_no_page(
    outsider: Client, role: Role, merchant: Merchant, talk: Talk, draft: FeedDraft, model: type[Model]
) -> None:
    row, before = get_row(model, merchant), model.objects.count()  # type: ignore[attr-defined]
    listed = outsider.get(list_address(model), {"merchant_id__exact": str(merchant.id)})
    searched = outsider.get(list_address(model), {"q": str(row.pk)})
    told = {"name": "Taken", "title": "Taken", "post": "yes", "reason": "I would like to see it"}
    ways = list_ways(row, draft=draft).values()
    answers = {way: (see(outsider.get(way)), see(outsider.post(way, told))) for way in ways}
    page = answers[page_address(row)][0]
    done = [
        outsider.post(list_address(model), {"action": action, "_selected_action": [str(row.pk)]})
        for action in REGISTERED[model].actions or ()
    ]

    if not may(role, model, "view", "change"):
        assert {listed.status_code, page.status} == {403}
    else:
        shown = {found.pk for answer in (listed, searched) for found in answer.context["cl"].result_list}
        # Their own shop may have rows of this kind.
        assert all(model.objects.get(pk=key).merchant_id != merchant.pk for key in shown)  # type: ignore[attr-defined]
        assert (page.status, page.location) == (302, reverse("admin:index"))
    for way, (looked, posted) in answers.items():
        assert looked.refused, way
        assert posted.refused, way
    assert {answer.status_code for answer in done} <= {200, 302, 403}
    assert model.objects.count() == before  # type: ignore[attr-defined]
    kept = model.objects.get(pk=row.pk)  # type: ignore[attr-defined]
    assert all(
        getattr(kept, field.attname) == getattr(row, field.attname) for field in row._meta.concrete_fields
    )


@pytest.mark.parametrize("model", SHOP_MODELS, ids=lambda model: model.__name__)
def test_nobody_writes_a_row_beyond_the_role(insider: Client, role: Role, model: type[Model]) -> None:
    before = model.objects.count()  # type: ignore[attr-defined]

    answer = insider.post(list_address(model) + "add/", {})

    is_added = model.__name__ in ADDED and may(role, model, "add")
    assert answer.status_code == (200 if is_added else 403)
    assert model.objects.count() == before  # type: ignore[attr-defined]


def test_a_new_row_cannot_be_put_into_another_shop(merchant: Merchant, stranger_shop: Merchant) -> None:
    owner = log_in(make_staff(stranger_shop, Role.OWNER))
    told = {"merchant": str(merchant.id), "words": "sofa, couch"}

    refused = owner.post(reverse("admin:catalog_synonym_add"), told)

    assert "Select a valid choice" in refused.content.decode()
    assert not Synonym.objects.filter(merchant=merchant, words__contains=["couch"]).exists()
    assert not Promotion.objects.filter(merchant=stranger_shop).exists()


def test_choices_name_no_other_shop(merchant: Merchant, stranger_shop: Merchant) -> None:
    owner = log_in(make_staff(stranger_shop, Role.OWNER))

    shelf = Category.objects.filter(merchant=merchant).exclude(path="")[0]
    pages = [
        owner.get(reverse(f"admin:{name}")).content.decode()
        for name in (
            "catalog_product_changelist",
            "catalog_importrun_add",
            "catalog_webhookkey_add",
            "conversations_apikey_add",
            "catalog_promotion_add",
            "commerce_agent_membership_add",
            "catalog_connector_changelist",
            "index",
        )
    ]
    asked = owner.get(
        reverse("admin:autocomplete"),
        {"app_label": "catalog", "model_name": "policy", "field_name": "merchant", "term": ""},
    ).json()

    assert all(merchant.key not in page and str(merchant.id) not in page for page in pages)
    assert all(shelf.path not in page for page in pages)
    assert [each["id"] for each in asked["results"]] == [str(stranger_shop.id)]


def test_home_counts_the_own_shop_only(merchant: Merchant, talk: Talk, stranger_shop: Merchant) -> None:
    mine = log_in(make_staff(merchant, Role.OWNER)).get(reverse("admin:index")).context["home"]
    theirs = log_in(make_staff(stranger_shop, Role.OWNER)).get(reverse("admin:index")).context["home"]

    counted = {tile.label: tile.value for tile in mine.tiles}
    foreign = {tile.label: tile.value for tile in theirs.tiles}
    assert counted["Products"] == f"{Product.objects.filter(merchant=merchant).count():,}"
    assert counted["Waiting now"] == str(
        Conversation.objects.filter(merchant_id=merchant.id, waiting_since__isnull=False).count()
    )
    assert (foreign["Products"], foreign["Waiting now"], foreign["Conversations"]) == ("0", "0", "0")
    assert theirs.latest == ()


def test_somebody_without_a_role_sees_nothing(merchant: Merchant, talk: Talk) -> None:
    nobody = Operator.objects.create_user(f"nobody-{uuid.uuid4().hex[:8]}", password="x", is_staff=True)
    client = log_in(nobody)

    answers = {client.get(list_address(model)).status_code for model in MODELS}

    assert answers == {403}
    assert "may not open any list" in client.get(reverse("admin:index")).content.decode()
    assert find_reach(nobody, "catalog.view_product").empty


def test_a_role_in_one_shop_is_none_in_another(
    merchant: Merchant, stranger_shop: Merchant, talk: Talk
) -> None:
    clerk = make_staff(stranger_shop, Role.OWNER, name="two-shops")
    Membership.objects.create(
        operator=clerk, merchant=merchant, role=Role.MERCHANDISER, created_at=datetime.now(UTC)
    )
    client = log_in(clerk)
    policy = Policy.objects.filter(merchant=merchant)[0]

    conversation = client.get(reverse("admin:conversations_conversation_change", args=[talk.id]))

    assert client.get(page_address(policy)).status_code == 200
    assert conversation.status_code == 302
    assert client.get(list_address(Conversation)).context["cl"].result_count == 0


def test_an_owner_invites_somebody_who_chooses_a_password(stranger_shop: Merchant) -> None:
    owner = log_in(make_staff(stranger_shop, Role.OWNER))
    email = f"new-{uuid.uuid4().hex[:8]}@shop.example"

    invited = owner.post(
        reverse("admin:commerce_agent_membership_add"),
        {"merchant": str(stranger_shop.id), "email": email.title(), "role": "support"},
    )
    address = invited.context["welcome"]
    guest = Client()
    form = guest.get(address, follow=True)
    chosen = "a-long-Passphrase-42"
    done = guest.post(form.request["PATH_INFO"], {"new_password1": chosen, "new_password2": chosen})
    again = Client().get(address, follow=True)

    made = Operator.objects.get(username=email)
    assert done["Location"] == reverse("admin:login")
    assert guest.login(username=email, password=chosen)
    assert [(held.role, held.merchant_id) for held in made.memberships.all()] == [
        ("support", stranger_shop.id)
    ]
    assert (made.is_superuser, made.every_shop) == (False, False)
    assert "used already or is too old" in again.content.decode()
    assert "default-src 'none'" in form["Content-Security-Policy"]


def test_an_invitation_leaves_an_account_that_exists_as_it_is(
    merchant: Merchant, stranger_shop: Merchant
) -> None:
    known = make_staff(merchant, Role.AUDITOR, name="known")
    owner = log_in(make_staff(stranger_shop, Role.OWNER))

    invited = owner.post(
        reverse("admin:commerce_agent_membership_add"),
        {"merchant": str(stranger_shop.id), "email": known.username, "role": "merchandiser"},
    )
    twice = owner.post(
        reverse("admin:commerce_agent_membership_add"),
        {"merchant": str(stranger_shop.id), "email": known.username, "role": "owner"},
    )

    assert invited.context["welcome"] == ""
    assert "works for this shop already" in twice.content.decode()
    assert Operator.objects.get(pk=known.pk).check_password("x")
    held = Membership.objects.filter(operator=known).values_list("merchant_id", "role")
    assert set(held) == {(merchant.id, "auditor"), (stranger_shop.id, "merchandiser")}


@pytest.mark.parametrize("role_held", [Role.MERCHANDISER, Role.SUPPORT, Role.AUDITOR], ids=str)
def test_only_owners_hand_out_roles(stranger_shop: Merchant, role_held: Role) -> None:
    clerk = make_staff(stranger_shop, role_held)
    client = log_in(clerk)
    own = clerk.memberships.get()

    raised = client.post(page_address(own), {"merchant": str(stranger_shop.id), "role": "owner"})
    invited = client.post(
        reverse("admin:commerce_agent_membership_add"),
        {"merchant": str(stranger_shop.id), "email": "friend@shop.example", "role": "owner"},
    )

    assert (raised.status_code, invited.status_code) == (403, 403)
    own.refresh_from_db()
    assert own.role == role_held
    assert not Operator.objects.filter(username="friend@shop.example").exists()


def test_a_shop_keeps_its_last_owner(database: str) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="One Owner")
    boss = make_staff(shop, Role.OWNER)
    client = log_in(boss)
    held = boss.memberships.get()

    demoted = client.post(page_address(held), {"role": "auditor"})
    let_go = client.post(page_address(held).replace("/change/", "/delete/"), {"post": "yes"})

    assert "would be left without an owner" in demoted.content.decode()
    assert let_go.status_code == 403
    held.refresh_from_db()
    assert held.role == Role.OWNER

    second = make_staff(shop, Role.OWNER, name="second")
    gone = client.post(
        page_address(second.memberships.get()).replace("/change/", "/delete/"), {"post": "yes"}
    )
    assert gone.status_code == 302
    assert Membership.objects.filter(merchant=shop).count() == 1
    assert Operator.objects.filter(pk=second.pk).exists()


def test_a_feed_of_another_shop_cannot_be_looked_at(
    merchant: Merchant, stranger_shop: Merchant, draft: FeedDraft
) -> None:
    address = reverse("admin:catalog_importrun_draft", args=[draft.pk])
    owner = log_in(make_staff(stranger_shop, Role.OWNER))

    assert owner.get(address).status_code == 404
    assert owner.post(address, {"discard": "1"}).status_code == 404
    assert FeedDraft.objects.filter(pk=draft.pk).exists()


def test_the_search_of_everything_finds_nothing_of_another_shop(
    merchant: Merchant, stranger_shop: Merchant
) -> None:
    """It is told to look through rows, which it does not unless it is told to."""
    product = Product.objects.filter(merchant=merchant).order_by("pk")[0]
    searching = {**settings.UNFOLD, "COMMAND": {"search_models": ["catalog.product"]}}

    def search(shop: Merchant) -> str:
        client = log_in(make_staff(shop, Role.OWNER))
        with override_settings(UNFOLD=searching):
            answer = client.get(reverse("admin:search"), {"s": product.title, "extended": "1"})
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert page_address(product) in search(merchant)
    assert page_address(product) not in search(stranger_shop)
