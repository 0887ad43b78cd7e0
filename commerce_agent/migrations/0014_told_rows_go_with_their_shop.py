from django.db import migrations

# The catalogue removes a shop without knowing these tables, so that the database itself takes their rows along.
CASCADE = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT c.conname, c.conrelid::regclass AS held_by, c.confrelid::regclass AS whole, a.attname
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f'
      AND c.conrelid IN ('commerce_agent_listener'::regclass, 'commerce_agent_sending'::regclass)
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.held_by, found.conname);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (id) ON DELETE CASCADE'
      ' DEFERRABLE INITIALLY DEFERRED', found.held_by, found.conname, found.attname, found.whole);
  END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("commerce_agent", "0013_told_outside")]

    operations = [migrations.RunSQL(CASCADE, migrations.RunSQL.noop)]
