"""Who looked at what shoppers said: a record that is only ever added to, and that shows when it was tampered with."""

from conversations.accesses.chain import INSTALLATION, Fault, Verified, verify_chain
from conversations.accesses.recording import (
    Access,
    Place,
    drop_accesses,
    list_chains,
    record_access,
    record_access_through,
    record_access_within,
    record_accesses_through,
)

__all__ = [
    "INSTALLATION",
    "Access",
    "Fault",
    "Place",
    "Verified",
    "drop_accesses",
    "list_chains",
    "record_access",
    "record_access_through",
    "record_access_within",
    "record_accesses_through",
    "verify_chain",
]
