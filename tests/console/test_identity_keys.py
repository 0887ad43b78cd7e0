"""Identity keys are shown once; a pasted key must be the public half."""

import re
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.identity.keys import IDENTITY_KEYS
from commerce_agent.models import IdentityKey

ADD = "admin:commerce_agent_identitykey_add"
LIST = "admin:commerce_agent_identitykey_changelist"


def make_shop() -> Merchant:
    return Merchant.objects.create(key=f"ik-{uuid.uuid4().hex[:12]}", name="Keys")


def test_a_secret_is_shown_once_sealed_replaced_and_ended(owner: Client) -> None:
    shop = make_shop()
    made = owner.post(reverse(ADD), {"merchant": str(shop.pk), "name": "Front"}).content.decode()

    (secret,) = re.findall(r"idsec_[-_A-Za-z0-9]+", made)
    key = IdentityKey.objects.get(merchant=shop)
    assert secret.encode() not in bytes(key.sealed_secret)
    IDENTITY_KEYS.reseal()
    key.refresh_from_db()
    assert (
        IDENTITY_KEYS.open_secret(bytes(key.sealed_secret), merchant=str(shop.pk), key_id=key.key_id)
        == secret
    )
    assert secret not in owner.get(reverse(LIST)).content.decode()

    chosen = {"_selected_action": [str(key.pk)]}
    replaced = owner.post(reverse(LIST), {"action": "replace", **chosen}).content.decode()
    assert re.search(r"idsec_[-_A-Za-z0-9]+", replaced)
    assert IdentityKey.objects.filter(merchant=shop).count() == 2
    third = owner.post(reverse(ADD), {"merchant": str(shop.pk), "name": "Third"}).content.decode()
    assert "Two keys of this shop are good already" in third

    owner.post(reverse(LIST), {"action": "end", **chosen})
    key.refresh_from_db()
    assert key.ends_at is not None


def test_only_the_public_half_of_a_pair_is_taken(owner: Client) -> None:
    shop, pair = make_shop(), Ed25519PrivateKey.generate()
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    for wrong in (private, "no key", "{}"):
        page = owner.post(reverse(ADD), {"merchant": str(shop.pk), "name": "Pair", "public_key": wrong})
        assert "This is no Ed25519 public key" in page.content.decode()
    assert not IdentityKey.objects.filter(merchant=shop).exists()

    page = owner.post(reverse(ADD), {"merchant": str(shop.pk), "name": "Pair", "public_key": public})
    assert "idsec_" not in page.content.decode()
    key = IdentityKey.objects.get(merchant=shop)
    assert (key.algorithm, bytes(key.sealed_secret)) == ("EdDSA", b"")
