"""The tables of the state service. Every row belongs to a merchant; journal rows are only ever added."""

from conversations.models.access import AccessHead, AccessRecord
from conversations.models.conversation import Conversation, ResumeHandle, ShownEntity
from conversations.models.data_key import DataKey
from conversations.models.decision import DecisionRecord
from conversations.models.developer import ApiKey, Opening
from conversations.models.document import Document
from conversations.models.handover import Handover
from conversations.models.journal import JournalEntry, Message
from conversations.models.retention import LegalHold, RetentionPeriod
from conversations.models.shopper import Shopper, ShopperIndex, ShopperProfile

__all__ = [
    "AccessHead",
    "AccessRecord",
    "ApiKey",
    "Conversation",
    "DataKey",
    "DecisionRecord",
    "Document",
    "Handover",
    "JournalEntry",
    "LegalHold",
    "Message",
    "Opening",
    "ResumeHandle",
    "RetentionPeriod",
    "Shopper",
    "ShopperIndex",
    "ShopperProfile",
    "ShownEntity",
]
