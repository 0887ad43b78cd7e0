"""A merchant comes and goes: made with its settings, removed with everything that belongs to it."""

from django.db import IntegrityError, connection, transaction

from catalog.errors import CatalogError
from catalog.ids import MerchantId
from catalog.models import Merchant

TABLES = (
    "catalog_payment",
    "catalog_paymentmeans",
    "catalog_orderchange",
    "catalog_shopevent",
    "catalog_delivery",
    "catalog_latestword",
    "catalog_webhookkey",
    "catalog_pollsource",
    "catalog_orderline",
    "catalog_order",
    "catalog_customer",
    "catalog_addresskey",
    "catalog_reservation",
    "catalog_unbooked",
    "catalog_orderattempt",
    "catalog_stocklevel",
    "catalog_variant",
    # What the two before leave behind.
    "catalog_removeditem",
    "catalog_product",
    "catalog_category",
    "catalog_brand",
    "catalog_word",
    "catalog_shopvocabulary",
    "catalog_synonym",
    "catalog_policy",
    "catalog_promotion",
    "catalog_importrun",
    "catalog_feeddraft",
    "catalog_connector",
    "catalog_breakerchange",
    "catalog_connectorcount",
)
"""Every table with a merchant's rows, children first."""


class MerchantExists(CatalogError):
    """Another merchant has this key; choose another one."""

    def __init__(self, *, key: str) -> None:
        super().__init__(
            f"There is a merchant with the key {key!r} already. Choose another key, or use that one."
        )
        self.key = key


class MerchantNotChosen(CatalogError):
    """Which merchant is meant cannot be told; name one of those listed."""

    def __init__(self, *, asked: str | None, keys: tuple[str, ...]) -> None:
        known = ", ".join(keys) or "none yet"
        problem = f"There is no merchant {asked!r}." if asked else "There is not exactly one merchant."
        super().__init__(
            f"{problem} Merchants: {known}. Name one with --merchant, or make one with --create."
        )
        self.asked = asked
        self.keys = keys


def create_merchant(
    *,
    key: str,
    name: str,
    currency: str = "USD",
    locale: str = "en",
    country: str = "US",
    shop_url: str = "",
    allowed_origins: tuple[str, ...] = (),
    ephemeral: bool = False,
) -> Merchant:
    """Makes a merchant. Raises MerchantExists when the key is taken, ValidationError when a setting is no good."""
    merchant = Merchant(
        key=key,
        name=name,
        currency=currency,
        locale=locale,
        country=country,
        shop_url=shop_url,
        allowed_origins=list(allowed_origins),
        ephemeral=ephemeral,
    )
    merchant.clean_fields()
    try:
        with transaction.atomic():
            merchant.save(force_insert=True)
    except IntegrityError as error:
        raise MerchantExists(key=key) from error
    return merchant


def get_merchant(*, key: str) -> Merchant:
    """The merchant with this key. Raises MerchantNotChosen."""
    try:
        return Merchant.objects.get(key=key)
    except Merchant.DoesNotExist as error:
        raise MerchantNotChosen(asked=key, keys=list_merchant_keys()) from error


def get_only_merchant() -> Merchant:
    """The merchant that stands to reason: the only one, or the demo shop. Raises MerchantNotChosen."""
    lasting = Merchant.objects.filter(ephemeral=False)
    chosen = list(lasting[:2])
    if len(chosen) == 1:
        return chosen[0]
    demo = lasting.filter(key="demo").first()
    if demo is None:
        raise MerchantNotChosen(asked=None, keys=list_merchant_keys())
    return demo


def list_merchant_keys() -> tuple[str, ...]:
    """Keys of the merchants that are there to stay."""
    return tuple(Merchant.objects.filter(ephemeral=False).order_by("key").values_list("key", flat=True))


def delete_merchant(*, merchant: MerchantId) -> None:
    """Removes a merchant with every row of it, in one transaction; nothing happens when it is not there."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE merchant_id = %s", [merchant])
        cursor.execute("DELETE FROM catalog_merchant WHERE id = %s", [merchant])
