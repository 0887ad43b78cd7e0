"""While one shopper's talk is acted for, rows of the shop's other customers are not seen either."""

from django.db import migrations

from commerce_agent.isolation.policies import CUSTOMER, TALK, expose_within_shop, protect_within_talk

# An order of nobody known has no customer; so has one whose customer was erased.
OF_CUSTOMER = "{column} = " + CUSTOMER
OF_ORDER = "EXISTS (SELECT FROM catalog_order whole WHERE whole.id = order_id)"
TESTS = {
    "addresskey": f"owner = 'customer ' || {CUSTOMER} OR ({CUSTOMER} IS NULL AND owner LIKE 'order %')",
    "customer": OF_CUSTOMER.format(column="key"),
    "order": f"customer_key IS NOT DISTINCT FROM {CUSTOMER}",
    "orderattempt": f"origin = {TALK}::text",
    "orderchange": OF_ORDER,
    "orderline": OF_ORDER,
    "payment": OF_ORDER,
    "paymentmeans": OF_CUSTOMER.format(column="customer_key"),
}


class Migration(migrations.Migration):
    dependencies = [("catalog", "0015_merchants_apart"), ("isolation", "0002_one_talk")]

    operations = [
        migrations.RunSQL(
            sql="".join(protect_within_talk(f"catalog_{table}", test=test) for table, test in TESTS.items()),
            reverse_sql=expose_within_shop(f"catalog_{table}" for table in TESTS),
        )
    ]
