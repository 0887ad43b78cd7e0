"""Words that the shop does not know: what they were meant to be."""

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from rapidfuzz.distance import DamerauLevenshtein

from catalog.ids import MerchantId

SHORT = 4
"""Words up to this length are too short to guess at."""
MIDDLE = 7
"""Up to this length one slip is forgiven, beyond it two."""
SIMILAR = """
SELECT t.asked, w.word, w.products FROM unnest(%(words)s::text[]) AS t(asked)
CROSS JOIN LATERAL (SELECT word, products FROM catalog_word
  WHERE merchant_id = %(merchant)s AND word %% t.asked
  ORDER BY similarity(word, t.asked) DESC, products DESC LIMIT 12) AS w
"""


def _count_slips_allowed(word: str) -> int:
    if len(word) <= SHORT - 1 or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) <= MIDDLE else 2


def choose_correction(asked: str, candidates: list[tuple[str, int]]) -> str | None:
    """The shop's word that was most likely meant: the fewest slips, then the same first letter, then the commonest."""
    allowed = _count_slips_allowed(asked)
    ranked = sorted(
        (DamerauLevenshtein.distance(asked, word), word[0] != asked[0], -products, word)
        for word, products in candidates
    )
    return next((word for slips, _, _, word in ranked if 0 < slips <= allowed), None)


async def find_corrections(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, words: tuple[str, ...]
) -> dict[str, str]:
    """Each word that has one with the shop's word it was most likely meant to be."""
    guessed = [word for word in words if _count_slips_allowed(word)]
    if not guessed:
        return {}
    candidates: dict[str, list[tuple[str, int]]] = {}
    async with connection.cursor() as cursor:
        await cursor.execute(SIMILAR, {"merchant": merchant, "words": guessed})
        for asked, word, products in await cursor.fetchall():
            candidates.setdefault(asked, []).append((word, products))
    chosen = {asked: choose_correction(asked, options) for asked, options in candidates.items()}
    return {asked: meant for asked, meant in chosen.items() if meant is not None}
