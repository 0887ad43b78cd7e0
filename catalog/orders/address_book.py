"""Addresses and payment references for whatever works with rows: pages, shops that are filled, keys that change."""

from catalog.connectors.sealing import find_version
from catalog.ids import MerchantId
from catalog.models import AddressKey, Customer, Order
from catalog.orders.addresses import (
    OWN_PLACE,
    REFERENCE_PLACE,
    AddressSeal,
    AddressUnreadable,
    Keys,
    make_wrapped_key,
    name_owner,
    name_place,
    open_key,
    rewrap_key,
)


class AddressBook:
    """Those of one merchant's customers. Each key is read once: a book is for one task, and then let go of."""

    def __init__(self, *, merchant: MerchantId, keys: Keys) -> None:
        self._merchant = merchant
        self._keys = keys
        self._seals: dict[str, AddressSeal] = {}

    def seal_own(self, address: str, *, customer_key: str) -> bytes:
        """A customer's own address, for its row. Raises NoSealingKey, SecretUnreadable."""
        owner = name_owner(customer_key=customer_key, number="")
        return self._get(owner).seal(address, place=OWN_PLACE) if address else b""

    def seal_for_order(self, address: str, *, customer_key: str | None, number: str) -> bytes:
        """Where an order goes, for its row. Raises NoSealingKey, SecretUnreadable."""
        owner = name_owner(customer_key=customer_key, number=number)
        return self._get(owner).seal(address, place=name_place(number)) if address else b""

    def seal_reference(self, reference: str, *, customer_key: str) -> str:
        """A reference of a customer's payment, or what it is called. Raises NoSealingKey, SecretUnreadable."""
        owner = name_owner(customer_key=customer_key, number="")
        return self._get(owner).seal_reference(reference) if reference else ""

    def open_reference(self, sealed: str, *, customer_key: str) -> str:
        """What was sealed so. Raises AddressUnreadable, SecretUnreadable."""
        seal = self._find(name_owner(customer_key=customer_key, number="")) if sealed else None
        if sealed and seal is None:
            raise AddressUnreadable(place=REFERENCE_PLACE)
        return seal.open_reference(sealed) if seal else ""

    def open_own(self, customer: Customer) -> str:
        """A customer's own address. Raises AddressUnreadable, SecretUnreadable."""
        owner = name_owner(customer_key=customer.key, number="")
        return self._open(bytes(customer.sealed_address), owner=owner, place=OWN_PLACE)

    def open_of_order(self, order: Order) -> str:
        """Where an order goes. Raises AddressUnreadable, SecretUnreadable."""
        owner = name_owner(customer_key=order.customer_key, number=order.number)
        return self._open(bytes(order.sealed_address), owner=owner, place=name_place(order.number))

    def _open(self, sealed: bytes, *, owner: str, place: str) -> str:
        if not sealed:
            return ""
        seal = self._find(owner)
        if seal is None:
            raise AddressUnreadable(place=place)
        return seal.open(sealed, place=place)

    def _get(self, owner: str) -> AddressSeal:
        found = self._find(owner)
        if found is None:
            wrapped = make_wrapped_key(keys=self._keys, merchant=self._merchant, owner=owner)
            row, _ = AddressKey.objects.get_or_create(
                merchant_id=self._merchant, owner=owner, defaults={"wrapped": wrapped}
            )
            found = self._keep(row)
        return found

    def _find(self, owner: str) -> AddressSeal | None:
        if owner in self._seals:
            return self._seals[owner]
        row = AddressKey.objects.filter(merchant_id=self._merchant, owner=owner).first()
        return None if row is None else self._keep(row)

    def _keep(self, row: AddressKey) -> AddressSeal:
        seal = open_key(bytes(row.wrapped), keys=self._keys, merchant=self._merchant, owner=row.owner)
        self._seals[row.owner] = seal
        return seal


def rewrap_address_keys(*, keys: Keys) -> int:
    """Wraps the keys of all addresses by the newest key; answers how many there were. Raises SecretUnreadable."""
    rewrapped = 0
    for row in AddressKey.objects.order_by("pk").iterator():
        if find_version(bytes(row.wrapped)) != max(keys):
            merchant = MerchantId(str(row.merchant_id))
            wrapped = rewrap_key(bytes(row.wrapped), keys=keys, merchant=merchant, owner=row.owner)
            rewrapped += AddressKey.objects.filter(pk=row.pk).update(wrapped=wrapped)
    return rewrapped
