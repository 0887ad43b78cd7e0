"""What is named in place of an item that is gone can be taken by pointing at it."""

from typing import Any

import pytest

from tests.flows.conftest import LAMP_SHOP, Converse, say

GONE: dict[str, Any] = {"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 0}}


@pytest.mark.parametrize(
    "asked", ["take that one instead", "ok, I'll take that one instead", "add that one instead"]
)
def test_that_one_instead_is_the_one_just_named(converse: Converse, asked: str) -> None:
    steps = converse(
        [*say("show me the green Meadow lamp", "add it"), GONE, *say(asked, "what's in my cart?")],
        **LAMP_SHOP,
    )
    assert "Meadow lamp in white" in steps[-2]["reply"]
    assert "sold out" not in steps[-2]["reply"]
    assert "1 × Meadow lamp in white at €80.00" in steps[-1]["reply"]
    assert "green" not in steps[-1]["reply"]


def test_while_nothing_is_gone_that_one_is_what_was_spoken_of(converse: Converse) -> None:
    *_, told = converse(say("show me the green Meadow lamp", "take that one instead"), **LAMP_SHOP)
    assert "Meadow lamp in green" in told["reply"]
