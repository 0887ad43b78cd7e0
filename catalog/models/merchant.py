import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from moneyed import CurrencyDoesNotExist, get_currency
from typing_extensions import override

ORIGIN = RegexValidator(
    r"^https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$",
    "An origin is a scheme, a host and perhaps a port: https://shop.example or http://localhost:3000.",
)
WEB_ADDRESS = RegexValidator(
    r"^(https?:/)?/[^\s/\\][^\s]*$",
    "A link starts with https://, http:// or, within the shop, with a single slash.",
)


def check_currency(code: str) -> None:
    """Refuses what is not an ISO 4217 currency code."""
    try:
        get_currency(code)
    except CurrencyDoesNotExist as error:
        message = f"{code!r} is not an ISO 4217 currency code such as USD or EUR."
        raise ValidationError(message) from error


class Merchant(models.Model):
    """A shop. Every other row belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(
        max_length=64, unique=True, help_text="Public: it stands in the embed snippet and in addresses."
    )
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="USD", validators=[check_currency])
    locale = models.CharField(max_length=16, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(max_length=2, default="US", help_text="ISO 3166 code of its home market.")
    shop_url = models.URLField(blank=True)
    active = models.BooleanField(default=True, help_text="Off: the widget stays empty.")
    ephemeral = models.BooleanField(
        default=False, editable=False, help_text="Made by a script for its own run and removed after it."
    )
    allowed_origins = ArrayField(
        models.CharField(max_length=255, validators=[ORIGIN]),
        default=list,
        blank=True,
        help_text="Sites that may embed the widget, such as https://shop.example.",
    )
    shipping_price = models.DecimalField(
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="For an order, in the shop's currency. Empty: orders are quoted without shipping.",
    )
    free_shipping_over = models.DecimalField(
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Goods from this total on, after promotions, ship free. Empty: never.",
    )
    tax_percent = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="On goods and shipping. Empty: no tax line.",
    )
    tax_included = models.BooleanField(
        default=True, db_default=True, help_text="Prices hold the tax already. Off: it is added to the order."
    )
    checkout_url = models.CharField(
        max_length=400,
        blank=True,
        db_default="",
        validators=[WEB_ADDRESS],
        help_text="Where an order is paid, such as https://shop.example/pay/{order}. Empty: nothing to pay here.",
    )
    books_within_hours = models.PositiveSmallIntegerField(
        default=24,
        db_default=24,
        validators=[MaxValueValidator(720)],
        help_text="How long your stock system may take to book an order made here. Until its number falls, or for so"
        " long, what was sold here comes off the numbers that it tells. 0: its numbers hold as they are.",
    )
    promotions_version = models.BigIntegerField(default=1, db_default=1, editable=False)
    tellers = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
        help_text="Of each kind of connector the number of the system that answers now; the database counts.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "shop"
        ordering = ["name"]

    @override
    def __str__(self) -> str:
        return self.name
