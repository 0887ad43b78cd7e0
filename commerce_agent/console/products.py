"""Products with their variants, and the shelves and makers they stand under."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models import Count, Max, Min, Prefetch, QuerySet, Sum
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from djmoney.money import Money
from typing_extensions import override
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.errors import CatalogError
from catalog.ids import MerchantId
from catalog.models import Product, Variant
from catalog.products import refresh_product
from commerce_agent.console.base import (
    IMPORT_A_FEED,
    ConsoleAdmin,
    MerchantFilter,
    ReadOnlyAdmin,
    TabularInline,
    display,
)
from commerce_agent.console.filters import OnlyShown, StockFilter
from commerce_agent.console.news import request_indexing
from commerce_agent.console.offers import OfferForm, record_offer
from commerce_agent.console.pictures import show_badge, show_money, show_picture, show_titled

WORDS = ("title", "description", "brand", "category")
"""Fields that the search reads."""


class VariantInline(TabularInline):
    """The variants of a product: price and stock can be changed in the row."""

    model = Variant
    form = OfferForm
    fields = ("picture", "sku_link", "color", "size", "amount", "sale_amount", "quantity")
    readonly_fields = ("picture", "sku_link", "color", "size")
    can_delete = False
    verbose_name_plural = "Variants"
    hide_title = True

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """The variants with their stock."""
        found: QuerySet[Variant] = super().get_queryset(request).select_related("stock")
        return found

    @override
    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Variants come with the feed."""
        return False

    @display(description="")
    def picture(self, variant: Variant) -> SafeString:
        """A small picture."""
        return show_picture(address=variant.image_link)

    @display(description="SKU")
    def sku_link(self, variant: Variant) -> SafeString:
        """The SKU, leading to the variant's own page."""
        address = reverse("admin:catalog_variant_change", args=[variant.pk])
        return format_html('<a class="ca-link" href="{}">{}</a>', address, variant.sku)


