"""The storefront's search box: the catalogue's own text index, then similar spellings."""

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import F
from django.db.models.functions import Greatest

from catalog.models import Merchant, Product

MOST = 60
ALIKE = 0.45
"""From here on a title or a shelf is taken for a misspelling of the words."""


def find_products(*, merchant: Merchant, words: str) -> dict[int, str]:
    """Ids and keys of the products that the words find, best first; empty when nothing is like them."""
    if not words:
        return {}
    mine = Product.objects.filter(merchant=merchant)
    asked = SearchQuery(words, config="shop", search_type="websearch")
    found = (
        mine.filter(search=asked)
        .annotate(rank=SearchRank(F("search"), asked))
        .order_by("-rank", "-rating", "title")
    )
    rows = list(found.values_list("pk", "group_key")[:MOST])
    if not rows:
        similar = (
            mine.annotate(
                alike=Greatest(
                    TrigramWordSimilarity(words, "title"), TrigramWordSimilarity(words, "category__path")
                )
            )
            .filter(alike__gte=ALIKE)
            .order_by("-alike", "title")
        )
        rows = list(similar.values_list("pk", "group_key")[:MOST])
    return dict(rows)
