from django.db import migrations

# What the first page counts is counted from an index alone as long as the table's pages are known to be visible to
# everybody, which vacuuming says of them. By default a fifth of all rows changes before that, which for years of talk is months.
SOON = """
ALTER TABLE commerce_agent_conversationtraits SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01
);
ALTER TABLE commerce_agent_soughtinvain SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01
);
"""
AS_OTHERS = """
ALTER TABLE commerce_agent_conversationtraits RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor
);
ALTER TABLE commerce_agent_soughtinvain RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor
);
"""


class Migration(migrations.Migration):
    dependencies = [("commerce_agent", "0016_searches_without_words")]

    operations = [migrations.RunSQL(SOON, AS_OTHERS)]