class ProductAdmin(ConsoleAdmin):
    """What is sold. Words and links can be edited here; price and stock in the rows of the variants."""

    when_empty = "Import a feed, and its products stand here."
    next_step = IMPORT_A_FEED
    list_display = ("titled", "brand", "category", "prices", "stock", "variant_count", "merchant")
    list_display_links = ("titled",)
    list_filter = (MerchantFilter, StockFilter, ("category", OnlyShown), ("brand", OnlyShown))
    list_select_related = ("brand", "category", "merchant")
    search_fields = ("title", "group_key", "variants__sku", "brand__name")
    search_help_text = "Title, brand, SKU or group"
    fields = ("title", "description", "brand", "category", "link", "group_key", "ratings", "updated_at")
    readonly_fields = ("group_key", "ratings", "updated_at")
    autocomplete_fields = ("brand", "category")
    inlines = (VariantInline,)
    actions = None
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})}}

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """The products with what the list says of their variants."""
        variants = Variant.objects.only("product_id", "image_link").order_by("product_id", "position", "sku")
        found: QuerySet[Product] = super().get_queryset(request)
        return found.prefetch_related(Prefetch("variants", queryset=variants)).annotate(
            least=Min("variants__price"),
            most=Max("variants__price"),
            currency=Min("variants__price_currency"),
            left=Sum("variants__stock__quantity"),
            choices=Count("variants", distinct=True),
        )

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Products come with the feed, so that the next import does not undo what was typed."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """An import removes what the shop no longer sells; orders and chats may still name it."""
        return False

    @display(description="Product", ordering="title")
    def titled(self, product: Product) -> SafeString:
        """The title beside the first variant's picture."""
        addresses = [variant.image_link for variant in product.variants.all() if variant.image_link]
        return show_titled(address=addresses[0] if addresses else "", title=product.title)

    @display(description="Price", ordering="least")
    def prices(self, product: Any) -> str:  # noqa: ANN401 - a Product with its annotations
        """The price, or from the lowest to the highest."""
        if product.least is None:
            return ""
        least = show_money(Money(product.least, product.currency))
        if product.least == product.most:
            return least
        return f"{least} – {show_money(Money(product.most, product.currency))}"

    @display(description="Stock", ordering="left")
    def stock(self, product: Any) -> SafeString:  # noqa: ANN401 - a Product with its annotations
        """How many there are of all variants together."""
        if product.left is None:
            return show_badge(mood="unknown", words="Not counted")
        if product.left == 0:
            return show_badge(mood="none", words="Sold out")
        return show_badge(mood="good", words=f"{product.left} in stock")

    @display(description="Variants", ordering="choices")
    def variant_count(self, product: Any) -> int:  # noqa: ANN401 - a Product with its annotations
        """How many variants it comes in."""
        return int(product.choices)

    @display(description="Rating")
    def ratings(self, product: Product) -> str:
        """What customers gave it, as the feed says."""
        if product.rating is None:
            return "No ratings yet"
        return f"{product.rating} of 5, from {product.rating_count} ratings"

    @override
    def save_model(
        self, request: HttpRequest, obj: Product, form: "ModelForm[Product]", change: bool
    ) -> None:
        """Stores the words and has the search read them anew."""
        super().save_model(request, obj, form, change)
        if set(form.changed_data) & set(WORDS):
            refresh_product(merchant=MerchantId(str(obj.merchant_id)), product=obj.id)
            request_indexing(merchant=MerchantId(str(obj.merchant_id)))

    @override
    def save_formset(
        self,
        request: HttpRequest,
        form: "ModelForm[Product]",
        formset: "BaseModelFormSet[Variant, OfferForm]",
        change: bool,
    ) -> None:
        """Makes the prices and stock of the changed rows true, through the catalogue."""
        formset.new_objects, formset.deleted_objects = [], []
        formset.changed_objects = []
        for row in formset.forms:
            if not row.has_changed():
                continue
            try:
                told = record_offer(form=row, at=datetime.now(UTC))
            except CatalogError as error:
                messages.error(request, str(error))
                continue
            formset.changed_objects.append((row.instance, list(row.changed_data)))
            messages.success(request, f"{'; '.join(told)}. Open chats hear of it.")


class _GroupAdmin(ReadOnlyAdmin):
    """What products are grouped by, with how many there are, leading to them."""

    product_field = ""
    """The product's field that names the group."""

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The groups with the number of their products."""
        found: QuerySet[Any] = super().get_queryset(request).annotate(held=Count("products"))
        return found

    @display(description="Products", ordering="held")
    def products_shown(self, group: Any) -> SafeString:  # noqa: ANN401 - a group with its annotation
        """How many products it has, leading to them."""
        address = reverse("admin:catalog_product_changelist")
        return format_html(
            '<a class="ca-link" href="{}?{}__id__exact={}">{}</a>',
            address,
            self.product_field,
            group.pk,
            group.held,
        )


class CategoryAdmin(_GroupAdmin):
    """The shelves, as the feed names them."""

    when_empty = "Categories come with the products of a feed."
    next_step = IMPORT_A_FEED
    product_field = "category"
    list_display = ("path", "products_shown", "merchant")
    list_filter = (MerchantFilter,)
    search_fields = ("path",)
    fields = ("name", "path", "parent", "products_shown")
    readonly_fields = fields


class BrandAdmin(_GroupAdmin):
    """The makers, as the feed names them."""

    when_empty = "Brands come with the products of a feed."
    next_step = IMPORT_A_FEED
    product_field = "brand"
    list_display = ("name", "products_shown", "merchant")
    list_filter = (MerchantFilter,)
    search_fields = ("name",)
    fields = ("name", "products_shown")
    readonly_fields = fields


class SynonymAdmin(ConsoleAdmin):
    """Words that customers use for one another."""

    when_empty = "Say which words mean the same in your shop, and a search for one finds the other."
    list_display = ("__str__", "merchant")
    list_filter = (MerchantFilter,)
    search_fields = ("words",)
    fields = ("merchant", "words")
    autocomplete_fields = ("merchant",)
