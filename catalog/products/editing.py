"""After words were changed by hand: what is derived from them, made anew."""

from django.db import transaction

from catalog.ids import MerchantId
from catalog.models import Variant
from catalog.products.colors import list_color_words
from catalog.products.indexing import refresh_search
from catalog.products.measures import find_measure
from catalog.products.sizes import list_material_words, list_size_words

DERIVED = ("colors", "sizes", "materials", "measures")


def refresh_product(*, merchant: MerchantId, product: int) -> None:
    """Makes the colours, sizes, materials, measures and search vectors of a product say what its words say now."""
    with transaction.atomic():
        variants = list(
            Variant.objects.select_for_update(of=("self",)).filter(merchant_id=merchant, product_id=product)
        )
        for variant in variants:
            variant.colors = list(list_color_words(variant.color))
            variant.sizes = list(list_size_words(variant.size))
            variant.materials = list(list_material_words(variant.material))
            measures = {name: find_measure(str(text)) for name, text in variant.attributes.items()}
            variant.measures = {name: number for name, number in measures.items() if number is not None}
        Variant.objects.bulk_update(variants, DERIVED)
        refresh_search(merchant=merchant, products=(product,))
