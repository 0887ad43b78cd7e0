"""From the pages alone it is plain why an item was not recommended."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from catalog import inventory
from catalog.ids import MerchantId, Sku
from catalog.models import Merchant
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import Role
from tests.console.audit.conftest import Kept, log_in, make_member
from tests.flows.recordings import Scene, hold

REASONS = {
    "over the budget": (
        ("I'm looking for running shoes under $100",),
        "relay pro",
        "Price”: At $210.00 it is above the limit of $100.00. The shopper's term was “price at most $100.00”."
        " By how much: $110.00 over.",
    ),
    "of a colour that was refused": (
        ("show me fleeces", "not in oatmeal or forest please"),
        "BYRE-FOREST-L",
        "BYRE-FOREST-S stood for it, the same product in the same colour. It was considered and left out by the rule"
        " “Color”: Its color is Forest, which was ruled out.",
    ),
    "sold out at the time": (
        ("show me waterproof jackets in size L",),
        "DRIZZLE-FOREST-L",
        "“Out of stock”: It was sold out.",
    ),
    "without a word of the search": (
        ("I want a waterproof hiking boot for winter",),
        "MOORLAND-BROWN-9",
        "This turn did not consider it, though it meets every term today. The search was for “winter”, and its name,"
        " shelf, details and description do not say “winter”. Today it costs $179.00.",
    ),
    "behind better ones": (
        ("show me hiking boots",),
        "Linnet Mid Wide",
        "“Ranked lower”: It came in place 7 of 12, and 5 are shown at once: it fits the words as well, and of such the"
        " better and more often rated come first (it is rated 4.4).",
    ),
    "the same product as one that was shown": (
        ("show me hiking boots",),
        "MOORLAND-CHARCOAL-9",
        "“Ranked lower”: The same product was shown in Brown; its other versions come after other products.",
    ),
    "no heavier than what was asked to be beaten": (
        ("I'm looking for running shoes under $100", "do you have anything lighter?"),
        "LARK-CORAL-6",
        "“Weight”: Its weight is 219 g, not under 219 g. The shopper's term was “weight under 219 g”.",
    ),
}
"""What was said, what is asked after, and what the page answers."""


def ask(client: Client, kept: Kept, *, turn: int, item: str) -> list[tuple[str, str, str]]:
    answer = client.get(kept.address("turn", turn), {"why_not": item}).context["answer"]
    return [(verdict.sku, verdict.basis, verdict.says) for verdict in answer.verdicts]


def test_the_record_of_the_turn_answers_by_sku(support: Client, kept: Kept) -> None:
    rejected = support.get(kept.address("turn", 1)).context["why"].rejected
    item = next(each for each in rejected if each.margin)

    ((sku, basis, says),) = ask(support, kept, turn=1, item=item.sku.lower())

    assert (sku, basis) == (item.sku, "record")
    assert says.startswith(f"It was considered and left out by the rule “{item.rule}”")
    assert f"The shopper's term was “{item.term}”." in says
    assert f"By how much: {item.margin}." in says


def test_it_answers_by_name_and_for_what_was_kept(support: Client, kept: Kept) -> None:
    item = support.get(kept.address("turn", 1)).context["why"].kept[0]

    found = ask(support, kept, turn=1, item=item.name)

    assert (item.sku, "record") in {(sku, basis) for sku, basis, _ in found}
    assert any(says.startswith("It was shown") for _, _, says in found)


def test_another_turn_that_weighed_it_answers_and_is_named(support: Client, kept: Kept) -> None:
    item = support.get(kept.address("turn", 1)).context["why"].rejected[0]

    ((_, basis, says), *_) = ask(support, kept, turn=3, item=item.sku)

    assert basis == "other"
    assert "this turn did not consider it" in says


def test_what_nobody_weighed_is_held_against_the_terms_today(support: Client, kept: Kept) -> None:
    ((sku, basis, says),) = ask(support, kept, turn=1, item="STOOL-O")

    assert (sku, basis) == ("STOOL-O", "today")
    assert says == (
        "This turn did not consider it. As the shop has it today, it is sold out, and it does not meet"
        " “dimmable is yes” (the shopper said “dimmable”) or “category is Lamps”"
        " (the shopper said “lamp”)."
        " Today it costs €65.00."
    )


def test_an_article_before_a_name_is_no_word_of_it(support: Client, kept: Kept) -> None:
    rejected = support.get(kept.address("turn", 1)).context["why"].rejected
    name = rejected[0].name

    bare = ask(support, kept, turn=1, item=name)

    assert bare[0][1] == "record"
    assert ask(support, kept, turn=1, item=f"the {name.lower()}") == bare


def test_a_name_that_is_only_like_one_is_not_taken_for_it(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("turn", 1), {"why_not": "Medow 9"})

    assert page.context["answer"].verdicts == ()
    told = read_text(page)
    assert "the shop has nothing of that name today." in told
    assert page.context["answer"].nearest.startswith("Meadow")
    assert f"Did you mean {page.context['answer'].nearest}" in told


def test_the_turn_that_weighed_it_answers_and_the_one_that_showed_it_is_named(
    support: Client, kept: Kept
) -> None:
    pages = {turn: support.get(kept.address("turn", turn)).context["why"] for turn in range(1, 17)}
    left_out = {(item.sku, turn) for turn, why in pages.items() if why for item in why.rejected}
    shown = {(item.sku, turn) for turn, why in pages.items() if why for item in why.kept}
    sku, turn = next((sku, turn) for sku, turn in sorted(left_out) if any(other == sku for other, _ in shown))

    page = support.get(kept.address("turn", turn), {"why_not": sku})

    (verdict,) = page.context["answer"].verdicts
    assert verdict.shown_in == tuple(sorted(number for other, number in shown if other == sku))
    assert f"It was shown in turn {verdict.shown_in[0]}" in read_text(page)
    assert f"?turn={turn}&amp;sku={sku}" in page.content.decode()


def test_asked_of_the_whole_conversation_the_turn_that_weighed_it_is_opened(
    support: Client, kept: Kept
) -> None:
    silent = support.get(kept.address("turn", 2)).context["why"]
    item = support.get(kept.address("turn", 1)).context["why"].rejected[0]
    assert item.sku not in {each.sku for each in (*silent.kept, *silent.rejected)}

    answer = support.get(kept.address("turn", 2), {"why_not": item.sku, "anywhere": "yes"})

    assert (answer.status_code, answer["Location"]) == (
        302, f"{kept.address('turn', 1)}?why_not={item.sku}",
    )  # fmt: skip


def test_what_the_shop_has_not_is_said_to_be_nothing(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("turn", 1), {"why_not": "zzzxqv"})

    assert page.context["answer"].verdicts == ()
    assert "Nothing of “<bdi>zzzxqv</bdi>” was considered" in page.content.decode()


def test_a_turn_that_is_not_there_is_not_found(support: Client, kept: Kept) -> None:
    assert support.get(kept.address("turn", 99)).status_code == 404


def test_the_conversations_own_page_asks_too(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("talk"))
    turn = page.context["asking_turn"]

    assert f'action="{kept.address("turn", turn)}"' in page.content.decode()
    why = support.get(kept.address("turn", turn)).context["why"]
    assert why.kept or why.rejected


@pytest.fixture(scope="module")
def talks(merchant: Merchant) -> dict[tuple[str, ...], str]:
    """What was said in a shop of shoes, jackets and boots, and the conversation in which it was."""
    held: dict[tuple[str, ...], str] = {}
    for said, _, _ in REASONS.values():
        if said not in held:

            async def talk(scene: Scene, said: tuple[str, ...] = said) -> None:
                await scene.say(*said)

            held[said] = hold(MerchantId(str(merchant.pk)), talk, currency="USD").conversation
    while index_conversations():
        pass
    return held


@pytest.fixture
def newcomer(merchant: Merchant) -> Client:
    """Somebody of the shop's support on the first day."""
    return log_in(make_member(merchant=merchant.pk, role=Role.SUPPORT))


