"""What an item costs, and what it has cost: a price of before is none of now, wherever it is not told as one."""

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.agent.grounding.grounds import ItemGrounds, Sum

_SAID_SO = ("former", "discount", "difference", "range")
_PAIR = 2


def list_own_sums(items: list[ItemGrounds], case: Case) -> list[Sum]:
    """The sums of the items that the sentence may tell of them."""
    sums = [each for item in items for each in item.sums]
    if all(_is_whole(item) for item in items) or _tells_before(case):
        return sums
    former = [item.list_price for item in items if not _is_whole(item)]
    return [each for each in sums if not any(each is one for one in former)]


def _is_whole(item: ItemGrounds) -> bool:
    """Whether it costs what it always has."""
    return not (item.price and item.list_price and item.price.amount < item.list_price.amount)


def _tells_before(case: Case) -> bool:
    """By a word for it, by a question, or because there are two sums: "99 (129)" shows both."""
    text = case.read.text
    if case.sentence.rstrip().endswith("?") or any(case.cues.has(each, text=text) for each in _SAID_SO):
        return True
    return len([each for each in list_claims(text) if each.kind == "money"]) >= _PAIR
