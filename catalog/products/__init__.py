"""What is sold: searching it, reading it, and the shop's words."""

from catalog.products.colors import is_color
from catalog.products.discounts import is_within
from catalog.products.editing import refresh_product
from catalog.products.filters import FilterRefused
from catalog.products.indexing import index_products, refresh_search
from catalog.products.query import (
    Correction,
    Facet,
    Filter,
    Hit,
    NearMiss,
    PriceBand,
    SearchQuery,
    SearchResult,
    WordMatch,
)
from catalog.products.reading import (
    get_vocabulary,
    list_siblings,
    list_variants,
    list_versions,
)
from catalog.products.records import CategoryWords, VariantRecord, Version, Vocabulary
from catalog.products.search import search_products

__all__ = [
    "CategoryWords",
    "Correction",
    "Facet",
    "Filter",
    "FilterRefused",
    "Hit",
    "NearMiss",
    "PriceBand",
    "SearchQuery",
    "SearchResult",
    "VariantRecord",
    "Version",
    "Vocabulary",
    "WordMatch",
    "get_vocabulary",
    "index_products",
    "is_color",
    "is_within",
    "list_siblings",
    "list_variants",
    "list_versions",
    "refresh_product",
    "refresh_search",
    "search_products",
]
