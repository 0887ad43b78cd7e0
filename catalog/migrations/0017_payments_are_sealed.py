"""References of payments lie sealed under their customer's key, as addresses do, and go with it."""

from django.conf import settings
from django.db import migrations, models

from catalog.orders.addresses import make_wrapped_key, name_owner, open_key

AT_ONCE = 500


class Seals:
    """Those of the customers, each read or made once."""

    def __init__(self, kept):
        self._kept = kept
        self._seals = {}

    def seal(self, reference, *, merchant, customer, number=""):
        owner = name_owner(customer_key=customer, number=number)
        if (merchant, owner) not in self._seals:
            row = self._kept.objects.filter(merchant_id=merchant, owner=owner).first()
            if row is None:
                wrapped = make_wrapped_key(keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, owner=owner)
                row = self._kept.objects.create(merchant_id=merchant, owner=owner, wrapped=wrapped)
            self._seals[merchant, owner] = open_key(
                bytes(row.wrapped), keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, owner=owner
            )
        return self._seals[merchant, owner].seal_reference(reference)


def seal_payments(apps, schema_editor):
    """Raises NoSealingKey where there are references and no keys."""
    seals = Seals(apps.get_model("catalog", "AddressKey"))

    def seal_rows(model, field, rows, *, find_order=None):
        last = 0
        while batch := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
            for row in batch:
                order = find_order(row) if find_order else None
                customer = order.customer_key if order else row.customer_key
                whose = {"merchant": str(row.merchant_id), "customer": customer}
                sealed = seals.seal(getattr(row, field), **whose, number=order.number if order else "")
                setattr(row, field, sealed)
            model.objects.bulk_update(batch, [field])
            last = batch[-1].pk

    means, order = apps.get_model("catalog", "PaymentMeans"), apps.get_model("catalog", "Order")
    payment, change = apps.get_model("catalog", "Payment"), apps.get_model("catalog", "OrderChange")
    seal_rows(means, "reference", means.objects.exclude(reference=""))
    seal_rows(means, "label", means.objects.exclude(label=""))
    seal_rows(order, "payment_method", order.objects.exclude(payment_method=""), find_order=lambda row: row)
    paid = payment.objects.exclude(method="").select_related("order")
    seal_rows(payment, "method", paid, find_order=lambda row: row.order)
    for row in change.objects.filter(detail__has_key="method").select_related("order").iterator():
        if row.detail["method"]:
            whose = {"merchant": str(row.merchant_id), "customer": row.order.customer_key}
            row.detail["method"] = seals.seal(row.detail["method"], **whose, number=row.order.number)
            row.save(update_fields=["detail"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0016_customers_apart")]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="payment_method",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="The checkout's own reference, sealed; never a card number.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="method",
            field=models.CharField(
                blank=True, help_text="The reference of the means, sealed.", max_length=200
            ),
        ),
        migrations.AlterField(
            model_name="paymentmeans",
            name="reference",
            field=models.CharField(help_text="Sealed, alike each time.", max_length=200),
        ),
        migrations.AlterField(
            model_name="paymentmeans",
            name="label",
            field=models.CharField(
                blank=True, db_default="", help_text="Brand and last digits; sealed.", max_length=200
            ),
        ),
        migrations.RunPython(seal_payments),
    ]
