"""The words of items and the orders carry versions that only rise, whoever writes them.

A version of words is drawn from one sequence: an item that moves to another product, or comes back under its SKU, has a
higher one than before. What an item is called stands in two rows, and in its brand's and its shelf's names, so whoever
changes its own row holds the product's too: in the order in which two changes are seen, their versions rise.
"""

from django.db import migrations, models

NUMBER = """
CREATE SEQUENCE catalog_words_version AS bigint START 2;

CREATE FUNCTION catalog_number_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'catalog_variant' AND TG_OP = 'UPDATE' THEN
        PERFORM FROM catalog_product WHERE id IN (NEW.product_id, OLD.product_id) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    NEW.words_version := nextval('catalog_words_version');
    RETURN NEW;
END
$$;
CREATE TRIGGER words_are_numbered BEFORE INSERT ON catalog_product
    FOR EACH ROW EXECUTE FUNCTION catalog_number_words();
CREATE TRIGGER words_are_numbered BEFORE INSERT ON catalog_variant
    FOR EACH ROW EXECUTE FUNCTION catalog_number_words();
CREATE TRIGGER words_are_numbered_anew BEFORE UPDATE ON catalog_product FOR EACH ROW
    WHEN ((OLD.words_version, OLD.group_key, OLD.title, OLD.description, OLD.brand_id, OLD.category_id, OLD.link)
        IS DISTINCT FROM
        (NEW.words_version, NEW.group_key, NEW.title, NEW.description, NEW.brand_id, NEW.category_id, NEW.link))
    EXECUTE FUNCTION catalog_number_words();
CREATE TRIGGER words_are_numbered_anew BEFORE UPDATE ON catalog_variant FOR EACH ROW
    WHEN ((OLD.words_version, OLD.product_id, OLD.sku, OLD.title, OLD.color, OLD.size, OLD.material, OLD.link,
        OLD.image_link, OLD.attributes)
        IS DISTINCT FROM
        (NEW.words_version, NEW.product_id, NEW.sku, NEW.title, NEW.color, NEW.size, NEW.material, NEW.link,
        NEW.image_link, NEW.attributes))
    EXECUTE FUNCTION catalog_number_words();

CREATE FUNCTION catalog_number_words_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'catalog_brand' THEN
        UPDATE catalog_product SET words_version = 0 WHERE brand_id = NEW.id;
    ELSE
        UPDATE catalog_product SET words_version = 0 WHERE category_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER words_are_named_anew AFTER UPDATE ON catalog_brand FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_number_words_named();
CREATE TRIGGER words_are_named_anew AFTER UPDATE ON catalog_category FOR EACH ROW
    WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION catalog_number_words_named();

CREATE FUNCTION catalog_number_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_is_numbered BEFORE UPDATE ON catalog_order
    FOR EACH ROW EXECUTE FUNCTION catalog_number_order();
"""

LEAVE = """
DROP TRIGGER order_is_numbered ON catalog_order;
DROP FUNCTION catalog_number_order();
DROP TRIGGER words_are_named_anew ON catalog_category;
DROP TRIGGER words_are_named_anew ON catalog_brand;
DROP FUNCTION catalog_number_words_named();
DROP TRIGGER words_are_numbered_anew ON catalog_variant;
DROP TRIGGER words_are_numbered_anew ON catalog_product;
DROP TRIGGER words_are_numbered ON catalog_variant;
DROP TRIGGER words_are_numbered ON catalog_product;
DROP FUNCTION catalog_number_words();
DROP SEQUENCE catalog_words_version;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0021_named_as_people_say")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="words_version",
                field=models.BigIntegerField(db_default=1, default=1, editable=False),
            )
            for model in ("product", "variant")
        ),
        migrations.AddField(
            model_name="order",
            name="version",
            field=models.BigIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.RunSQL(sql=NUMBER, reverse_sql=LEAVE),
    ]
