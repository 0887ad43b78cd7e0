"""The story of the first issue, through the command."""

from tests.flows.conftest import SCRIPTS, Converse


def test_the_blue_one_keeps_its_meaning_its_limit_and_its_news(converse: Converse) -> None:
    looking, policy, lighter, news, asked_again = converse(SCRIPTS / "running_shoes.yaml")

    # Five cards, all under the limit, exactly one of them blue.
    assert len(looking["cards"]) == 5
    prices = {fact["subject"]: fact["value"] for fact in looking["facts"] if fact["name"] == "price"}
    assert set(prices) == set(looking["cards"])
    assert max(prices.values()) <= 100
    terms = [(term["field"], term["op"], term["value"], term["active"]) for term in looking["constraints"]]
    assert terms == [("category", "=", "Running Shoes", True), ("price", "<=", 100.0, True)]

    # "The blue one" is that card; its policy is the one for footwear, not the shop-wide one.
    assert [(r["text"], r["outcome"], r["skus"]) for r in policy["references"]] == [
        ("the blue one", "resolved", ["TEMPO-BLUE-8"])
    ]
    assert "TEMPO-BLUE-8" in looking["cards"]
    assert policy["decision"]["policies"] == ["returns/category:Footwear@2"]
    assert "within 90 days" in policy["reply"]
    assert ("returns.window_days", 90) in {(fact["name"], fact["value"]) for fact in policy["facts"]}

    # "Lighter" is lighter than that one, and the limit still holds.
    active = {(t["field"], t["op"], t["value"]) for t in lighter["constraints"] if t["active"]}
    assert active == {("category", "=", "Running Shoes"), ("price", "<=", 100.0), ("weight", "<=", 261.99)}
    assert lighter["cards"]
    assert "TEMPO-BLUE-8" not in lighter["cards"]
    assert all(f["value"] <= 100 for f in lighter["facts"] if f["name"] == "price")
    rejected = {c["sku"]: c["rule"] for c in lighter["decision"]["candidates"] if not c["kept"]}
    assert rejected["TEMPO-BLUE-8"] == "weight"

    # Selling out is told in the open chat, and the next answer knows it.
    assert news["notices"] == [
        {
            "kind": "stock.changed",
            "sku": "TEMPO-BLUE-8",
            "text": "The Halden Tempo 3 in blue (size 8) has just sold out.",
        }
    ]
    assert "sold out" in asked_again["reply"]
    assert "size 9" in asked_again["reply"]
    assert [step["version"] for step in (looking, policy, lighter, news, asked_again)] == sorted(
        {step["version"] for step in (looking, policy, lighter, news, asked_again)}
    )


def test_the_same_script_decides_the_same_twice(converse: Converse) -> None:
    first, second = converse(SCRIPTS / "running_shoes.yaml"), converse(SCRIPTS / "running_shoes.yaml")

    def told(step: dict) -> tuple:
        kept = [(c["sku"], c["kept"], c["rule"]) for c in (step["decision"] or {}).get("candidates", ())]
        return step["reply"], step["cards"], step["constraints"], kept

    assert [told(step) for step in first] == [told(step) for step in second]
