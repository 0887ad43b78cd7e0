"""Turns run again, as they were, as things are and as they are supposed to be; nothing of it is written."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Merchant, Policy
from commerce_agent.agent import closing
from commerce_agent.agent.explain.plain import tell_plain
from commerce_agent.release import get_code_version
from conversations.accesses import verify_chain
from conversations.models import AccessRecord
from tests.console.audit.conftest import Kept
from tests.console.conftest import Talk
from tests.flows.recordings import OPENED, Scene, hold, make_lamp_shop, set_price
from tests.flows.test_replay import list_keys, list_rows
from tests.naming import name_shopper

WORDS = (
    "I need a dimmable lamp under 100 euros",
    "what is the return policy on the green one?",
    "is it in stock?",
)


async def talk_short(scene: Scene) -> None:
    await scene.say(*WORDS)


@pytest.fixture(scope="module")
def shop(database: str) -> Iterator[MerchantId]:
    merchant = make_lamp_shop()
    yield merchant
    delete_merchant(merchant=merchant)


@pytest.fixture(scope="module")
def short(shop: MerchantId) -> Kept:
    return Kept(held=hold(shop, talk_short), shopper=name_shopper(shop, name="Nobody Else"))


def list_own_keys(kept: Kept) -> dict[bytes, bytes]:
    """All but those of other talks and shoppers: servers of other tests may be busy with these meanwhile."""
    own = (kept.id.encode(), kept.held.merchant.encode())
    return {
        key: value
        for key, value in list_keys().items()
        if b"{" not in key or any(name in key for name in own)
    }


@pytest.fixture
def untouched(short: Kept) -> Iterator[None]:
    """Every row of the shop and every key in Redis is as before; only the look itself is on record."""
    rows, keys = list_rows(short.held.merchant), list_own_keys(short)
    yield
    assert AccessRecord.objects.filter(merchant_id=short.held.merchant).exists()
    assert list_rows(short.held.merchant) == rows
    assert list_own_keys(short) == keys
    assert verify_chain(chain=Merchant.objects.get(pk=short.held.merchant).pk).is_whole


def test_with_the_answers_of_then_all_is_the_same(support: Client, short: Kept, untouched: None) -> None:
    shown = support.get(short.address("replay"))

    assert [(each.turn, each.outcome, each.sections) for each in shown.context["turns"]] == [
        (1, "same", ()), (2, "same", ()), (3, "same", ()),
    ]  # fmt: skip


def test_with_those_of_now_only_what_changed_differs(support: Client, kept: Kept) -> None:
    set_price(kept.held.merchant, "MEADOW-G", "85.00")

    turns = support.get(kept.address("replay"), {"facts": "now", "turn": "1"}).context["turns"]

    (first,) = turns
    assert first.outcome == "different"
    sections = {section.title: section.differences for section in first.sections}
    (price,) = [each for each in sections["Cards"] if each.path == "cards.MEADOW-G.price.amount"]
    assert price.after == '"85.00"'
    # Told to people, who know the item and not the record.
    assert re.fullmatch(r"Meadow .*\(MEADOW-G\), price, amount", price.where)
    set_price(kept.held.merchant, "MEADOW-G", price.before.strip('"'))


def test_what_cannot_be_run_again_is_marked_and_says_why(support: Client, talk: Talk) -> None:
    """Its decision was recorded without what it was worked from."""
    shown = support.get(reverse("admin:audit_replay", args=[talk.id]))

    (turn,) = shown.context["turns"]
    assert turn.outcome == "not_replayed"
    assert turn.reason != ""
    page = shown.content.decode()
    assert "Not run again" in page
    assert "1 cannot be run again" in page


def test_where_nothing_was_decided_the_page_says_so(support: Client, shop: MerchantId, short: Kept) -> None:
    async def leave(scene: Scene) -> None:
        conversations = scene.platform.conversations
        await conversations.record_message(
            conversation=scene.conversation, cid="only", text="hello?", at=OPENED
        )
        taken = await conversations.take_turn(conversation=scene.conversation, at=OPENED)
        assert taken is not None
        await conversations.drop_turn(turn=taken)

    waiting = Kept(held=hold(shop, leave), shopper=short.shopper)

    shown = support.get(waiting.address("replay"))

    (turn,) = shown.context["turns"]
    assert (turn.outcome, turn.reason) == ("undecided", "it is not answered yet")
    page = shown.content.decode()
    assert "none came out otherwise</span>, in 1 nothing was decided." in page
    assert '<span class="ca-badge ca-unknown">Nothing decided</span>' in page
    assert "Not run again" not in page


def test_the_version_that_recorded_and_the_one_that_runs_are_named(
    support: Client, short: Kept, talk: Talk
) -> None:
    of_today, of_another = (
        support.get(address).content.decode()
        for address in (short.address("replay"), reverse("admin:audit_replay", args=[talk.id]))
    )

    today = f"<code>{get_code_version()}</code>"
    assert f"Recorded by {today}; run again by {today}." in of_today
    assert f"Recorded by <code>0.1.0</code>; run again by {today}." in of_another
    marked = 'class="ca-faint">recorded by <code>0.1.0</code>'
    assert (of_today.count("recorded by"), of_another.count(marked)) == (0, 1)


def test_what_another_version_recorded_is_run_by_this_one(
    support: Client, shop: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as of_then:
        of_then.setattr(closing, "get_code_version", lambda: "0.0.9+of_another")
        other = Kept(held=hold(shop, talk_short), shopper=name_shopper(shop))

    shown = support.get(other.address("replay"))

    assert [(each.turn, each.outcome, each.code) for each in shown.context["turns"]] == [
        (1, "same", "0.0.9+of_another"), (2, "same", "0.0.9+of_another"), (3, "same", "0.0.9+of_another"),
    ]  # fmt: skip
    page = shown.content.decode()
    assert (
        f"Recorded by <code>0.0.9+of_another</code>; run again by <code>{get_code_version()}</code>." in page
    )
    assert page.count('class="ca-faint">recorded by <code>0.0.9+of_another</code>') == 3


@pytest.mark.parametrize(
    ("turn", "supposed", "section", "path", "after"),
    [
        (1, {"sku": "MEADOW-G", "price": "12.50"}, "Cards", "cards.MEADOW-G.price.amount", '"12.50"'),
        (1, {"sku": "MEADOW-G", "price": "250"}, "Candidates", "candidates.MEADOW-G.kept", "false"),
        (1, {"sku": "MEADOW-G", "stock": "0"}, "Candidates", "candidates.MEADOW-G.rule", '"out_of_stock"'),
        (
            1,
            {"sku": "the green meadow", "stock": "0"},
            "Candidates",
            "candidates.MEADOW-G.rule",
            '"out_of_stock"',
        ),
        (2, {"policy": "returns", "text": "Lamps go back within 5 days."}, "Text", "text", "within 5 days"),
        (1, {"said": "show me chairs"}, "Order of what was shown", "shown[0]", '"CHAIR-O"'),
    ],
)
def test_a_supposition_shows_what_it_would_do_and_writes_nothing(
    support: Client,
    short: Kept,
    untouched: None,
    turn: int,
    supposed: dict[str, str],
    section: str,
    path: str,
    after: str,
) -> None:
    shown = support.get(short.address("whatif"), {"turn": str(turn), **supposed})

    assert shown.context["problems"] == ()
    sections = {
        each.title: {one.path: one.after for one in each.differences} for each in shown.context["sections"]
    }
    assert after in sections[section][path], sections
    reply, supposed_reply = shown.context["replies"]
    assert reply != supposed_reply


async def talk_of_sold_out(scene: Scene) -> None:
    await scene.say("I need a dimmable lamp under 100 euros", "is the green one in stock?")
    await scene.sell_out("MEADOW-G")
    await scene.say("and returns?")


@pytest.fixture
def sold_out(database: str) -> Iterator[Kept]:
    """A talk that was told that an item has sold out."""
    merchant = make_lamp_shop()
    held = hold(merchant, talk_of_sold_out)
    yield Kept(held=held, shopper=name_shopper(merchant, name="Nobody At All"))
    delete_merchant(merchant=merchant)


def test_news_of_what_is_supposed_to_be_otherwise_is_not_told(support: Client, sold_out: Kept) -> None:
    shown = support.get(sold_out.address("whatif"), {"turn": "3", "sku": "MEADOW-G", "stock": "5"})

    reply, supposed_reply = shown.context["replies"]
    assert "could still be had when I told you of it before" in reply
    assert "60 days" in supposed_reply
    assert "told you of it" not in supposed_reply


def test_without_a_supposition_nothing_runs(support: Client, short: Kept, untouched: None) -> None:
    shown = support.get(short.address("whatif"), {"turn": "1"})

    assert (shown.context["supposed"], shown.context["problems"]) == (None, ())


@pytest.mark.parametrize(
    ("supposed", "problem"),
    [
        ({"stock": "3"}, "Say of which SKU"),
        ({"sku": "meadow", "stock": "3"}, "Several items have that name; give the SKU of one: "),
        ({"sku": "MEADOW-G", "stock": "-1"}, "A stock is a whole number"),
        ({"sku": "MEADOW-G", "price": "cheap"}, "A price is a number"),
        ({"sku": "MEADOW-G", "price": "NaN"}, "A price is a number"),
        ({"sku": "NO-SUCH", "stock": "3"}, "The shop has no 'NO-SUCH'"),
    ],
)
def test_what_cannot_be_supposed_is_said(
    support: Client, short: Kept, untouched: None, supposed: dict[str, str], problem: str
) -> None:
    shown = support.get(short.address("whatif"), {"turn": "1", **supposed})

    assert any(told.startswith(problem) for told in shown.context["problems"])


def test_two_turns_side_by_side(support: Client, kept: Kept) -> None:
    shown = support.get(kept.address("compare"), {"a": "1", "b": "4"})

    (pair,) = shown.context["pairs"]
    assert (pair.left.number, pair.right.number) == (1, 4)
    assert (pair.left_link, pair.right_link) == (kept.address("turn", 1), kept.address("turn", 4))
    assert {"Terms", "Text"} <= {section.title for section in pair.sections}
    page = shown.content.decode()
    for side, link in ((pair.left, pair.left_link), (pair.right, pair.right_link)):
        assert side.reasons is not None
        # Open to the whole trail on this page and by a link to its own.
        assert f"<code>{side.reasons.id}</code>" in page
        assert support.get(link).context["why"] == side.reasons


def test_two_conversations_turn_by_turn(support: Client, kept: Kept, short: Kept) -> None:
    shown = support.get(short.address("compare"), {"other": kept.id})

    pairs = shown.context["pairs"]
    assert [pair.left.number for pair in pairs[:3]] == [1, 2, 3]
    assert (pairs[3].left, pairs[3].right.number) == (None, 4)
    # The same words in the same kind of shop: nothing differs in what was decided.
    assert pairs[0].sections == ()


@pytest.mark.parametrize("other", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_conversation_that_is_not_there_is_said(support: Client, short: Kept, other: str) -> None:
    shown = support.get(short.address("compare"), {"other": other})

    assert shown.status_code == 200
    assert (shown.context["problem"], shown.context["unknown"]) == (
        ("", other) if other == "nonsense" else ("There is no such conversation.", "")
    )
    assert shown.context["pairs"] == []


def test_policies_of_the_shop_are_offered(support: Client, short: Kept) -> None:
    names = set(Policy.objects.filter(merchant=short.held.merchant).values_list("name", flat=True))

    assert set(support.get(short.address("whatif")).context["policies"]) == names


def test_values_are_told_in_words() -> None:
    told = {
        '{"value":{"type":"money","amount":"98.00","currency":"USD"},"stale":false,"note":null}': (
            "value $98.00 · stale no"
        ),
        '["LARK-6","TEMPO-8"]': "LARK-6; TEMPO-8",
        '"85.00"': "85.00",
        "—": "—",
    }

    assert {text: tell_plain(text) for text in told} == told
