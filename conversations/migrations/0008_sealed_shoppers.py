"""Who a shopper is, sealed: the customer key and the name under the shopper's data key, found by keyed hashes."""

import hashlib
import hmac
import json
import os
import unicodedata
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

FORMAT = b"\x01"


def bind(*parts):
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def bind_key(version, merchant, owner):
    return bind(FORMAT, b"data key", str(version).encode(), merchant.encode(), owner.encode())


def get_key(keys, DataKey, *, merchant, owner):
    """The number of the owner's data key and the key itself, made where there is none."""
    row = DataKey.objects.filter(merchant_id=merchant, owner_id=owner, destroyed_at__isnull=True).first()
    if row is not None:
        wrapped = bytes(row.wrapped)
        cipher = AESGCM(keys[row.kek_version])
        return row.pk, cipher.decrypt(
            wrapped[:12], wrapped[12:], bind_key(row.kek_version, str(merchant), str(owner))
        )
    version, key, nonce = max(keys), AESGCM.generate_key(bit_length=256), os.urandom(12)
    wrapped = nonce + AESGCM(keys[version]).encrypt(
        nonce, key, bind_key(version, str(merchant), str(owner))
    )
    row = DataKey.objects.create(
        merchant_id=merchant, owner_id=owner, kek_version=version, wrapped=wrapped, created_at=timezone.now()
    )
    return row.pk, key


def make_index(index_key, of, words):
    return hmac.new(index_key, of + b"\x00" + words.encode(), hashlib.sha256).hexdigest()


def seal(apps, schema_editor):
    Shopper, DataKey = (apps.get_model("conversations", name) for name in ("Shopper", "DataKey"))
    keys = settings.KEY_ENCRYPTION_KEYS
    for shopper in Shopper.objects.iterator(chunk_size=500):
        merchant, owner = str(shopper.merchant_id), str(shopper.pk)
        held = DataKey.objects.filter(merchant_id=shopper.merchant_id, owner_id=shopper.pk)
        if held.exists() and not held.filter(destroyed_at__isnull=True).exists():
            # Its key was destroyed when names were in the clear: what is left of it goes now. Who came back since
            # has another key, and is known by the same row.
            shopper.key_index, shopper.tier = str(uuid.uuid4()), ""
            shopper.save(update_fields=["key_index", "tier"])
            continue
        _, index_secret = get_key(keys, DataKey, merchant=shopper.merchant_id, owner=shopper.merchant_id)
        index_key = hmac.digest(index_secret, b"index of shoppers", "sha256")
        number, key = get_key(keys, DataKey, merchant=shopper.merchant_id, owner=shopper.pk)
        reader = bind(merchant.encode(), owner.encode(), b"")
        bound = bind(FORMAT, b"shopper", reader, (0).to_bytes(8, "big"))
        nonce = os.urandom(12)
        body = json.dumps({"key": shopper.key, "name": shopper.name}).encode()
        shopper.sealed = FORMAT + number.to_bytes(8, "big") + nonce + AESGCM(key).encrypt(nonce, body, bound)
        shopper.key_index = make_index(index_key, b"key", unicodedata.normalize("NFC", shopper.key))
        name = " ".join(unicodedata.normalize("NFKC", shopper.name).casefold().split())
        shopper.name_index = make_index(index_key, b"name", name) if name else ""
        shopper.save(update_fields=["sealed", "key_index", "name_index"])


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_journal_by_month")]

    operations = [
        migrations.AddField(
            "shopper",
            "sealed",
            models.BinaryField(
                default=b"", help_text="The customer key and the name, under the shopper's data key."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "shopper",
            "key_index",
            models.CharField(
                default="", max_length=64, help_text="Finds the row of a customer key; says nothing."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "shopper",
            "name_index",
            models.CharField(blank=True, default="", max_length=64, help_text="The same of the whole name."),
            preserve_default=False,
        ),
        migrations.RunPython(seal),
        migrations.RemoveConstraint("shopper", "shopper_once_a_merchant"),
        migrations.RemoveField("shopper", "key"),
        migrations.RemoveField("shopper", "name"),
        # A dropped column's values stay in the rows until these are written anew, which this makes PostgreSQL do.
        migrations.RunSQL(
            "ALTER TABLE conversations_shopper ALTER COLUMN tier TYPE varchar(32) USING tier || ''",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            "shopper",
            models.UniqueConstraint(fields=["merchant_id", "key_index"], name="shopper_once_a_merchant"),
        ),
        migrations.AddIndex(
            "shopper", models.Index(fields=["merchant_id", "name_index"], name="shopper_by_name")
        ),
    ]
