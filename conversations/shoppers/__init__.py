"""What is remembered of a shopper across conversations: how it is kept, what gives way to what, who may use it."""

from conversations.shoppers.profile import (
    EMPTY,
    Consent,
    Kept,
    Kind,
    Overruled,
    Profile,
    Source,
    consent,
    correct,
    drop_expired,
    find_kept,
    forget,
    list_usable,
    may_keep,
    remember,
    take_down,
)

__all__ = [
    "EMPTY",
    "Consent",
    "Kept",
    "Kind",
    "Overruled",
    "Profile",
    "Source",
    "consent",
    "correct",
    "drop_expired",
    "find_kept",
    "forget",
    "list_usable",
    "may_keep",
    "remember",
    "take_down",
]
