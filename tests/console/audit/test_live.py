"""A person watches a conversation, takes it over and hands it back: at a real socket, and on the staff's pages."""

import asyncio
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import yaml
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.test import Client
from django.urls import reverse

from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.composition import open_platform
from commerce_agent.console.audit.gate import make_watch
from commerce_agent.console.audit.live_page import suggest_name
from commerce_agent.models import Operator, Role
from commerce_agent.tasks import background, give_back
from conversations.graph import Message, build_graph
from conversations.ids import ClientMessageId
from conversations.ids import MerchantId as StateMerchantId
from conversations.models import AccessRecord, Conversation, Handover, JournalEntry
from conversations.service import Person
from conversations.state import ConversationState, fold
from tests.chat.shopper import Gate, Shopper
from tests.console.audit.conftest import log_in, make_member, make_staff
from tests.console.browsing import open_session
from tests.flows.recordings import Scene, hold

ASKED = "what is the return policy on the green one?"
NOTE = "The parcel is on its way again, and you may send it back for 75 days."


@pytest.fixture
def gate(running_shop: str, lamp_shop: MerchantId) -> Gate:
    return Gate(base=running_shop, key=Merchant.objects.get(pk=lamp_shop).key)


def address(name: str, conversation: str) -> str:
    return reverse(f"admin:audit_{name}", args=[conversation])


def act(client: Client, what: str, conversation: str, /, **fields: str) -> Any:
    return client.post(address(what, conversation), fields)


def list_kinds(conversation: str) -> list[str]:
    rows = JournalEntry.objects.filter(conversation_id=conversation).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def list_actions(conversation: str) -> list[str]:
    rows = AccessRecord.objects.filter(subject=f"conversation:{conversation}").order_by("seq")
    return list(rows.values_list("action", flat=True))


async def begin(shopper: Shopper, *said: str) -> str:
    """The conversation that the shopper's words open, answered."""
    secret = f"{uuid4()}{uuid4()}"
    await shopper.hello(resume=secret)
    for text in said or ("I need a lamp under 100 euros",):
        await shopper.say(text)
        await shopper.expect("done")
    shop = StateMerchantId(str((await Merchant.objects.aget(key=shopper.key)).pk))
    async with open_platform(quiet=True) as platform:
        found = await platform.conversations.find_resumed(handle=secret, merchant=shop, at=datetime.now(UTC))
    assert found is not None
    return found


