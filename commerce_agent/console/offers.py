"""Stock and price of one variant, as the console changes them: through the catalogue's own operations."""

from datetime import datetime
from decimal import Decimal

from babel.numbers import get_currency_precision
from django import forms
from django.core.exceptions import ValidationError
from djmoney.money import Money
from typing_extensions import override
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget

from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import StockLevel, Variant
from catalog.pricing import set_price
from commerce_agent.console.news import announce

SOURCE = "console"
LARGEST_QUANTITY = 1_000_000_000


class AmountField(forms.DecimalField):
    """An amount in the shop's currency, which is said beside it and cannot be chosen."""

    places = 3

    def __init__(self, *, label: str, required: bool) -> None:
        super().__init__(
            label=label,
            required=required,
            min_value=Decimal(0),
            max_digits=14,
            widget=UnfoldAdminDecimalFieldWidget,
        )

    def show(self, money: Money | None, *, code: str) -> None:
        """Fills in an amount and names its currency."""
        self.places = get_currency_precision(code)
        step = Decimal(1).scaleb(-self.places)
        self.initial = None if money is None else money.amount.quantize(step)
        self.label = f"{self.label} in {code}"
        self.widget.attrs["step"] = str(step)

    @override
    def clean(self, value: object) -> Decimal | None:
        """The amount. Refuses parts of the smallest coin."""
        amount: Decimal | None = super().clean(value)
        if amount is not None and amount != round(amount, self.places):
            message = f"This currency has {self.places} decimals."
            raise ValidationError(message)
        return amount


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A variant's price and how many there are."""

    quantity = forms.IntegerField(
        label="In stock",
        required=False,
        min_value=0,
        max_value=LARGEST_QUANTITY,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Empty where the shop does not count this item.",
    )
    amount = AmountField(label="Price", required=True)
    sale_amount = AmountField(label="Sale price", required=False)

    class Meta:
        model = Variant
        fields = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        level = find_stock(self.instance)
        self.fields["quantity"].initial = level.quantity if level else None
        if self.instance.pk is not None:
            code = str(self.instance.price.currency)
            prices = {"amount": self.instance.price, "sale_amount": self.instance.sale_price}
            for name, money in prices.items():
                field = self.fields[name]
                if isinstance(field, AmountField):
                    field.show(money, code=code)
            for name in ("quantity", "amount", "sale_amount"):
                field = self.fields[name]
                # In a row of a table no label stands beside the field.
                field.widget.attrs["aria-label"] = f"{field.label}, {self.instance.sku}"

    @property
    def price(self) -> Money:
        """The price that was entered."""
        return Money(self.cleaned_data["amount"], self.instance.price.currency)

    @property
    def sale_price(self) -> Money | None:
        """The sale price that was entered, None where there is no sale."""
        amount = self.cleaned_data["sale_amount"]
        return None if amount is None else Money(amount, self.instance.price.currency)

    @override
    def clean(self) -> dict[str, object]:
        """Refuses a sale that costs more than the item."""
        said: dict[str, object] = super().clean() or {}
        price, sale = said.get("amount"), said.get("sale_amount")
        if isinstance(price, Decimal) and isinstance(sale, Decimal) and sale > price:
            self.add_error("sale_amount", "A sale price above the price is no sale.")
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
    if changed & {"amount", "sale_amount"}:
        price, sale = form.price, form.sale_price
        announce(set_price(merchant=merchant, sku=sku, price=price, sale_price=sale, at=at, source=SOURCE))
        told.append(f"{sku} costs {sale or price}")
    if "quantity" in changed:
        quantity = form.cleaned_data["quantity"]
        announce(set_stock(merchant=merchant, sku=sku, quantity=quantity, at=at, source=SOURCE))
        told.append(f"{sku}: {'stock not counted' if quantity is None else f'{quantity} in stock'}")
    return tuple(told)
