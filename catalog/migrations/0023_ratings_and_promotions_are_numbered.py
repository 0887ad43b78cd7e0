"""A rating is a word of its item; promotions, and a shop's list of them, carry versions that only rise.

A promotion's version is that of the list at its latest change. The list's stands in the shop's row, so that a promotion
that is taken out raises it too; whoever changes a promotion holds that row: in the order in which two changes are seen,
their versions rise.
"""

from django.db import migrations, models

NUMBER = """
DROP TRIGGER words_are_numbered_anew ON catalog_product;
CREATE TRIGGER words_are_numbered_anew BEFORE UPDATE ON catalog_product FOR EACH ROW
    WHEN ((OLD.words_version, OLD.group_key, OLD.title, OLD.description, OLD.brand_id, OLD.category_id, OLD.link,
        OLD.rating, OLD.rating_count)
        IS DISTINCT FROM
        (NEW.words_version, NEW.group_key, NEW.title, NEW.description, NEW.brand_id, NEW.category_id, NEW.link,
        NEW.rating, NEW.rating_count))
    EXECUTE FUNCTION catalog_number_words();

CREATE SEQUENCE catalog_promotions_version AS bigint START 2;

CREATE FUNCTION catalog_number_promotion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE catalog_merchant SET promotions_version = nextval('catalog_promotions_version') WHERE id = OLD.merchant_id;
        RETURN OLD;
    END IF;
    UPDATE catalog_merchant SET promotions_version = nextval('catalog_promotions_version') WHERE id = NEW.merchant_id
        RETURNING promotions_version INTO STRICT NEW.version;
    RETURN NEW;
END
$$;
CREATE TRIGGER promotion_is_numbered BEFORE INSERT OR DELETE ON catalog_promotion
    FOR EACH ROW EXECUTE FUNCTION catalog_number_promotion();
CREATE TRIGGER promotion_is_numbered_anew BEFORE UPDATE ON catalog_promotion FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION catalog_number_promotion();

CREATE FUNCTION catalog_keep_promotions_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.promotions_version := OLD.promotions_version;
    RETURN NEW;
END
$$;
-- Whoever saves a shop that was read long ago writes an old number back.
CREATE TRIGGER promotions_version_stays BEFORE UPDATE ON catalog_merchant FOR EACH ROW
    WHEN (NEW.promotions_version < OLD.promotions_version) EXECUTE FUNCTION catalog_keep_promotions_version();
"""

LEAVE = """
DROP TRIGGER promotions_version_stays ON catalog_merchant;
DROP FUNCTION catalog_keep_promotions_version();
DROP TRIGGER promotion_is_numbered_anew ON catalog_promotion;
DROP TRIGGER promotion_is_numbered ON catalog_promotion;
DROP FUNCTION catalog_number_promotion();
DROP SEQUENCE catalog_promotions_version;
DROP TRIGGER words_are_numbered_anew ON catalog_product;
CREATE TRIGGER words_are_numbered_anew BEFORE UPDATE ON catalog_product FOR EACH ROW
    WHEN ((OLD.words_version, OLD.group_key, OLD.title, OLD.description, OLD.brand_id, OLD.category_id, OLD.link)
        IS DISTINCT FROM
        (NEW.words_version, NEW.group_key, NEW.title, NEW.description, NEW.brand_id, NEW.category_id, NEW.link))
    EXECUTE FUNCTION catalog_number_words();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0022_words_and_orders_are_numbered")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name=name,
                field=models.BigIntegerField(db_default=1, default=1, editable=False),
            )
            for model, name in (("promotion", "version"), ("merchant", "promotions_version"))
        ),
        migrations.RunSQL(sql=NUMBER, reverse_sql=LEAVE),
    ]