@pytest.fixture
def quiet(lamp_shop: MerchantId) -> str:
    """A conversation that nobody has open, in which a person was asked for."""

    async def ask(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra", "can I talk to a person?")

    return hold(lamp_shop, ask).conversation


async def test_the_assistant_is_silent_while_a_person_is_there_and_knows_their_note_afterwards(
    gate: Gate, support: Client
) -> None:
    post, get = sync_to_async(partial(act, support)), sync_to_async(support.get)
    async with gate.open() as shopper:
        conversation = await begin(shopper)
        assert (await post("take", conversation, name="Mara")).status_code == 302
        assert (await shopper.expect("agent"))["name"] == "Mara"

        await shopper.say("my parcel never came")
        page = await get(address("live", conversation))
        assert "my parcel never came" in page.content.decode()
        seen = str(page.context["seen"])
        said = await post("say", conversation, text="I am sorry! It is sent again.", seen=seen)
        assert said["Location"] == address("live", conversation) + "#write"
        spoken = await shopper.expect("person")
        assert (spoken["name"], spoken["text"]) == ("Mara", "I am sorry! It is sent again.")

        await shopper.say(ASKED)
        kinds = await sync_to_async(list_kinds)(conversation)
        assert kinds[-4:] == ["person.joined", "shopper.spoke", "person.spoke", "shopper.spoke"]
        await post("back", conversation, note=NOTE)
        left = await shopper.expect("agent")
        done = await shopper.expect("done")

    assert (left["left"], left["name"]) == (True, "Mara")
    assert done["text"].startswith(f"Mara left me a note: “{NOTE.rstrip('.')}”.")
    assert "60 days" in done["text"]
    kinds = await sync_to_async(list_kinds)(conversation)
    assert kinds.count("turn.started") == kinds.count("reply.given") == 2
    assert await sync_to_async(list_actions)(conversation) == [
        "conversation.taking_over", "conversation.taken_over", "conversation.viewed", "conversation.answering",
        "conversation.answered", "conversation.handing_back", "conversation.handed_back",
    ]  # fmt: skip
    assert not await Handover.objects.filter(pk=conversation).aexists()


async def test_an_open_page_hears_at_once_and_its_look_is_one_row(
    gate: Gate, support: Client, supporter: Operator
) -> None:
    cookie = await sync_to_async(open_session)(supporter)
    cookies = {settings.SESSION_COOKIE_NAME: cookie}
    async with (
        gate.open() as shopper,
        httpx2.AsyncClient(base_url=gate.base, cookies=cookies, timeout=30, trust_env=False) as browser,
    ):
        conversation = await begin(shopper)
        page = await sync_to_async(support.get)(address("live", conversation))
        asked = {"after": page.context["seen"], "watch": page.context["watch"], "wait": 1, "here": 1}
        news = asyncio.create_task(browser.get(address("follow", conversation), params=asked))
        assert not (await asyncio.wait({news}, timeout=0.3))[0]
        await shopper.say("thanks")
        told = await asyncio.wait_for(news, timeout=30)
        fresh = await browser.get(address("live", conversation), params={"watch": page.context["watch"]})
        refused = await browser.get(address("follow", conversation), params={**asked, "watch": "made-up"})

    assert (told.status_code, told.json()["version"] > page.context["seen"]) == (200, True)
    assert "thanks" in fresh.text
    assert (refused.status_code, refused.json()) == (403, {"text": "Open the page again."})
    assert await sync_to_async(list_actions)(conversation) == ["conversation.viewed"]


def test_a_colleague_is_told_who_has_it_and_what_they_wrote_is_kept_for_them(
    support: Client, quiet: str
) -> None:
    act(support, "take", quiet, name="Mara")
    other = log_in(make_staff("view", "change"))
    before = list_kinds(quiet)

    taken = other.post(address("take", quiet), {"name": "Ben"}, follow=True).content.decode()
    said = act(other, "say", quiet, text="It is me, <Ben>", seen="99")

    assert "Mara has had this conversation for" in taken
    assert "Mara has this conversation" in taken
    assert said.status_code == 409
    assert ">It is me, &lt;Ben&gt;</textarea>" in said.content.decode()
    assert "Nothing was sent; take it over to send this." in said.content.decode()
    assert act(other, "back", quiet, note="Mine").status_code == 302
    assert list_kinds(quiet) == before
    tried = AccessRecord.objects.filter(subject=f"conversation:{quiet}", detail__contains="because")
    assert list(tried.values_list("action", flat=True)) == ["conversation.not_changed"] * 3


def test_pressing_twice_takes_over_once_and_the_record_says_so(support: Client, quiet: str) -> None:
    for _ in range(2):
        assert act(support, "take", quiet, name="Mara").status_code == 302

    rows = AccessRecord.objects.filter(subject=f"conversation:{quiet}").order_by("seq")
    assert list(rows.values_list("action", flat=True)) == [
        "conversation.taking_over",
        "conversation.taken_over",
        "conversation.taking_over",
        "conversation.not_changed",
    ]
    assert json.loads(rows.last().detail) == {"because": "they had it already"}  # type: ignore[union-attr]


def test_what_nobody_can_type_is_answered_in_words(support: Client, quiet: str) -> None:
    endless = "9" * 5_000
    act(support, "take", quiet, name="Ma\x00ra")
    said = [act(support, "say", quiet, text="Hello\x00!", cid="c\x00id", seen=endless) for _ in range(2)]
    page = support.get(address("live", quiet))
    told = support.get(address("follow", quiet), {"after": endless, "watch": page.context["watch"]})

    assert [answer.status_code for answer in said] == [302, 302]
    assert list_kinds(quiet).count("person.spoke") == 1
    assert told.status_code == 200
    assert "Hello!" in page.content.decode()
    assert "The shopper has this already" in page.content.decode()
    for name, asked in (("state", "at"), ("graph", "open"), ("replay", "turn"), ("compare", "a")):
        assert support.get(address(name, quiet), {asked: endless}).status_code == 200, name
    for wanted in ({"turn": endless, "text": "A note\x00"}, {"settle": endless, "assignee": endless}):
        name = "note" if "text" in wanted else "change_case"
        assert act(support, name, quiet, **wanted).status_code == 302


def test_a_page_of_theirs_never_takes_time_from_whoever_has_it(support: Client, quiet: str) -> None:
    act(support, "take", quiet, name="Mara")
    before = Handover.objects.get(pk=quiet).present_until
    watch = support.get(address("live", quiet)).context["watch"]

    support.get(address("follow", quiet), {"watch": watch, "here": "1"})

    assert Handover.objects.get(pk=quiet).present_until >= before


def test_an_erased_conversation_says_so_to_whoever_steps_in(support: Client, lamp_shop: MerchantId) -> None:
    async def ask(scene: Scene) -> None:
        await scene.say("can I talk to a person?")

    gone = hold(lamp_shop, ask).conversation
    watch = support.get(address("live", gone)).context["watch"]
    async_to_sync(forget)(gone, lamp_shop)

    told = support.post(address("take", gone), {"name": "Mara"}, follow=True)
    assert "Nothing can be written to this conversation." in told.content.decode()
    Conversation.objects.filter(pk=gone).delete()
    assert support.get(address("follow", gone), {"watch": watch}).status_code in {403, 404}


async def forget(conversation: str, shop: MerchantId) -> None:
    async with open_platform(quiet=True) as platform:
        await platform.key_keeper.forget_key(merchant=StateMerchantId(shop), owner=conversation)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MERCHANDISER])
