from typing import ClassVar

from django.db import models
from typing_extensions import override

from catalog.models.merchant import Merchant


class ConnectorKind(models.TextChoices):
    """What a merchant's system is asked for."""

    INVENTORY = "inventory", "Stock"
    PRICING = "pricing", "Prices"
    CATALOGUE = "catalogue", "Items"
    POLICIES = "policies", "Policies"
    PROMOTIONS = "promotions", "Promotions"
    ORDERS = "orders", "Orders"
    CUSTOMERS = "customers", "Customers"


class ConnectorLogin(models.TextChoices):
    """How a merchant's system knows who asks."""

    NONE = "none", "Nothing"
    BEARER = "bearer", "Bearer token"
    HEADER = "header", "A header of its own"
    BASIC = "basic", "User and password"


class Connector(models.Model):
    """A merchant's own system for one kind of question. Without one, the built-in store answers."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="connectors", db_index=False)
    kind = models.CharField(max_length=16, choices=ConnectorKind)
    name = models.SlugField(max_length=40, help_text="Stands as the source of its facts, such as erp.")
    active = models.BooleanField(default=True, help_text="Off: the built-in store answers instead.")
    url = models.CharField(
        "address",
        max_length=1000,
        help_text="With {sku}, {skus} (separated by commas) or {customer} where the question belongs.",
    )
    login = models.CharField(max_length=8, choices=ConnectorLogin, default=ConnectorLogin.NONE)
    login_name = models.CharField(
        max_length=100, blank=True, help_text="The header's name, or the user. Not needed for a bearer token."
    )
    sealed_secret = models.BinaryField(default=bytes, blank=True, editable=False)
    items = models.CharField(
        max_length=500,
        blank=True,
        help_text="JMESPath to the list of answers; empty: the answer is the list.",
    )
    fields = models.JSONField(
        default=dict, blank=True, help_text="Each field with its JMESPath in an answer."
    )
    desk_url = models.CharField(
        "address for orders",
        max_length=1000,
        blank=True,
        db_default="",
        help_text="For orders: an address with {call} that places and changes them, as the merchant API does."
        " Empty: the system only shows orders, and nothing can be ordered in the chat.",
    )
    timeout_ms = models.PositiveIntegerField("longest wait (ms)", default=1500)
    per_second = models.PositiveIntegerField("most calls a second", default=0, help_text="0: no limit.")
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Connector"]] = models.Manager()

    class Meta:
        ordering = ["merchant", "kind"]
        constraints = [models.UniqueConstraint(fields=["merchant", "kind"], name="one_connector_per_kind")]

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"


class BreakerState(models.TextChoices):
    """A breaker's states."""

    CLOSED = "closed", "Closed: asked as usual"
    OPEN = "open", "Open: left alone"
    HALF_OPEN = "half_open", "Half open: one call tries"


class BreakerChange(models.Model):
    """A breaker changed its state: the history of a connector's outages."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=ConnectorKind)
    state = models.CharField(max_length=16, choices=BreakerState)
    calls = models.PositiveIntegerField(default=0, help_text="In the window that decided it.")
    failures = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager["BreakerChange"]] = models.Manager()

    class Meta:
        verbose_name = "outage"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["merchant", "kind", "-at"], name="breaker_changes_of_kind")]

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"


class ConnectorCount(models.Model):
    """What happened to a connector on a day."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=ConnectorKind)
    day = models.DateField()
    calls = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField("refused answers", default=0)
    fallbacks = models.PositiveBigIntegerField("last known answers given", default=0)
    limited = models.PositiveBigIntegerField("asked too often", default=0)
    turned_away = models.PositiveBigIntegerField("not asked, breaker open", default=0)

    objects: ClassVar[models.Manager["ConnectorCount"]] = models.Manager()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "day"], name="one_count_per_connector_and_day"
            )
        ]

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.day}"
