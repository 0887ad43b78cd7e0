"""From the pages alone it is plain why an item was not recommended."""

from django.test import Client

from tests.console.audit.conftest import Kept


def ask(client: Client, kept: Kept, *, turn: int, item: str) -> list[tuple[str, str, str]]:
    answer = client.get(kept.address("turn", turn), {"why_not": item}).context["answer"]
    return [(verdict.sku, verdict.basis, verdict.says) for verdict in answer.verdicts]


def test_the_record_of_the_turn_answers_by_sku(support: Client, kept: Kept) -> None:
    rejected = support.get(kept.address("turn", 1)).context["why"].rejected
    item = next(each for each in rejected if each.margin)

    ((sku, basis, says),) = ask(support, kept, turn=1, item=item.sku.lower())

    assert (sku, basis) == (item.sku, "record")
    assert says.startswith(f"It was weighed and left out by the rule “{item.rule}”")
    assert f"The shopper's term was “{item.term}”." in says
    assert f"It missed by {item.margin}." in says


def test_it_answers_by_name_and_for_what_was_kept(support: Client, kept: Kept) -> None:
    item = support.get(kept.address("turn", 1)).context["why"].kept[0]

    found = ask(support, kept, turn=1, item=item.name)

    assert (item.sku, "record") in {(sku, basis) for sku, basis, _ in found}
    assert any(says.startswith("It was shown") for _, _, says in found)


def test_another_turn_that_weighed_it_answers_and_is_named(support: Client, kept: Kept) -> None:
    item = support.get(kept.address("turn", 1)).context["why"].rejected[0]

    ((_, basis, says), *_) = ask(support, kept, turn=3, item=item.sku)

    assert basis == "other"
    assert "this turn did not weigh it" in says


def test_what_nobody_weighed_is_held_against_the_terms_today(support: Client, kept: Kept) -> None:
    ((sku, basis, says),) = ask(support, kept, turn=1, item="STOOL-O")

    assert (sku, basis) == ("STOOL-O", "today")
    assert says == (
        "This turn did not weigh it. As the shop has it today, it is sold out; and it does not meet “dimmable is yes”"
        " (the shopper said “dimmable”); and it does not meet “category is Lamps” (the shopper said “lamp”)."
        " Today it costs €65.00."
    )


def test_what_the_shop_has_not_is_said_to_be_nothing(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("turn", 1), {"why_not": "zzzxqv"})

    assert page.context["answer"].verdicts == ()
    assert "Nothing of “zzzxqv” was weighed" in page.content.decode()


def test_a_turn_that_is_not_there_is_not_found(support: Client, kept: Kept) -> None:
    assert support.get(kept.address("turn", 99)).status_code == 404


def test_the_conversations_own_page_asks_too(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("talk"))
    turn = page.context["asking_turn"]

    assert f'action="{kept.address("turn", turn)}"' in page.content.decode()
    why = support.get(kept.address("turn", turn)).context["why"]
    assert why.kept or why.rejected