def test_who_may_only_look_steps_in_nowhere(lamp_shop: MerchantId, quiet: str, role: Role) -> None:
    before, member = list_kinds(quiet), log_in(make_member(merchant=lamp_shop, role=role))

    answers = [act(member, what, quiet, name="Eve", text="Hi") for what in ("take", "say", "back", "typing")]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert list_kinds(quiet) == before


def test_who_waits_for_a_person_is_listed_and_counted(lamp_shop: MerchantId, quiet: str) -> None:
    owner = log_in(make_member(merchant=lamp_shop, role=Role.OWNER))
    listed = owner.get(reverse("admin:audit_people"))
    (tile,) = (
        tile
        for tile in owner.get(reverse("admin:index")).context["home"].tiles
        if tile.label == "Asked for a person"
    )
    mine = [each for each in listed.context["waiting"] if each.id == quiet]

    assert (tile.value, tile.link) == (str(listed.context["total"]), reverse("admin:audit_people"))
    # With the words that asked for a person, not those that the talk began with.
    assert [each.plea for each in mine] == ["can I talk to a person?"]
    act(owner, "take", quiet, name="Mara")
    later = owner.get(reverse("admin:audit_people"))
    assert later.context["total"] == listed.context["total"] - 1
    assert [(each.name, each.is_mine) for each in later.context["held"] if each.id == quiet] == [
        ("Mara", True)
    ]


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR])
def test_who_waits_in_another_shop_is_neither_listed_nor_followed(
    lamp_shop: MerchantId, merchant: Merchant, quiet: str, role: Role
) -> None:
    member, people = make_member(merchant=merchant.pk, role=role), reverse("admin:audit_people")
    own, other = log_in(make_member(merchant=lamp_shop, role=role)), log_in(member)
    theirs = own.get(address("live", quiet)).context["watch"]
    assert quiet in own.get(people).content.decode()

    listed = other.get(people)
    told = [
        other.get(address("follow", quiet), {"watch": watch, "here": "1"})
        for watch in (theirs, make_watch(user=member, of=quiet))
    ]

    assert quiet not in listed.content.decode()
    waiting = Handover.objects.filter(merchant_id=merchant.pk, joined_at__isnull=True)
    assert listed.context["total"] == waiting.count()
    assert [answer.status_code for answer in told] == [404, 404]


async def test_a_person_who_went_away_is_said_to_have_and_the_assistant_answers(
    gate: Gate, support: Client
) -> None:
    post = sync_to_async(partial(act, support))
    async with gate.open() as shopper:
        conversation = await begin(shopper)
        await post("take", conversation, name="Mara")
        await shopper.say(ASKED)
        row = await Conversation.objects.aget(pk=conversation)
        assert row.waiting_since is not None
        await Handover.objects.filter(pk=conversation).aupdate(present_until=row.waiting_since)
        assert await sync_to_async(give_back)() >= 1
        await sync_to_async(background.close)()
        done = await shopper.expect("done")

    assert [(frame["t"], frame.get("left")) for frame in shopper.frames if frame["t"] == "agent"] == [
        ("agent", None), ("agent", True),
    ]  # fmt: skip
    assert "60 days" in done["text"]
    page = (await sync_to_async(support.get)(address("talk", conversation))).content.decode()
    assert "Mara was away for too long; the assistant took over again" in page


