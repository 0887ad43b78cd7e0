"""Why others were shown before an item, for each way in which that comes about."""

from collections.abc import Sequence
from typing import Any

import pytest
from moneyed import Money

from catalog.ids import GroupKey, Sku
from catalog.products import Filter, Hit, NearMiss
from commerce_agent.tools.ranking import Ranking
from commerce_agent.tools.tastes import Taste
from commerce_agent.tools.weighing import say_miss, say_rank


def make_hit(sku: str, *, score: float = 0.5, **told: Any) -> Hit:
    return Hit(
        sku=Sku(sku),
        group=GroupKey(told.get("group", sku)),
        title=sku,
        brand="Ostra",
        category="Lighting > Lamps",
        color=told.get("color", ""),
        size="",
        price=Money(told.get("price", "10.00"), "EUR"),
        list_price=Money("10.00", "EUR"),
        quantity=3,
        availability="in_stock",
        rating=told.get("rating"),
        score=score,
        why=(),
        siblings=1,
    )


SHOWN = [make_hit(f"S{number}", score=0.9 - number / 10, color="Green") for number in range(5)]
LIKES = Taste(field="color", value="green", source="stated")


@pytest.mark.parametrize(
    ("own", "ranking", "shown", "told"),
    [
        ({"score": 0.31}, {}, 5, "It came in place 6 of 6, and 5 are shown at once: it fits the words less well (0.31,"
         " those shown 0.50 or more)."),
        ({"rating": 4.5}, {}, 5, "It came in place 6 of 6, and 5 are shown at once: it fits the words as well, and of"
         " such the better and more often rated come first (it is rated 4.5)."),
        ({}, {}, 5, "It came in place 6 of 6, and 5 are shown at once: it fits the words as well, and of"
         " such the better and more often rated come first (it has no rating)."),
        ({}, {"met": {SHOWN[2].sku: (LIKES,)}}, 5, "It came in place 6 of 6, and 5 are shown at once: it fits the"
         " words as well, and the shopper's likes moved others ahead of it."),
        ({}, {"order": "price"}, 5, "It came in place 6 of 6, and 5 are shown at once: those shown come first by price"
         " from low to high, as the shopper asked."),
        ({"group": "S1", "color": "Red"}, {}, 5, "The same product was shown in Green; its other versions come after"
         " other products."),
        ({}, {}, 3, "It came in place 6 of 6, too far behind to be asked for its stock."),
    ],
)  # fmt: skip
def test_why_others_came_first(own: dict[str, Any], ranking: dict[str, Any], shown: int, told: str) -> None:
    hit = make_hit("OWN", **own)
    hits: Sequence[Hit] = (*SHOWN, hit)

    said = say_rank(
        hit.sku, ranking=Ranking(hits=tuple(hits), **ranking), shown=[each.sku for each in SHOWN[:shown]]
    )

    assert said == told


def test_another_version_that_was_passed_over_too_is_told() -> None:
    first, second = make_hit("R-7", group="R", score=0.2), make_hit("R-8", group="R", score=0.2)
    ranking = Ranking(hits=(*SHOWN, first, second))

    said = say_rank(second.sku, ranking=ranking, shown=[each.sku for each in SHOWN])

    assert said == "It came in place 7 of 7: another version of it came before, and was not shown either."


@pytest.mark.parametrize(
    ("asked", "margin", "told"),
    [
        (Filter(field="price", op="<=", value=5.0), 5.0, "At €10.00 it is above the limit of €5.00."),
        (
            Filter(field="color", op="not in", value=("red", "blue")),
            None,
            "Its color is Red, which was ruled out.",
        ),
        (Filter(field="color", op="=", value="blue"), None, "Its color is Red, not blue."),
        (Filter(field="size", op="=", value="L"), None, "Its size is not L."),
        (Filter(field="weight", op="<=", value=261.99), 0.01, "Its weight is 262, not under 262."),
        (Filter(field="weight", op="<=", value=261.99), 38.01, "Its weight is 300, not under 262."),
        (Filter(field="waterproof", op="=", value="yes"), None, "It is not waterproof."),
        (Filter(field="sleeps", op="=", value=2.0), 1.0, "Its sleeps is 3, not 2."),
        (Filter(field="sleeps", op="=", value=2.0), None, "Its sleeps is not 2."),
    ],
)
def test_what_was_missed_is_told_with_what_it_has(asked: Filter, margin: float | None, told: str) -> None:
    assert say_miss(NearMiss(hit=make_hit("OWN", color="Red"), filter=asked, margin=margin)) == told
