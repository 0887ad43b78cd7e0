"""Every table with a merchant's rows shows them to that merchant alone."""

from django.db import migrations

from commerce_agent.isolation.policies import expose, protect

TABLES = (
    "addresskey", "brand", "breakerchange", "category", "connector", "connectorcount", "customer", "delivery", "feeddraft",
    "importrun", "latestword", "order", "orderattempt", "orderchange", "orderline", "payment", "paymentmeans", "policy",
    "pollsource", "product", "promotion", "reservation", "shopevent", "shopvocabulary", "stocklevel", "synonym", "unbooked",
    "variant", "webhookkey", "word",
)
MERCHANTS = "catalog_merchant"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_what_was_heard"), ("isolation", "0001_who_acts")]

    operations = [
        migrations.RunSQL(
            # A shop is found by its key before anybody is let in, and its name is on its door.
            sql=protect(MERCHANTS, column="id", readable=True)
            + "".join(protect(f"catalog_{table}") for table in TABLES),
            reverse_sql=expose([MERCHANTS, *(f"catalog_{table}" for table in TABLES)]),
        )
    ]
