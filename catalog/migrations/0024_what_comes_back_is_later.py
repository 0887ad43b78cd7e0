"""An item that comes back under its SKU counts its price and its stock on from where they were when it was taken out.

Whoever knew it before, a kept answer or a talk, would else take what is new for what is old.
"""

import django.db.models.deletion
from django.db import migrations, models

from commerce_agent.isolation.policies import expose, protect

COUNT_ON = """
CREATE FUNCTION catalog_remember_removed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE removed record;
BEGIN
    -- An item and its level may go in one statement, in either order: whoever goes first still sees the other.
    IF TG_TABLE_NAME = 'catalog_variant' THEN
        SELECT OLD.sku AS sku, OLD.price_version AS price, coalesce(max(s.version), 0) AS stock INTO removed
            FROM catalog_stocklevel s WHERE s.variant_id = OLD.id;
    ELSE
        SELECT v.sku AS sku, v.price_version AS price, OLD.version AS stock INTO removed
            FROM catalog_variant v WHERE v.id = OLD.variant_id;
    END IF;
    IF removed.sku IS NOT NULL THEN
        INSERT INTO catalog_removeditem AS r (merchant_id, sku, price_version, stock_version)
            VALUES (OLD.merchant_id, removed.sku, removed.price, removed.stock)
            ON CONFLICT (merchant_id, sku) DO UPDATE SET
                price_version = greatest(r.price_version, excluded.price_version),
                stock_version = greatest(r.stock_version, excluded.stock_version);
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER removed_is_remembered BEFORE DELETE ON catalog_variant
    FOR EACH ROW EXECUTE FUNCTION catalog_remember_removed();
CREATE TRIGGER removed_is_remembered BEFORE DELETE ON catalog_stocklevel
    FOR EACH ROW EXECUTE FUNCTION catalog_remember_removed();

CREATE FUNCTION catalog_count_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before integer;
BEGIN
    IF TG_TABLE_NAME = 'catalog_variant' THEN
        SELECT price_version INTO before FROM catalog_removeditem r
            WHERE r.merchant_id = NEW.merchant_id AND r.sku = NEW.sku;
        NEW.price_version := greatest(NEW.price_version, before + 1);
    ELSE
        SELECT r.stock_version INTO before FROM catalog_variant v
            JOIN catalog_removeditem r ON r.merchant_id = v.merchant_id AND r.sku = v.sku WHERE v.id = NEW.variant_id;
        NEW.version := greatest(NEW.version, before + 1);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER come_back_counts_on BEFORE INSERT ON catalog_variant
    FOR EACH ROW EXECUTE FUNCTION catalog_count_on();
CREATE TRIGGER come_back_counts_on BEFORE INSERT ON catalog_stocklevel
    FOR EACH ROW EXECUTE FUNCTION catalog_count_on();
"""

FORGET = """
DROP TRIGGER come_back_counts_on ON catalog_stocklevel;
DROP TRIGGER come_back_counts_on ON catalog_variant;
DROP FUNCTION catalog_count_on();
DROP TRIGGER removed_is_remembered ON catalog_stocklevel;
DROP TRIGGER removed_is_remembered ON catalog_variant;
DROP FUNCTION catalog_remember_removed();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0023_ratings_and_promotions_are_numbered")]

    operations = [
        migrations.CreateModel(
            name="RemovedItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.merchant",
                    ),
                ),
                ("sku", models.CharField(max_length=100)),
                ("price_version", models.PositiveIntegerField()),
                ("stock_version", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "sku"), name="one_removed_item_per_sku")
                ],
            },
        ),
        migrations.RunSQL(sql=protect("catalog_removeditem"), reverse_sql=expose(["catalog_removeditem"])),
        migrations.RunSQL(sql=COUNT_ON, reverse_sql=FORGET),
    ]
