"""`evaluate service`: recorded after-sales work, done again through the platform's own orders."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Merchant, Order

Json = dict[str, Any]

HOME = {
    "address1": "4 Kiln Lane",
    "address2": "",
    "city": "Porto",
    "state": "NA",
    "country": "PT",
    "zip": "4000",
}
AWAY = {**HOME, "address1": "9 Quay Street", "address2": "Flat 2"}
STORE: Json = {
    "products": {
        "pot": {
            "product_id": "pot",
            "name": "Clay pot",
            "variants": {
                "pot-red": {
                    "item_id": "pot-red",
                    "price": 20.5,
                    "available": True,
                    "options": {"glaze": "red"},
                },
                "pot-blue": {
                    "item_id": "pot-blue",
                    "price": 24.75,
                    "available": True,
                    "options": {"glaze": "blue"},
                },
                "pot-gone": {
                    "item_id": "pot-gone",
                    "price": 9,
                    "available": False,
                    "options": {"glaze": "none"},
                },
            },
        },
        "kiln": {
            "product_id": "kiln",
            "name": "Kiln",
            "variants": {"kiln-s": {"item_id": "kiln-s", "price": 300, "available": True, "options": {}}},
        },
    },
    "users": {
        "rui_1": {
            "name": {"first_name": "Rui", "last_name": "Prado"},
            "email": "rui@example.com",
            "address": HOME,
            "payment_methods": {
                "gift_1": {"source": "gift_card", "balance": 30.0, "id": "gift_1"},
                "card_1": {"source": "credit_card", "brand": "visa", "last_four": "0000", "id": "card_1"},
            },
            "orders": ["#1", "#2"],
        },
        "ana_2": {
            "name": {"first_name": "Ana", "last_name": "Prado"},
            "email": "ana@example.com",
            "address": HOME,
            "payment_methods": {"card_2": {"source": "credit_card", "id": "card_2"}},
            "orders": ["#3"],
        },
    },
    "orders": {
        number: {
            "order_id": number,
            "user_id": user,
            "status": status,
            "address": HOME,
            "items": [
                {
                    "name": "Clay pot",
                    "product_id": "pot",
                    "item_id": "pot-red",
                    "price": 20.5,
                    "options": {"glaze": "red"},
                },
                {"name": "Kiln", "product_id": "kiln", "item_id": "kiln-s", "price": 310.0, "options": {}},
                {
                    "name": "Clay pot",
                    "product_id": "pot",
                    "item_id": "pot-red",
                    "price": 20.5,
                    "options": {"glaze": "red"},
                },
            ],
            "fulfillments": [{"tracking_id": ["T1"], "item_ids": ["pot-red", "kiln-s"]}],
            "payment_history": [{"transaction_type": "payment", "amount": 351.0, "payment_method_id": paid}],
        }
        for number, user, status, paid in (
            ("#1", "rui_1", "pending", "gift_1"),
            ("#2", "rui_1", "delivered", "card_1"),
            ("#3", "ana_2", "processed", "card_2"),
        )
    },
}


def call(name: str, **arguments: object) -> Json:
    return {"name": name, "arguments": arguments}


def replay(
    tmp_path: Path, calls: list[Json], *options: str, store: Json = STORE
) -> tuple[list[Json], list[Json]]:
    """The ends and the results."""
    (tmp_path / "store.json").write_text(json.dumps(store))
    (tmp_path / "calls.jsonl").write_text("\n".join(json.dumps(each) for each in calls))
    end, results = tmp_path / "end.jsonl", tmp_path / "results.jsonl"
    call_command(
        "evaluate", "service", str(tmp_path / "store.json"), "--calls", str(tmp_path / "calls.jsonl"),
        "--end", str(end), "--results", str(results), *options,
    )  # fmt: skip
    return [[json.loads(line) for line in path.read_text().splitlines()] for path in (end, results)]  # type: ignore[return-value]


def replay_one(tmp_path: Path, *calls: Json, store: Json = STORE) -> tuple[Json, list[Json]]:
    """What changed by the calls of one task, and the results."""
    ends, results = replay(tmp_path, [{"id": "t", "actions": list(calls)}], store=store)
    return {kind: ends[0][kind] for kind in ("products", "users", "orders")}, results


@pytest.fixture(autouse=True)
def _on(database: str) -> None:
    """Every test has the database."""


def test_looking_up_writes_nothing_and_answers_what_the_store_says(tmp_path: Path) -> None:
    changed, results = replay_one(
        tmp_path,
        call("find_user_id_by_email", email="RUI@example.com"),
        call("find_user_id_by_name_zip", first_name="ana", last_name="Prado", zip="4000"),
        call("get_user_details", user_id="rui_1"),
        call("get_order_details", order_id="#2"),
        call("get_product_details", product_id="pot"),
        call("list_all_product_types"),
        call("calculate", expression="(20.50 + 24.75) * 2"),
        call("find_user_id_by_email", email="nobody@example.com"),
        call("get_order_details", order_id="#9"),
        call("open_the_till"),
        call("get_order_details", number="#1"),
    )

    assert [each["result"] for each in results[:7]] == [
        "rui_1",
        "ana_2",
        STORE["users"]["rui_1"],
        STORE["orders"]["#2"],
        STORE["products"]["pot"],
        {"Clay pot": "pot", "Kiln": "kiln"},
        "90.5",
    ]
    assert [(each["outcome"], each["result"]) for each in results[7:9]] == [
        ("refused", "Error: user not found"),
        ("refused", "Error: order not found"),
    ]
    assert [each["outcome"] for each in results[9:]] == ["not understood", "not understood"]
    assert changed == {"products": {}, "users": {}, "orders": {}}


def test_a_cancelled_order_is_refunded_to_what_it_was_paid_with(tmp_path: Path) -> None:
    changed, results = replay_one(
        tmp_path, call("cancel_pending_order", order_id="#1", reason="ordered by mistake")
    )

    order = changed["orders"]["#1"]
    refund = {"transaction_type": "refund", "amount": 351.0, "payment_method_id": "gift_1"}
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "ordered by mistake")
    assert order["payment_history"] == [*STORE["orders"]["#1"]["payment_history"], refund]
    assert order["items"] == STORE["orders"]["#1"]["items"]
    assert changed["users"]["rui_1"]["payment_methods"]["gift_1"]["balance"] == 381.0
    assert results[0]["result"] == order


def test_items_of_a_pending_order_are_changed_once_in_their_places(tmp_path: Path) -> None:
    swap = call(
        "modify_pending_order_items",
        order_id="#1", item_ids=["pot-red"], new_item_ids=["pot-blue"], payment_method_id="gift_1",
    )  # fmt: skip
    changed, results = replay_one(
        tmp_path, swap, swap, call("cancel_pending_order", order_id="#1", reason="no longer needed")
    )

    order = changed["orders"]["#1"]
    assert order["status"] == "pending (item modified)"
    assert [item["item_id"] for item in order["items"]] == ["pot-blue", "kiln-s", "pot-red"]
    assert order["items"][0] == {
        "name": "Clay pot", "product_id": "pot", "item_id": "pot-blue", "price": 24.75, "options": {"glaze": "blue"},
    }  # fmt: skip
    assert order["payment_history"][1:] == [
        {"transaction_type": "payment", "amount": 4.25, "payment_method_id": "gift_1"}
    ]
    assert changed["users"]["rui_1"]["payment_methods"]["gift_1"]["balance"] == 25.75
    assert [(each["outcome"], each["because"]) for each in results] == [
        ("done", ""), ("refused", "already_changed"), ("refused", "already_changed"),
    ]  # fmt: skip


def test_address_and_payment_of_a_pending_order_and_of_the_user(tmp_path: Path) -> None:
    store = json.loads(json.dumps(STORE))
    store["users"]["rui_1"]["payment_methods"]["gift_1"]["balance"] = 10.0
    changed, results = replay_one(
        tmp_path,
        call("modify_pending_order_address", order_id="#1", **AWAY),
        call("modify_user_address", user_id="ana_2", **AWAY),
        call("modify_pending_order_payment", order_id="#1", payment_method_id="gift_1"),
        call("modify_pending_order_payment", order_id="#1", payment_method_id="card_2"),
        call("modify_pending_order_payment", order_id="#1", payment_method_id="card_1"),
        call("modify_pending_order_address", order_id="#3", **AWAY),
        store=store,
    )

    assert changed["orders"]["#1"]["address"] == AWAY
    assert changed["users"]["ana_2"]["address"] == AWAY
    assert changed["orders"]["#1"]["payment_history"][1:] == [
        {"transaction_type": "payment", "amount": 351.0, "payment_method_id": "card_1"},
        {"transaction_type": "refund", "amount": 351.0, "payment_method_id": "gift_1"},
    ]
    assert changed["users"]["rui_1"]["payment_methods"]["gift_1"]["balance"] == 361.0
    assert [each["because"] for each in results] == ["", "", "same_method", "unknown_method", "", "too_late"]
    assert set(changed["orders"]) == {"#1"}


def test_a_delivered_order_is_sent_back_or_exchanged_once(tmp_path: Path) -> None:
    back = call("return_delivered_order_items", order_id="#2", item_ids=["pot-red", "kiln-s", "pot-red"],
                payment_method_id="gift_1")  # fmt: skip
    exchange = call("exchange_delivered_order_items", order_id="#2", item_ids=["pot-red", "pot-red"],
                    new_item_ids=["pot-blue", "pot-red"], payment_method_id="card_1")  # fmt: skip
    ends, results = replay(
        tmp_path,
        [{"id": "back", "actions": [back, exchange]}, {"id": "exchange", "actions": [exchange, back]}],
    )

    returned, exchanged = ends[0]["orders"]["#2"], ends[1]["orders"]["#2"]
    assert (returned["status"], returned["return_items"], returned["return_payment_method_id"]) == (
        "return requested", ["kiln-s", "pot-red", "pot-red"], "gift_1",
    )  # fmt: skip
    assert (exchanged["status"], exchanged["exchange_items"], exchanged["exchange_new_items"]) == (
        "exchange requested", ["pot-red", "pot-red"], ["pot-blue", "pot-red"],
    )  # fmt: skip
    assert (exchanged["exchange_payment_method_id"], exchanged["exchange_price_difference"]) == (
        "card_1",
        4.25,
    )
    assert ends[0]["users"] == ends[1]["users"] == {}
    assert exchanged["items"] == STORE["orders"]["#2"]["items"]
    assert [each["because"] for each in results] == ["", "already_requested"] * 2


def send_back(order: str, *items: str) -> Json:
    return call(
        "return_delivered_order_items", order_id=order, item_ids=list(items), payment_method_id="card_1"
    )


def swap(name: str, order: str, item: str, *new: str, paid: str = "card_1") -> Json:
    return call(name, order_id=order, item_ids=[item], new_item_ids=list(new), payment_method_id=paid)


EXCHANGE, MODIFY = "exchange_delivered_order_items", "modify_pending_order_items"
REFUSED = [
    (send_back("#1", "pot-red"), "not_delivered"),
    (send_back("#2", "pot-blue"), "not_in_order"),
    (send_back("#2", "pot-red", "pot-red", "pot-red"), "not_in_order"),
    (swap(EXCHANGE, "#2", "pot-red", "kiln-s"), "other_product"),
    (swap(EXCHANGE, "#2", "pot-red", "pot-gone"), "out_of_stock"),
    (swap(EXCHANGE, "#2", "pot-red"), "uneven"),
    (swap(MODIFY, "#1", "pot-red", "pot-blue", paid="card_9"), "unknown_method"),
    (call("cancel_pending_order", order_id="#1", reason="the moon is full"), "no_reason"),
    (call("cancel_pending_order", order_id="#2", reason="ordered by mistake"), "too_late"),
]


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    store = {**STORE, "rules": {"cancel_reasons": ["ordered by mistake"]}}

    changed, results = replay_one(tmp_path, *(each for each, _ in REFUSED), store=store)

    assert [(each["outcome"], each["because"]) for each in results] == [
        ("refused", because) for _, because in REFUSED
    ]
    assert all(each["result"].startswith("Error: ") for each in results)
    assert changed == {"products": {}, "users": {}, "orders": {}}


def test_a_gift_card_pays_no_more_than_it_holds(tmp_path: Path) -> None:
    store = json.loads(json.dumps(STORE))
    store["users"]["rui_1"]["payment_methods"]["gift_1"]["balance"] = 4.24
    arguments: Json = {"item_ids": ["pot-red"], "new_item_ids": ["pot-blue"], "payment_method_id": "gift_1"}

    changed, results = replay_one(
        tmp_path,
        call("modify_pending_order_items", order_id="#1", **arguments),
        call("exchange_delivered_order_items", order_id="#2", **arguments),
        store=store,
    )

    assert [each["because"] for each in results] == ["balance_short", "balance_short"]
    assert changed == {"products": {}, "users": {}, "orders": {}}


def test_plain_calls_follow_each_other_and_end_in_the_whole_store(tmp_path: Path) -> None:
    before = Merchant.objects.count(), Order.objects.count()

    ends, results = replay(
        tmp_path,
        [
            {"function": {"name": "cancel_pending_order", "arguments": '{"order_id": "#1", "reason": "x"}'}},
            {"name": "cancel_pending_order", "kwargs": {"order_id": "#1", "reason": "x"}},
        ],
    )

    assert [each["outcome"] for each in results] == ["done", "refused"]
    assert ends[0]["products"] == STORE["products"]
    assert (ends[0]["orders"]["#2"], ends[0]["orders"]["#3"]) == (
        STORE["orders"]["#2"],
        STORE["orders"]["#3"],
    )
    assert ends[0]["orders"]["#1"]["status"] == "cancelled"
    assert (Merchant.objects.count(), Order.objects.count()) == before


def test_a_store_in_three_files_and_what_is_no_store(tmp_path: Path) -> None:
    for kind in ("products", "users", "orders"):
        rows = (
            [{"order_id": key, **row} for key, row in STORE[kind].items()]
            if kind == "orders"
            else STORE[kind]
        )
        (tmp_path / f"{kind}.json").write_text(json.dumps(rows))
    calls = tmp_path / "calls.json"
    calls.write_text(json.dumps([{"task": 7, **call("get_order_details", order_id="#1")}]))
    arguments = ["service", str(tmp_path), "--calls", str(calls), "--end", str(tmp_path / "end")]

    call_command("evaluate", *arguments, "--whole")
    end = json.loads((tmp_path / "end").read_text())
    (tmp_path / "users.json").write_text('{"u": {"name": "Ada"}}')

    assert end["task"] == "7"
    assert end["orders"] == STORE["orders"]
    with pytest.raises(CommandError, match=r"users: Expected `object`, got `str` - at `\$\[\.\.\.\]\.name`"):
        call_command("evaluate", *arguments)
