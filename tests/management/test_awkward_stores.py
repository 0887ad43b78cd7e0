"""`evaluate service` on a shop as shops are: two people of one name, a last piece, goods that are no more."""

from copy import deepcopy
from pathlib import Path

import pytest

from tests.management.test_after_sales import STORE, call, replay_one


@pytest.fixture(autouse=True)
def _on(database: str) -> None:
    """Every test has the database."""


def test_of_two_who_fit_neither_is_found_and_who_moved_is_found_where_they_live(tmp_path: Path) -> None:
    store = deepcopy(STORE)
    store["users"]["rui_9"] = {**store["users"]["rui_1"], "email": "RUI@example.com", "orders": []}
    store["users"]["bo_3"] = {
        "name": {"first_name": "Bo", "last_name": "Nil"},
        "email": "bo@example.com",
        "address": {"address1": "1 Mill"},
    }
    bo, rui = {"first_name": "bo", "last_name": "NIL"}, {"first_name": "Rui", "last_name": "Prado"}

    changed, results = replay_one(
        tmp_path,
        call("find_user_id_by_name_zip", **rui, zip="4000"),
        call("find_user_id_by_email", email="rui@example.com"),
        call("find_user_id_by_name_zip", **bo, zip=""),
        call("modify_user_address", user_id="bo_3", address1="2 Mill", zip="75 001"),
        call("find_user_id_by_name_zip", **bo, zip="75001"),
        call("modify_user_address", user_id="rui_9", address1="3 Mill", zip="75001"),
        call("find_user_id_by_name_zip", **rui, zip=4000),
        call("find_user_id_by_name_zip", **rui, zip=75001),
        store=store,
    )
    _, (after,) = replay_one(tmp_path, call("find_user_id_by_name_zip", **bo, zip="75001"), store=store)

    assert [each["because"] for each in results[:3]] == ["several_users", "several_users", "unknown_user"]
    assert [results[number]["result"] for number in (4, 6, 7)] == ["bo_3", "rui_1", "rui_9"]
    assert changed["orders"] == changed["products"] == {}
    assert changed["users"]["bo_3"]["address"] == {"address1": "2 Mill", "zip": "75 001"}
    assert after["because"] == "unknown_user", "the next task begins with the store as it was"


def test_what_a_count_stands_beside_is_set_aside_and_what_is_unknown_goes_back_as_it_was_sold(
    tmp_path: Path,
) -> None:
    """The last piece that an exchange takes; an item of a product that the shop has no more, returned and exchanged."""
    store = deepcopy(STORE)
    store["products"]["pot"]["variants"]["pot-blue"]["quantity"] = 1
    gone = {"item_id": "cup-1", "product_id": "cup", "name": "Cup", "price": 4.5, "options": {}}
    store["orders"]["#2"]["items"].append(gone)
    store["orders"]["#2"]["payment_history"][0]["amount"] += 4.5
    paid = store["orders"]["#2"]["payment_history"][0]["payment_method_id"]
    swap = {"order_id": "#2", "payment_method_id": paid}

    changed, results = replay_one(
        tmp_path,
        call("exchange_delivered_order_items", **swap, item_ids=["cup-1"], new_item_ids=["pot-blue"]),
        call("exchange_delivered_order_items", **swap, item_ids=["pot-red"], new_item_ids=["pot-blue"]),
        store=store,
    )
    back, _ = replay_one(
        tmp_path, call("return_delivered_order_items", **swap, item_ids=["cup-1"]), store=store
    )

    assert [each["outcome"] for each in results] == ["refused", "done"]
    blue = changed["products"]["pot"]["variants"]["pot-blue"]
    assert (blue["available"], blue["quantity"]) == (False, 0)
    assert changed["orders"]["#2"]["exchange_price_difference"] == 4.25
    assert back["orders"]["#2"]["return_items"] == ["cup-1"]
    assert back["products"] == {}