async def test_who_writes_is_seen_to_write(gate: Gate, support: Client) -> None:
    post = sync_to_async(partial(act, support))
    async with gate.open() as shopper:
        conversation = await begin(shopper)
        await post("take", conversation, name="Mara")
        before = await sync_to_async(list_kinds)(conversation)
        await post("typing", conversation)

        assert await shopper.expect("typing") == {"t": "typing", "name": "Mara"}
    assert await sync_to_async(list_kinds)(conversation) == before


async def consult(scene: Scene) -> None:
    """The shopper tells Mara what they want, and then asks the assistant for it."""
    service, conversation = scene.platform.conversations, scene.conversation
    mara = Person(account="operator:0", name="Mara")
    stay = {"conversation": conversation, "account": mara.account, "at": scene.clock.now}
    until = scene.clock.now + timedelta(minutes=5)
    await scene.say("show me lamps")
    await service.visits.join(conversation=conversation, person=mara, at=scene.clock.now, until=until)
    await service.record_message(
        conversation=conversation, cid=ClientMessageId("m"), text="only white ones under 60 euros", at=until
    )
    seen = (await service.load(conversation=conversation)).version
    await service.visits.speak(**stay, cid=ClientMessageId("p"), text="Of course.", seen=seen, until=until)
    await service.visits.leave(**stay, note="", text="")
    await scene.say("show me lamps")


def test_what_was_told_to_a_person_holds_for_the_assistant(lamp_shop: MerchantId, support: Client) -> None:
    held = hold(lamp_shop, consult)

    terms = fold(ConversationState(), held.events).constraints.active
    assert {(term.field, term.op, term.value) for term in terms} >= {
        ("color", "=", "white"),
        ("price", "<=", 60.0),
    }
    graph = build_graph(held.events)
    (spoken,) = (node for node in graph.nodes.values() if isinstance(node, Message) and node.by == "person")
    edges = {(edge.kind, edge.source, edge.target) for edge in graph.edges}
    assert ("answers", spoken.id, "message:m") in edges
    stated = {term.field: f"constraint:{term.id}" for term in terms}
    assert {("stated_in", stated[field], "message:m") for field in ("color", "price")} <= edges
    drawn = support.get(address("graph", held.conversation)).content.decode()
    assert "Mara: Of course." in drawn


def test_a_persons_part_is_in_the_talk_the_file_and_the_script(support: Client, quiet: str) -> None:
    act(support, "take", quiet, name="Mara")
    act(support, "say", quiet, text="Hello, Mara here.", seen="99")
    act(support, "back", quiet, note=NOTE)

    for name in ("talk", "print"):
        told = support.get(address(name, quiet)).content.decode()
        assert "Mara joined" in told
        assert "Hello, Mara here." in told
        assert "Mara handed back to the assistant" in told
        assert NOTE in told
    assert '"type": "person.spoke"' in support.get(address("export", quiet)).content.decode()
    packed = zipfile.ZipFile(io.BytesIO(support.get(address("script", quiet)).content))
    (name,) = (name for name in packed.namelist() if name.endswith(".yaml"))
    steps = yaml.safe_load(packed.read(name))["turns"]
    assert [step["person"] for step in steps if "person" in step] == [
        {"does": "joins", "name": "Mara"},
        {"does": "says", "name": "Mara", "text": "Hello, Mara here."},
        {"does": "leaves", "name": "Mara", "text": NOTE},
    ]
    assert support.get(address("replay", quiet)).status_code == 200
    assert support.get(address("graph", quiet)).status_code == 200


def test_no_shopper_is_joined_by_an_account(lamp_shop: MerchantId, quiet: str) -> None:
    member = make_member(merchant=lamp_shop, role=Role.OWNER)
    names = []
    for account, first_name in (("admin", ""), ("admin", "Mara"), ("mara@shop.example", "")):
        member.username, member.first_name = account, first_name
        names.append(suggest_name(member))

    assert names == ["Customer service", "Mara", "mara"]
    assert "data-take" in log_in(member).get(address("live", quiet)).content.decode()
