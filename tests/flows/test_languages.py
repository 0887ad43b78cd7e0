"""Shoppers who write German, Spanish or French in a shop whose words are English, through the command."""

from tests.flows.conftest import Converse, say


def test_three_languages_are_understood_and_kept_in_the_shoppers_own_words(converse: Converse) -> None:
    turns = say(
        "Ich suche Laufschuhe unter 130 Dollar",
        "Was kostet der billigste?",
        "Leg ihn in Größe 9 in den Warenkorb",
        "Busco botas impermeables",
        "¿cuánto cuesta la segunda?",
        "Je cherche une veste pour ma femme",
        "la moins chère",
    )
    shoes, cheapest, put, boots, second, jackets, last = converse(turns)

    assert _list_terms(shoes) == [("category", "Running Shoes"), ("price", 130.0)]
    assert cheapest["references"][0]["skus"] == ["DASH-RED-8"]
    assert [(line["sku"], line["quantity"]) for line in put["cart"]["lines"]] == [("DASH-RED-9", 1)]
    assert [reference["text"] for reference in put["references"]] == ["ihn"]
    assert ("waterproof", "yes") in _list_terms(boots)
    assert [(r["text"], r["skus"]) for r in second["references"]] == [("la segunda", [boots["cards"][1]])]
    assert ("gender", ["women", "unisex"]) in _list_terms(jackets)
    assert [reference["text"] for reference in last["references"]] == ["la moins chère"]


def _list_terms(step: dict[str, list[dict[str, object]]]) -> list[tuple[object, object]]:
    return [(term["field"], term["value"]) for term in step["constraints"] if term["active"]]
