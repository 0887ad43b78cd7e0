"""The tables of the catalogue, one file a topic. Every row belongs to a merchant."""

from catalog.models.connector import (
    BreakerChange,
    BreakerState,
    Connector,
    ConnectorCount,
    ConnectorKind,
    ConnectorLogin,
)
from catalog.models.import_run import FeedDraft, ImportRun, ImportStatus
from catalog.models.inbox import Delivery, LatestWord, PollSource, ShopEvent, ShopEventStatus, WebhookKey
from catalog.models.merchant import Merchant
from catalog.models.order import (
    AddressKey,
    ChangeKind,
    Customer,
    Order,
    OrderAttempt,
    OrderChange,
    OrderLine,
    OrderStatus,
    Reservation,
    Unbooked,
)
from catalog.models.payment import Payment, PaymentKind, PaymentMeans
from catalog.models.product import Brand, Category, Product, ShopVocabulary, Synonym, Word
from catalog.models.terms import Policy, PolicyScope, Promotion, PromotionScope
from catalog.models.variant import Availability, RemovedItem, StockLevel, Variant

__all__ = [
    "AddressKey",
    "Availability",
    "Brand",
    "BreakerChange",
    "BreakerState",
    "Category",
    "ChangeKind",
    "Connector",
    "ConnectorCount",
    "ConnectorKind",
    "ConnectorLogin",
    "Customer",
    "Delivery",
    "FeedDraft",
    "ImportRun",
    "ImportStatus",
    "LatestWord",
    "Merchant",
    "Order",
    "OrderAttempt",
    "OrderChange",
    "OrderLine",
    "OrderStatus",
    "Payment",
    "PaymentKind",
    "PaymentMeans",
    "Policy",
    "PolicyScope",
    "PollSource",
    "Product",
    "Promotion",
    "PromotionScope",
    "RemovedItem",
    "Reservation",
    "ShopEvent",
    "ShopEventStatus",
    "ShopVocabulary",
    "StockLevel",
    "Synonym",
    "Unbooked",
    "Variant",
    "WebhookKey",
    "Word",
]
