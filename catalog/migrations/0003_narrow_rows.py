"""Long texts and attributes go out of line, so that a search reads prices and headings of thousands of rows cheaply."""

from django.db import migrations

NARROW = """
ALTER TABLE catalog_product SET (toast_tuple_target = 128);
ALTER TABLE catalog_variant SET (toast_tuple_target = 128);
"""
WIDE = """
ALTER TABLE catalog_product RESET (toast_tuple_target);
ALTER TABLE catalog_variant RESET (toast_tuple_target);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_links_within_the_shop")]
    operations = [migrations.RunSQL(NARROW, WIDE)]
