"""One sellable item: its stock and price, and what the feed says of it."""

from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import Variant
from catalog.products import refresh_product
from commerce_agent.console.base import IMPORT_A_FEED, ConsoleAdmin, MerchantFilter, display
from commerce_agent.console.filters import SaleFilter, StockFilter
from commerce_agent.console.news import announce, request_indexing
from commerce_agent.console.offers import SOURCE, OfferForm, find_stock, record_offer
from commerce_agent.console.pictures import show_picture, show_price, show_stock, show_titled

OWN_FIELDS = ("title", "color", "size", "material", "pattern", "gtin", "mpn", "link", "image_link")
SHOWN = (
    "large_picture",
    "sku",
    "product",
    "attributes_shown",
    "sale_period",
    "price_history",
    "stock_history",
)


class VariantForm(OfferForm):
    """Price, stock and the words of one variant."""

    class Meta:
        model = Variant
        fields = OWN_FIELDS


class VariantAdmin(ConsoleAdmin):
    """Stock and prices. A change is a new version, and the chats that show the item hear of it."""

    when_empty = "Import a feed, and what can be bought stands here, with stock and prices."
    next_step = IMPORT_A_FEED
    form = VariantForm
    list_display = ("titled", "sku", "color", "size", "price_shown", "stock_shown", "merchant")
    list_display_links = ("titled", "sku")
    list_filter = (MerchantFilter, StockFilter, SaleFilter)
    list_select_related = ("stock", "merchant")
    search_fields = ("sku", "title", "gtin", "mpn")
    search_help_text = "SKU, title, GTIN or model number"
    readonly_fields = SHOWN
    actions = ("mark_sold_out",)
    fieldsets = (
        ("Stock and price", {"fields": ("large_picture", "quantity", "amount", "sale_amount")}),
        ("What it is", {"fields": ("sku", "product", *OWN_FIELDS[:5], "attributes_shown")}),
        ("Numbers and links", {"fields": OWN_FIELDS[5:], "classes": ("collapse",)}),
        ("Where the figures come from", {"fields": ("price_history", "sale_period", "stock_history")}),
    )

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Variants come with the feed, so that the next import does not undo what was typed."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Variant | None = None) -> bool:
        """An import removes what the shop no longer sells; orders and chats may still name it."""
        return False

    @display(description="Variant", ordering="title")
    def titled(self, variant: Variant) -> SafeString:
        """The title beside a small picture."""
        return show_titled(address=variant.image_link, title=variant.title)

    @display(description="Picture")
    def large_picture(self, variant: Variant) -> SafeString:
        """A picture to recognise it by."""
        return show_picture(address=variant.image_link, size=160)

    @display(description="Price", ordering="price")
    def price_shown(self, variant: Variant) -> SafeString:
        """What it costs."""
        return show_price(variant)

    @display(description="Stock", ordering="stock__quantity")
    def stock_shown(self, variant: Variant) -> SafeString:
        """How many there are."""
        return show_stock(variant)

    @display(description="Attributes")
    def attributes_shown(self, variant: Variant) -> SafeString:
        """What the feed says of it, name by name."""
        if not variant.attributes:
            return format_html('<span class="ca-faint">{}</span>', "None in the feed")
        rows = format_html_join(
            "", "<div><dt>{}</dt><dd>{}</dd></div>", ((str(k), str(v)) for k, v in variant.attributes.items())
        )
        return format_html('<dl class="ca-pairs">{}</dl>', rows)

    @display(description="Price")
    def price_history(self, variant: Variant) -> str:
        """Which version of the price this is, from whom and from when."""
        when = f"{variant.price_observed_at:%d %b %Y, %H:%M} UTC"
        return f"Version {variant.price_version}, from {variant.price_source}, {when}"

    @display(description="Sale")
    def sale_period(self, variant: Variant) -> str:
        """When the sale price holds; one that is entered here holds until it is changed."""
        if variant.sale_price is None:
            return "Not reduced"
        begins = f"from {variant.sale_starts:%d %b %Y}" if variant.sale_starts else ""
        ends = f"until {variant.sale_ends:%d %b %Y}" if variant.sale_ends else ""
        return f"{begins} {ends}".strip().capitalize() or "Until it is changed"

    @display(description="Stock")
    def stock_history(self, variant: Variant) -> str:
        """Which version of the stock level this is, from whom and from when."""
        level = find_stock(variant)
        if level is None:
            return "Never told"
        return f"Version {level.version}, from {level.source}, {level.observed_at:%d %b %Y, %H:%M} UTC"

    @override
    def save_model(self, request: HttpRequest, obj: Variant, form: VariantForm, change: bool) -> None:
        """Stores words and links here; price and stock go through the catalogue, which numbers them."""
        words = [field for field in form.changed_data if field in OWN_FIELDS]
        if words:
            obj.save(update_fields=words)
            refresh_product(merchant=MerchantId(str(obj.merchant_id)), product=obj.product_id)
            request_indexing(merchant=MerchantId(str(obj.merchant_id)))
        try:
            told = record_offer(form=form, at=datetime.now(UTC))
        except CatalogError as error:
            messages.error(request, str(error))
            return
        if told:
            messages.success(request, f"{'; '.join(told)}. Open chats hear of it.")

    @override
    def save_related(
        self,
        request: HttpRequest,
        form: "ModelForm[Variant]",
        formsets: object,
        change: bool,
    ) -> None:
        """Stores nothing more: the form has no relations, and saving it again would undo the new price."""

    @admin.action(description="Mark as sold out", permissions=["change"])
    def mark_sold_out(self, request: HttpRequest, queryset: QuerySet[Variant]) -> None:
        """Sets the stock of the chosen variants to none."""
        now = datetime.now(UTC)
        for variant in queryset:
            merchant = MerchantId(str(variant.merchant_id))
            announce(set_stock(merchant=merchant, sku=Sku(variant.sku), quantity=0, at=now, source=SOURCE))
        messages.success(request, f"{queryset.count()} marked as sold out. Open chats hear of it.")
