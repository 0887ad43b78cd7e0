"""Promotions: a discount, for whom, for what and until when."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest
from django.utils.safestring import SafeString
from djmoney.money import Money
from typing_extensions import override

from catalog.events import PromotionChanged
from catalog.ids import MerchantId
from catalog.models import Promotion, PromotionScope
from commerce_agent.console.amounts import show_amounts, show_percents
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display
from commerce_agent.console.news import announce
from commerce_agent.console.pictures import show_badge, show_money


class PromotionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A promotion, refused where it would not mean anything."""

    class Meta:
        model = Promotion
        fields = (
            "merchant",
            "title",
            "code",
            "percent",
            "amount",
            "scope",
            "scope_value",
            "requires_tier",
            "min_total",
            "valid_from",
            "valid_until",
            "active",
        )
        labels = {
            "merchant": "Shop",
            "requires_tier": "Only for tier",
            "min_total": "Cart total at least",
            "percent": "Percent off",
            "amount": "Amount off",
            "scope": "Covers",
            "scope_value": "Which one",
        }
        help_texts = {
            "code": "What the shopper enters. Empty: it applies by itself.",
            "percent": "Give a percentage or an amount, not both.",
            "amount": "Off each unit; with a least cart total, off the whole order once.",
            "scope_value": "The category, brand or SKU. Empty for the whole store.",
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        if self.instance.merchant_id is not None:
            show_amounts(self, "amount", "min_total", currency=self.instance.merchant.currency)
        show_percents(self, "percent")

    def clean_code(self) -> str | None:
        """No code is None, so that several promotions may have none."""
        code = str(self.cleaned_data.get("code") or "").strip()
        return code or None

    @override
    def clean(self) -> dict[str, object]:
        """Refuses both discounts or neither, a missing scope and an end before the start."""
        said: dict[str, object] = super().clean() or {}
        if (said.get("percent") is None) == (said.get("amount") is None):
            self.add_error("percent", "Give either a percentage or an amount.")
        if said.get("scope") == PromotionScope.STORE:
            said["scope_value"] = ""
        elif not said.get("scope_value"):
            self.add_error("scope_value", "Say which category, brand or SKU it covers.")
        begins, ends = said.get("valid_from"), said.get("valid_until")
        if isinstance(begins, datetime) and isinstance(ends, datetime) and ends <= begins:
            self.add_error("valid_until", "It ends before it begins.")
        return said


class PromotionAdmin(ConsoleAdmin):
    """Discounts. Without a code, one applies by itself wherever its conditions hold."""

    when_empty = (
        "A promotion takes something off, with a code or by itself; the assistant tells of it where it holds."
    )
    form = PromotionForm
    list_display = ("title", "discount", "code_shown", "covers", "requires_tier", "standing", "merchant")
    list_filter = (MerchantFilter, "active", "scope")
    list_select_related = ("merchant",)
    search_fields = ("title", "code", "scope_value")
    autocomplete_fields = ("merchant",)
    actions = None
    fieldsets = (
        ("Discount", {"fields": ("merchant", "title", ("percent", "amount"), "code", "active")}),
        ("What it covers", {"fields": (("scope", "scope_value"),)}),
        ("Conditions", {"fields": (("requires_tier", "min_total"), "valid_from", "valid_until")}),
    )

    @display(description="Discount")
    def discount(self, promotion: Promotion) -> str:
        """What is taken off."""
        if promotion.percent is not None:
            return f"{promotion.percent.normalize():f} %"
        if promotion.amount is None:
            return ""
        amount = show_money(Money(promotion.amount, promotion.merchant.currency))
        return f"{amount} off the order" if promotion.min_total is not None else f"{amount} each"

    @display(description="Code", ordering="code")
    def code_shown(self, promotion: Promotion) -> str:
        """The code, or that none is needed."""
        return promotion.code or "Applies by itself"

    @display(description="Covers")
    def covers(self, promotion: Promotion) -> str:
        """What it holds for."""
        if promotion.scope == PromotionScope.STORE:
            return "The whole store"
        kind = promotion.get_scope_display().removeprefix("A ").removeprefix("One ")
        return f"{kind[0].upper()}{kind[1:]}: {promotion.scope_value}"

    @display(description="Standing")
    def standing(self, promotion: Promotion) -> SafeString:
        """Whether it holds now."""
        now = datetime.now(UTC)
        if not promotion.active:
            return show_badge(mood="unknown", words="Switched off")
        if promotion.valid_until and promotion.valid_until <= now:
            return show_badge(mood="none", words="Ended")
        if promotion.valid_from and promotion.valid_from > now:
            return show_badge(mood="low", words=f"From {promotion.valid_from:%d %b %Y}")
        return show_badge(mood="good", words="In force")

    @override
    def save_model(self, request: HttpRequest, obj: Promotion, form: PromotionForm, change: bool) -> None:
        """Stores it and tells the open conversations."""
        super().save_model(request, obj, form, change)
        self._announce(obj)

    @override
    def delete_model(self, request: HttpRequest, obj: Promotion) -> None:
        """Removes it and tells the open conversations."""
        super().delete_model(request, obj)
        self._announce(obj)

    def _announce(self, promotion: Promotion) -> None:
        merchant = MerchantId(str(promotion.merchant_id))
        at = datetime.now(UTC)
        announce(PromotionChanged(merchant=merchant, code=promotion.code, title=promotion.title, at=at))
