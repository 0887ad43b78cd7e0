"""Stock and price of one variant, as the console changes them: through the catalogue's own operations."""

from datetime import datetime

from django import forms
from djmoney.money import Money
from typing_extensions import override
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import StockLevel, Variant
from catalog.pricing import set_price
from commerce_agent.console.news import announce

SOURCE = "console"
PRICE_FIELDS = ("price", "sale_price")


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A variant's form that also holds how many there are."""

    quantity = forms.IntegerField(
        label="In stock",
        required=False,
        min_value=0,
        max_value=1_000_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Empty where the shop does not count this item.",
    )

    class Meta:
        model = Variant
        fields = ("price", "sale_price")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        level = find_stock(self.instance)
        self.fields["quantity"].initial = level.quantity if level else None

    @override
    def clean(self) -> dict[str, object]:
        """Refuses a sale that costs more than the item, or is in another currency."""
        said: dict[str, object] = super().clean() or {}
        price, sale = said.get("price"), said.get("sale_price")
        if isinstance(price, Money) and price.amount < 0:
            self.add_error("price", "A price is not negative.")
        if isinstance(price, Money) and isinstance(sale, Money):
            if sale.currency != price.currency:
                self.add_error(
                    "sale_price", f"The price is in {price.currency}; the sale price must be, too."
                )
            elif sale > price:
                self.add_error("sale_price", "A sale price above the price is no sale.")
        return said


def find_stock(variant: Variant) -> StockLevel | None:
    """The stock level of a variant, None where none was ever told."""
    if variant.pk is None:
        return None
    return StockLevel.objects.filter(variant=variant).first()


def record_offer(*, form: OfferForm, at: datetime) -> tuple[str, ...]:
    """Makes the price and the stock of the form true and tells the open conversations; says what it did.

    Only what the operator changed becomes a new version. Raises the catalogue's UnknownSku when the variant
    was removed meanwhile.
    """
    variant, changed = form.instance, set(form.changed_data)
    merchant, sku = MerchantId(str(variant.merchant_id)), Sku(variant.sku)
    told: list[str] = []
    if changed & set(PRICE_FIELDS):
        sale = form.cleaned_data.get("sale_price", variant.sale_price)
        price = form.cleaned_data["price"]
        announce(set_price(merchant=merchant, sku=sku, price=price, sale_price=sale, at=at, source=SOURCE))
        told.append(f"{sku} costs {sale or price}")
    if "quantity" in changed:
        quantity = form.cleaned_data["quantity"]
        announce(set_stock(merchant=merchant, sku=sku, quantity=quantity, at=at, source=SOURCE))
        told.append(f"{sku}: {'stock not counted' if quantity is None else f'{quantity} in stock'}")
    return tuple(told)
