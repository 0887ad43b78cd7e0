from django.db import migrations

# The catalogue removes a shop without knowing these tables, so that the database itself takes their rows along.
CASCADE = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT conname, conrelid::regclass AS kept FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'catalog_merchant'::regclass
      AND conrelid IN ('commerce_agent_agentsettings'::regclass, 'commerce_agent_modelspend'::regclass)
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.kept, found.conname);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (merchant_id) REFERENCES catalog_merchant (id)'
      ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED', found.kept, found.conname);
  END LOOP;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ("commerce_agent", "0002_agent_settings"),
        ("catalog", "0009_outages"),
    ]

    operations = [migrations.RunSQL(CASCADE, migrations.RunSQL.noop)]
