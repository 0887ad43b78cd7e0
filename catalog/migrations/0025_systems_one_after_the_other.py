"""The systems that a shop has for one question, one after the other, are numbered: the later, the higher.

The number stands in the shop's row, by kind, since the store that answers when a system is gone has one too. A system
that is edited, switched or moved is another one; how long it is waited for, and how often it may be asked, says nothing
of that.

The systems that were there before have no number: what they said bears none, and would be of another system than they
are. The sequence outlives a way back, so that no number is given twice. What bears a number of before that then stands
in talks and on shelves, so whoever comes forward again gives every system of every shop a later one.
"""

from django.db import migrations, models

KINDS = "'inventory', 'pricing', 'catalogue', 'policies', 'promotions', 'orders', 'customers'"

NUMBER = f"""
CREATE SEQUENCE IF NOT EXISTS catalog_teller AS bigint START 1;

CREATE FUNCTION catalog_number_teller() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.active THEN
        UPDATE catalog_merchant SET tellers = tellers || jsonb_build_object(OLD.kind, nextval('catalog_teller'))
            WHERE id = OLD.merchant_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.active THEN
        UPDATE catalog_merchant SET tellers = tellers || jsonb_build_object(NEW.kind, nextval('catalog_teller'))
            WHERE id = NEW.merchant_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER teller_is_numbered AFTER INSERT OR DELETE ON catalog_connector
    FOR EACH ROW EXECUTE FUNCTION catalog_number_teller();
CREATE TRIGGER teller_is_numbered_anew AFTER UPDATE ON catalog_connector FOR EACH ROW
    WHEN ((OLD.merchant_id, OLD.kind, OLD.active, OLD.url, OLD.items, OLD.fields, OLD.version)
        IS DISTINCT FROM
        (NEW.merchant_id, NEW.kind, NEW.active, NEW.url, NEW.items, NEW.fields, NEW.version))
    EXECUTE FUNCTION catalog_number_teller();

CREATE FUNCTION catalog_keep_tellers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(
            jsonb_object_agg(kind, greatest((OLD.tellers ->> kind)::bigint, (NEW.tellers ->> kind)::bigint)), '{{}}')
        INTO NEW.tellers FROM jsonb_object_keys(OLD.tellers || NEW.tellers) AS kind;
    RETURN NEW;
END
$$;
-- Whoever saves a shop that was read long ago writes old numbers back.
CREATE TRIGGER tellers_stay BEFORE UPDATE ON catalog_merchant FOR EACH ROW
    WHEN (NEW.tellers IS DISTINCT FROM OLD.tellers) EXECUTE FUNCTION catalog_keep_tellers();

UPDATE catalog_merchant SET tellers = (
    SELECT jsonb_object_agg(kind, nextval('catalog_teller')) FROM unnest(ARRAY[{KINDS}]) AS kind)
    WHERE (SELECT is_called FROM catalog_teller);
"""

LEAVE = """
DROP TRIGGER tellers_stay ON catalog_merchant;
DROP FUNCTION catalog_keep_tellers();
DROP TRIGGER teller_is_numbered_anew ON catalog_connector;
DROP TRIGGER teller_is_numbered ON catalog_connector;
DROP FUNCTION catalog_number_teller();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0024_what_comes_back_is_later")]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="tellers",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                editable=False,
                help_text="Of each kind of connector the number of the system that answers now; the database counts.",
            ),
        ),
        migrations.AddField(
            model_name="stocklevel",
            name="heard_teller",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="Which of the shop's systems, one after the other, that is."
            ),
        ),
        migrations.RunSQL(sql=NUMBER, reverse_sql=LEAVE),
    ]
