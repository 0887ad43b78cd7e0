"""Words that shoppers use for one another in any shop. A merchant adds its own in the admin."""

from functools import lru_cache

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId
from commerce_agent.same_goods import SAME_GOODS

SYNONYMS = "SELECT words FROM catalog_synonym WHERE merchant_id = %(merchant)s"
GENERAL = (
    *SAME_GOODS,
    ("tv", "television", "televisions"),
    ("laptop", "notebook"),
    ("sofa", "couch", "settee"),
    ("sneakers", "trainers"),
    ("rucksack", "backpack", "knapsack"),
    ("mobile phone", "cell phone", "smartphone", "cellphone"),
    ("headset", "headphones"),
    ("hoodie", "hooded sweatshirt"),
    ("trousers", "pants"),
    ("headlamp", "head torch", "headtorch"),
    ("raincoat", "rain jacket", "waterproof jacket"),
    ("tee", "t-shirt", "tshirt"),
    ("beanie", "wool hat", "knit hat"),
    ("bottle", "flask"),
    ("cup", "mug"),
    ("rug", "carpet"),
    ("duvet", "comforter"),
    ("nappy", "diaper"),
    ("pram", "stroller", "pushchair"),
    ("ssd", "solid state drive"),
    ("wifi", "wi-fi", "wireless lan"),
    ("vacuum", "hoover"),
    ("kettle", "water boiler"),
    ("grey", "gray"),
    ("colour", "color"),
    ("aluminium", "aluminum"),
    ("hose", "hosepipe"),
    ("pacifier", "soother"),
)

_FOR_CHILDREN = ("kid", "kids", "child", "children", "children's", "junior")
_FOR_BOYS = (*_FOR_CHILDREN, "boy", "boys")
_FOR_GIRLS = (*_FOR_CHILDREN, "girl", "girls")
_FOR_WOMEN = ("women", "womens", "women's", "ladies")
_FOR_MEN = ("men", "mens", "men's")
TITLED_FOR = {
    **dict.fromkeys(("son", "nephew", "grandson", "boy"), _FOR_BOYS),
    **dict.fromkeys(("daughter", "niece", "granddaughter", "girl"), _FOR_GIRLS),
    **dict.fromkeys(("child", "children", "kid", "toddler"), _FOR_CHILDREN),
    **dict.fromkeys(
        ("wife", "girlfriend", "mother", "mum", "mom", "sister", "grandmother", "aunt"), _FOR_WOMEN
    ),
    **dict.fromkeys(("husband", "boyfriend", "father", "dad", "brother", "grandfather", "uncle"), _FOR_MEN),
}
"""Whom goods may be for, and what those goods are then called: nothing is titled "for sons"."""


async def list_synonyms(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId
) -> tuple[tuple[str, ...], ...]:
    """The shop's own groups of words and the general ones."""
    async with connection.cursor() as cursor:
        await cursor.execute(SYNONYMS, {"merchant": merchant})
        own = tuple(tuple(word.lower() for word in words) for (words,) in await cursor.fetchall())
    return (*own, *GENERAL)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def list_other_words(phrase: str, groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Everything that stands in one group with the phrase, in either number."""
    plain = _singular(phrase)
    alike = [other for group in _sort(groups).get(plain, ()) for other in group]
    called = dict.fromkeys((*alike, *TITLED_FOR.get(plain, ())))
    return tuple(other for other in called if _singular(other) != plain)


@lru_cache(maxsize=64)
def _sort(groups: tuple[tuple[str, ...], ...]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The groups by each of their words in the singular; a search looks up every stretch of its words."""
    by_word: dict[str, list[tuple[str, ...]]] = {}
    for group in groups:
        for plain in dict.fromkeys(map(_singular, group)):
            by_word.setdefault(plain, []).append(group)
    return {plain: tuple(found) for plain, found in by_word.items()}
