from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from typing_extensions import override

from catalog.models.merchant import WEB_ADDRESS, Merchant
from catalog.models.money import make_money_field
from catalog.models.product import Product


class Availability(models.TextChoices):
    """What the shop says of an item, apart from the number on the shelf."""

    IN_STOCK = "in_stock", "In stock"
    OUT_OF_STOCK = "out_of_stock", "Out of stock"
    PREORDER = "preorder", "Preorder"
    BACKORDER = "backorder", "Backorder"
    UNKNOWN = "unknown", "Unknown"


class Variant(models.Model):
    """One sellable item: a product in a colour and size, at a price."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="variants", db_index=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=400)
    color = models.CharField(max_length=200, blank=True)
    size = models.CharField(max_length=100, blank=True)
    material = models.CharField(max_length=300, blank=True)
    pattern = models.CharField(max_length=200, blank=True)
    colors = ArrayField(models.TextField(), default=list, blank=True, editable=False)
    sizes = ArrayField(models.TextField(), default=list, blank=True, editable=False)
    materials = ArrayField(models.TextField(), default=list, blank=True, editable=False)
    gtin = models.CharField(max_length=20, blank=True)
    mpn = models.CharField(max_length=400, blank=True)
    price = make_money_field()
    sale_price = make_money_field(null=True, blank=True, default=None)
    sale_starts = models.DateTimeField(null=True, blank=True)
    sale_ends = models.DateTimeField(null=True, blank=True)
    price_version = models.PositiveIntegerField(default=1, editable=False)
    price_observed_at = models.DateTimeField()
    price_source = models.CharField(max_length=40, default="feed")
    availability = models.CharField(max_length=16, choices=Availability, default=Availability.IN_STOCK)
    link = models.CharField(max_length=1000, blank=True, validators=[WEB_ADDRESS])
    image_link = models.CharField(max_length=1000, blank=True, validators=[WEB_ADDRESS])
    attributes = models.JSONField(default=dict, blank=True, help_text="Name to text.")
    measures = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Name to number, in base units.",
    )
    position = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=40, blank=True, editable=False, help_text="Of the feed's row.")
    words_version = models.BigIntegerField(default=1, db_default=1, editable=False)

    objects: ClassVar[models.Manager["Variant"]] = models.Manager()

    class Meta:
        ordering = ["product_id", "position", "sku"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="one_variant_per_sku"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="price_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["merchant", "price"], name="variant_by_price"),
            GinIndex(fields=["merchant", "colors"], name="variant_by_color"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.sku} {self.title}"


class StockLevel(models.Model):
    """How many of a variant there are. `quantity` is None where the shop did not say."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+")
    variant = models.OneToOneField(Variant, models.CASCADE, related_name="stock")
    quantity = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=40, default="feed")
    heard = models.CharField(
        max_length=160, blank=True, db_default="", help_text="Which system of the shop's own counts it."
    )
    heard_teller = models.BigIntegerField(
        default=0, db_default=0, help_text="Which of the shop's systems, one after the other, that is."
    )
    heard_version = models.BigIntegerField(default=0, db_default=0)
    heard_quantity = models.PositiveIntegerField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["StockLevel"]] = models.Manager()

    @override
    def __str__(self) -> str:
        return "unknown" if self.quantity is None else str(self.quantity)


class RemovedItem(models.Model):
    """How far the price and the stock of an item had been counted that was taken out; the database writes it."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    sku = models.CharField(max_length=100)
    price_version = models.PositiveIntegerField()
    stock_version = models.PositiveIntegerField()

    objects: ClassVar[models.Manager["RemovedItem"]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="one_removed_item_per_sku")]

    @override
    def __str__(self) -> str:
        return self.sku