@pytest.fixture
def back_in_stock(merchant: Merchant) -> Iterator[None]:
    """What was sold out then can be had now."""
    shop, sku = MerchantId(str(merchant.pk)), Sku("DRIZZLE-FOREST-L")
    inventory.set_stock(merchant=shop, sku=sku, quantity=9, at=datetime.now(UTC), source="test")
    yield
    inventory.set_stock(merchant=shop, sku=sku, quantity=0, at=datetime.now(UTC), source="test")


def read_text(answer: object) -> str:
    """What somebody reads on a page."""
    html: bytes = answer.content  # type: ignore[attr-defined]
    shown = re.sub(r"<(script|style|datalist).*?</\1>|<[^>]+>", " ", html.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(shown))


@pytest.mark.parametrize("why", REASONS)
def test_a_newcomer_reads_on_the_pages_alone_why_it_was_not_recommended(
    newcomer: Client, talks: dict[tuple[str, ...], str], back_in_stock: None, why: str
) -> None:
    """From the first page of the audit, by its links and forms, to a sentence."""
    said, item, sentence = REASONS[why]

    found = newcomer.get(reverse("admin:audit_find"), {"q": said[-1]}).content.decode()
    (link,) = {each for each in re.findall(r'href="([^"]+)"', found) if talks[said] in each}
    talk = newcomer.get(link)
    assert "Why was an item not recommended?" in read_text(talk)
    (asking,) = re.findall(r'action="([^"]+)"><div><label for="t-why-not">', talk.content.decode())
    answer = newcomer.get(asking, {"why_not": item})

    assert sentence in read_text(answer)
    # From there to the item itself, and to what would have been.
    told = answer.content.decode()
    items = [each for group in answer.context["answer"].answers for each in group.items]
    assert all(each.link and f'href="{each.link}"' in told for each in items)
    assert newcomer.get(items[0].link).status_code == 200
    assert f"{reverse('admin:audit_whatif', args=[talks[said]])}?turn=" in told
