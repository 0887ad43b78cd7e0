"""Where orders go and what pays them, at rest: sealed under a key of each customer's own, which erasure destroys.

A sealed address is `nonce | ciphertext and tag`, bound to its merchant, its owner and its place: laid into another
order it does not open. A payment reference is sealed alike each time, so that two of one customer can be compared as
they lie. The key lies in `catalog_addresskey`, wrapped by the newest key of the installation.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.connectors.sealing import open_secret, seal_secret
from catalog.errors import CatalogError
from catalog.ids import MerchantId

Keys = Mapping[int, bytes]
"""The installation's keys by version."""
NO_KEYS: Keys = MappingProxyType({})
NONCE_BYTES = 12
KEY_BITS = 256
REFERENCE_PLACE = "payment reference"
OWN_PLACE = "customer"
"""Where a customer's own address lies; any other place is an order."""
FIND = "SELECT wrapped FROM catalog_addresskey WHERE merchant_id = %(merchant)s AND owner = %(owner)s"
# Whoever comes second waits for the first, and reads in a statement of its own what that one has kept.
KEEP = """
INSERT INTO catalog_addresskey (merchant_id, owner, wrapped) VALUES (%(merchant)s, %(owner)s, %(wrapped)s)
ON CONFLICT (merchant_id, owner) DO NOTHING
"""
CUSTOMER = (
    "SELECT sealed_address FROM catalog_customer WHERE merchant_id = %(merchant)s AND key = %(customer)s"
)


class AddressUnreadable(CatalogError):
    """An address or a payment reference does not open: it was changed, is another's, or its customer was erased."""

    def __init__(self, *, place: str) -> None:
        super().__init__(
            f"What is sealed for {place} does not open: it was changed, or laid there from elsewhere. Look for who"
            " writes in the shop's orders, and restore the row from a backup."
        )
        self.place = place


class NoSealingKey(CatalogError):
    """An address or a payment reference shall be kept and there is nothing to seal it with."""

    def __init__(self) -> None:
        super().__init__(
            "Addresses and payment references are kept sealed or not at all: set KEY_ENCRYPTION_KEYS."
        )


class AddressSeal:
    """Seals and opens the addresses and payment references of one owner."""

    def __init__(self, *, key: bytes, merchant: MerchantId, owner: str) -> None:
        self._cipher = AESGCM(key)
        self._same = AESSIV(hmac.digest(key, REFERENCE_PLACE.encode(), "sha512"))
        self._whose = (b"address", merchant.encode(), owner.encode())

    def seal(self, address: str, *, place: str) -> bytes:
        """The address, for this place alone; of none, none."""
        if not address:
            return b""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, address.encode(), self._bind(place))

    def open(self, sealed: bytes, *, place: str) -> str:
        """The address that was sealed for this place. Raises AddressUnreadable."""
        if not sealed:
            return ""
        try:
            return self._cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bind(place)
            ).decode()
        except (InvalidTag, ValueError) as error:
            raise AddressUnreadable(place=place) from error

    def seal_reference(self, reference: str) -> str:
        """A payment reference, or what it is called; the same each time, of none none."""
        if not reference:
            return ""
        sealed = self._same.encrypt(reference.encode(), [self._bind(REFERENCE_PLACE)])
        return urlsafe_b64encode(sealed).decode()

    def open_reference(self, sealed: str) -> str:
        """The payment reference that was sealed. Raises AddressUnreadable."""
        if not sealed:
            return ""
        try:
            return self._same.decrypt(urlsafe_b64decode(sealed), [self._bind(REFERENCE_PLACE)]).decode()
        except (InvalidTag, ValueError) as error:
            raise AddressUnreadable(place=REFERENCE_PLACE) from error

    def _bind(self, place: str) -> bytes:
        parts = (*self._whose, place.encode())
        return b"".join(len(part).to_bytes(4) + part for part in parts)


def name_owner(*, customer_key: str | None, number: str) -> str:
    """Whose key seals an order's address: its customer's, or the order's own where nobody is known."""
    return f"customer {customer_key}" if customer_key is not None else name_place(number)


def name_place(number: str) -> str:
    """The place of an order's address."""
    return f"order {number}"


def make_wrapped_key(*, keys: Keys, merchant: MerchantId, owner: str) -> bytes:
    """A fresh key of the owner's, as it is kept. Raises NoSealingKey."""
    if not keys:
        raise NoSealingKey
    fresh = AESGCM.generate_key(KEY_BITS).hex()
    return seal_secret(fresh, keys=keys, merchant=merchant, kind=_name_kind(owner))


def open_key(wrapped: bytes, *, keys: Keys, merchant: MerchantId, owner: str) -> AddressSeal:
    """The seal of a kept key. Raises SecretUnreadable."""
    key = open_secret(wrapped, keys=keys, merchant=merchant, kind=_name_kind(owner))
    return AddressSeal(key=bytes.fromhex(key), merchant=merchant, owner=owner)


def rewrap_key(wrapped: bytes, *, keys: Keys, merchant: MerchantId, owner: str) -> bytes:
    """The kept key, wrapped by the newest. Raises SecretUnreadable."""
    key = open_secret(wrapped, keys=keys, merchant=merchant, kind=_name_kind(owner))
    return seal_secret(key, keys=keys, merchant=merchant, kind=_name_kind(owner))


async def get_seal(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, owner: str, keys: Keys
) -> AddressSeal:
    """The owner's seal; its key is made with the first address. Raises NoSealingKey, SecretUnreadable."""
    found = await find_seal(connection, merchant=merchant, owner=owner, keys=keys)
    if found is None:
        wrapped = make_wrapped_key(keys=keys, merchant=merchant, owner=owner)
        await connection.execute(KEEP, {"merchant": merchant, "owner": owner, "wrapped": wrapped})
        found = await find_seal(connection, merchant=merchant, owner=owner, keys=keys)
    if found is None:
        raise AddressUnreadable(place=owner)
    return found


async def find_seal(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, owner: str, keys: Keys
) -> AddressSeal | None:
    """The owner's seal; None where no address was ever kept, or the owner was erased. Raises SecretUnreadable."""
    cursor = await connection.execute(FIND, {"merchant": merchant, "owner": owner})
    row = await cursor.fetchone()
    return None if row is None else open_key(bytes(row[0]), keys=keys, merchant=merchant, owner=owner)


async def find_customer_address(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, customer_key: str, keys: Keys
) -> str:
    """Where the customer's orders go unless another place is named; empty where that is not known."""
    cursor = await connection.execute(CUSTOMER, {"merchant": merchant, "customer": customer_key})
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return ""
    owner = name_owner(customer_key=customer_key, number="")
    seal = await find_seal(connection, merchant=merchant, owner=owner, keys=keys)
    if seal is None:
        raise AddressUnreadable(place=OWN_PLACE)
    return seal.open(bytes(row[0]), place=OWN_PLACE)


def _name_kind(owner: str) -> str:
    return f"address key of {owner}"
