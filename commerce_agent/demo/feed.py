"""The demo shop's range as a Google Merchant feed: it enters by the same door as any merchant's."""

import csv
from pathlib import Path

from commerce_agent.demo.content import DemoShop, RangeVariant

COLUMNS = (
    "id",
    "item_group_id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "quantity",
    "price",
    "sale_price",
    "brand",
    "color",
    "size",
    "material",
    "product_type",
    "product_detail",
    "rating",
    "rating_count",
)


def write_feed(*, shop: DemoShop, path: Path) -> int:
    """Writes the whole range to `path` as tab-separated values and answers the number of rows.

    Links are relative to the shop's own address, so that the shop may move to another port or host.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, dialect="excel-tab")
        rows.writerow(COLUMNS)
        rows.writerows(_get_row(variant=variant, currency=shop.sign.currency) for variant in shop.variants)
    return len(shop.variants)


def _get_row(*, variant: RangeVariant, currency: str) -> tuple[str, ...]:
    product = variant.product
    return (
        variant.sku,
        product.key,
        f"{product.brand} {product.name}",
        product.text.strip(),
        f"/shop/product/{product.key}/?sku={variant.sku}",
        f"/shop/image/{variant.sku}.svg",
        "in_stock" if variant.quantity else "out_of_stock",
        str(variant.quantity),
        f"{product.price:.2f} {currency}",
        f"{product.sale_price:.2f} {currency}" if product.sale_price else "",
        product.brand,
        variant.color,
        variant.size,
        product.material,
        variant.category,
        ",".join(f"Details:{name}:{value}" for name, value in variant.details.items()),
        str(product.rating),
        str(product.reviews),
    )
