import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog.orders.addresses import OWN_PLACE, make_wrapped_key, name_owner, name_place, open_key

AT_ONCE = 500


def seal_addresses(apps, schema_editor):
    """Each address under a key of its customer's own. Raises NoSealingKey where there are addresses and no keys."""
    seals = {}

    def get_seal(merchant, owner):
        if (merchant, owner) not in seals:
            wrapped = make_wrapped_key(keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, owner=owner)
            apps.get_model("catalog", "AddressKey").objects.create(
                merchant_id=merchant, owner=owner, wrapped=wrapped
            )
            seals[merchant, owner] = open_key(
                wrapped, keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, owner=owner
            )
        return seals[merchant, owner]

    def seal_rows(model, *, customer, number, place):
        while rows := list(model.objects.exclude(address="").order_by("pk")[:AT_ONCE]):
            for row in rows:
                owner = name_owner(customer_key=getattr(row, customer), number=number(row))
                row.sealed_address = get_seal(str(row.merchant_id), owner).seal(row.address, place=place(row))
                row.address = ""
            model.objects.bulk_update(rows, ["sealed_address", "address"])

    seal_rows(
        apps.get_model("catalog", "Customer"), customer="key", number=lambda _: "", place=lambda _: OWN_PLACE
    )
    seal_rows(
        apps.get_model("catalog", "Order"),
        customer="customer_key",
        number=lambda row: row.number,
        place=lambda row: name_place(row.number),
    )


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0012_orders_through_one_door"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=220)),
                ("wrapped", models.BinaryField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.merchant",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="addresskey",
            constraint=models.UniqueConstraint(fields=("merchant", "owner"), name="one_address_key_per_owner"),
        ),
        migrations.AddField(
            model_name="customer",
            name="sealed_address",
            field=models.BinaryField(blank=True, db_default=b"", default=b""),
        ),
        migrations.AddField(
            model_name="order",
            name="sealed_address",
            field=models.BinaryField(
                blank=True,
                db_default=b"",
                default=b"",
                help_text="Where it goes, as the customer wrote it. Cleared on erasure.",
            ),
        ),
        migrations.RunPython(seal_addresses),
        migrations.RemoveField(model_name="customer", name="address"),
        migrations.RemoveField(model_name="order", name="address"),
        migrations.RunSQL("UPDATE catalog_orderchange SET detail = detail - 'address' WHERE detail ? 'address'"),
    ]
