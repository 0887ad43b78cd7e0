"""A shop's settings: its money and language, the snippet that embeds the chat, and who may embed it."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from catalog.models import Merchant
from catalog.models.merchant import ORIGIN
from commerce_agent.console.amounts import show_amounts, show_percents
from commerce_agent.console.base import ConsoleAdmin, display
from commerce_agent.console.pictures import show_badge

ZONES = tuple((zone, zone.replace("_", " ")) for zone in sorted(available_timezones()))


def read_origin(written: str) -> str:
    """The origin of what was written, however it was pasted: a path and a capital letter are dropped.

    Raises ValidationError where it is no web address.
    """
    parts = urlsplit(written.strip())
    plain = f"{parts.scheme.lower()}://{parts.netloc.lower()}"
    if parts.username or parts.password or "*" in plain:
        message = f"{written!r} is not an origin. Write a scheme and a host, such as https://shop.example."
        raise ValidationError(message)
    try:
        ORIGIN(plain)
    except ValidationError as error:
        message = f"{written!r} is not an origin. Write a scheme and a host, such as https://shop.example."
        raise ValidationError(message) from error
    return plain


class OriginsField(forms.CharField):
    """Sites, one a line."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            required=False,
            label="Sites that may embed the chat",
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
            help_text="One a line, such as https://shop.example. A browser shows the chat on no other site.",
            **options,  # type: ignore[arg-type]  # Django's own options, handed on
        )

    @override
    def prepare_value(self, value: object) -> object:
        """The stored origins, one a line."""
        return "\n".join(value) if isinstance(value, list) else value

    @override
    def clean(self, value: object) -> list[str]:
        """The origins, each once. Raises ValidationError naming each line that is none."""
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        problems: list[ValidationError] = []
        origins: list[str] = []
        for line in lines:
            try:
                origins.append(read_origin(line))
            except ValidationError as error:
                problems.append(error)
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(origins))

    @override
    def has_changed(self, initial: object, data: object) -> bool:
        """Whether other sites are named than before."""
        try:
            return (initial or []) != self.clean(data)
        except ValidationError:
            return True


class MerchantForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A shop's settings."""

    allowed_origins = OriginsField()
    shop_url = forms.URLField(
        label="Address of the shop",
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text="Where cards lead whose feed names its pages and pictures without a host, as /p/teapot.",
    )
    timezone = forms.ChoiceField(
        label="Time zone", choices=ZONES, initial="UTC", widget=UnfoldAdminSelect2Widget
    )

    class Meta:
        model = Merchant
        fields = (
            "name",
            "key",
            "active",
            "currency",
            "locale",
            "timezone",
            "country",
            "shop_url",
            "allowed_origins",
            "shipping_price",
            "free_shipping_over",
            "tax_percent",
            "tax_included",
            "checkout_url",
            "books_within_hours",
        )
        labels = {
            "shipping_price": "Shipping of an order",
            "free_shipping_over": "Free shipping from",
            "tax_percent": "Tax, percent",
            "tax_included": "Prices include the tax",
            "checkout_url": "Checkout",
            "books_within_hours": "Orders are booked within, hours",
            "active": "Chat switched on",
            "locale": "Language",
        }
        help_texts = {
            "active": "Switched off, the chat stays empty on every site.",
            "locale": "Such as en, de or fr-CA.",
            "currency": "ISO 4217, such as USD or EUR.",
            "country": "ISO 3166, such as US or DE.",
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        show_amounts(self, "shipping_price", "free_shipping_over", currency=self.instance.currency)
        show_percents(self, "tax_percent")

    def clean_currency(self) -> str:
        """The code in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_country(self) -> str:
        """The code in capitals."""
        return str(self.cleaned_data["country"]).upper()


class MerchantAdmin(ConsoleAdmin):
    """Shops. One is switched off rather than deleted: its conversations and orders belong to it."""

    form = MerchantForm
    list_display = ("name", "key", "currency", "sites", "state")
    search_fields = ("name", "key")
    actions = None
    readonly_fields = ("preview",)
    change_form_outer_before_template = "admin/catalog/merchant/snippet.html"

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Merchant]:
        """The shops that are there to stay."""
        found: QuerySet[Merchant] = super().get_queryset(request)
        return found.filter(ephemeral=False)

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Merchant | None = None) -> Any:
        """The settings; for a shop that exists, first how to embed the chat."""
        shop = ("Shop", {"fields": ("name", "key", "active", "shop_url")})
        money = ("Money and language", {"fields": (("currency", "country"), ("locale", "timezone"))})
        charges = ("shipping_price", "free_shipping_over"), ("tax_percent", "tax_included"), "checkout_url"
        orders = ("Orders", {"fields": (*charges, "books_within_hours")})
        if obj is None:
            return (shop, money, orders, ("Embedding", {"fields": ("allowed_origins",)}))
        embedding = ("Where the chat is shown", {"fields": ("allowed_origins", "preview")})
        return (embedding, shop, money, orders)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Merchant | None = None) -> bool:
        """A shop is switched off; deleting it would take its journal with it."""
        return False

    @display(description="Sites")
    def sites(self, merchant: Merchant) -> str:
        """How many sites may embed the chat."""
        count = len(merchant.allowed_origins)
        return f"{count} site{'' if count == 1 else 's'}" if count else "None yet"

    @display(description="Chat")
    def state(self, merchant: Merchant) -> SafeString:
        """Whether the chat answers."""
        if merchant.active:
            return show_badge(mood="good", words="On")
        return show_badge(mood="none", words="Off")

    @display(description="Try it")
    def preview(self, merchant: Merchant) -> SafeString:
        """Leads to the chat by itself."""
        address = reverse("widget-frame", args=[merchant.key])
        return format_html(
            '<a class="ca-link" href="{}" target="_blank" rel="noopener">Open the chat by itself</a>', address
        )
