from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from typing_extensions import override

from catalog.models.merchant import WEB_ADDRESS, Merchant


class Brand(models.Model):
    """A maker's name, as the shop writes it."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="brands", db_index=False)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="one_brand_per_name")]

    @override
    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """A shelf of the shop; `path` names it from the root: "Footwear > Running Shoes"."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="categories", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, related_name="children", null=True, blank=True)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220)
    path = models.CharField(max_length=750)

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(fields=["merchant", "path"], name="one_category_per_path")]
        indexes = [models.Index(fields=["merchant", "slug"], name="category_by_slug")]

    @override
    def __str__(self) -> str:
        return self.path


class Product(models.Model):
    """What is sold under one name, in one or more variants. `group_key` is the feed's `item_group_id`."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="products", db_index=False)
    group_key = models.CharField(max_length=100)
    title = models.CharField(max_length=400)
    description = models.TextField(blank=True)
    brand = models.ForeignKey(Brand, models.SET_NULL, related_name="products", null=True, blank=True)
    category = models.ForeignKey(Category, models.SET_NULL, related_name="products", null=True, blank=True)
    link = models.CharField(max_length=1000, blank=True, validators=[WEB_ADDRESS])
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    rating_count = models.PositiveIntegerField(default=0)
    kind = models.CharField(
        max_length=400,
        blank=True,
        db_default="",
        editable=False,
        help_text="The nouns that name the thing, from its title and shelf.",
    )
    search = SearchVectorField(null=True, editable=False)
    heading = SearchVectorField(
        null=True, editable=False, help_text="The short part of `search`, which ranking reads."
    )
    updated_at = models.DateTimeField(auto_now=True)
    words_version = models.BigIntegerField(default=1, db_default=1, editable=False)

    objects: ClassVar[models.Manager["Product"]] = models.Manager()

    class Meta:
        ordering = ["title", "group_key"]
        constraints = [models.UniqueConstraint(fields=["merchant", "group_key"], name="one_row_per_group")]
        indexes = [
            GinIndex(fields=["merchant", "search"], name="product_search"),
            GinIndex(
                fields=["merchant", "title"], opclasses=["uuid_ops", "gin_trgm_ops"], name="product_title"
            ),
            models.Index(fields=["merchant", "category"], name="product_by_category"),
        ]

    @override
    def __str__(self) -> str:
        return self.title


class Word(models.Model):
    """A word of the shop's own titles, brands and categories: what a misspelling is corrected to."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    word = models.CharField(max_length=100)
    products = models.PositiveIntegerField()
    kinds = models.PositiveIntegerField(default=0, help_text="Products that are called so, among them.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "word"], name="one_row_per_word")]
        indexes = [
            GinIndex(fields=["merchant", "word"], opclasses=["uuid_ops", "gin_trgm_ops"], name="word_similar")
        ]

    @override
    def __str__(self) -> str:
        return self.word


class ShopVocabulary(models.Model):
    """The shop's words in one piece, as the last indexing found them; `body` is the JSON of a Vocabulary."""

    merchant = models.OneToOneField(Merchant, models.CASCADE, primary_key=True, related_name="+")
    body = models.JSONField()
    refreshed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "shop vocabularies"

    @override
    def __str__(self) -> str:
        return f"Words of {self.merchant_id}"


class Synonym(models.Model):
    """Words that this shop's customers use for one another; a search for one finds them all."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="synonyms")
    words = ArrayField(models.CharField(max_length=100), help_text="For example: sneakers, trainers.")

    @override
    def __str__(self) -> str:
        return ", ".join(self.words)
