"""No key of an opening stands in the clear any more, not even one that a process from before the marks would write
while an upgrade is under way: it is refused, so that the same key never opens a second conversation.
"""

from django.db import migrations, models

from commerce_agent.isolation.acting import PLATFORM, SETTING

MARK = f"""
SELECT set_config('{SETTING}', '{PLATFORM}', true);
WITH clear AS (
  SELECT id, merchant_id, 'before:' || encode(sha256(convert_to(merchant_id::text || '/' || key, 'UTF8')), 'hex') AS mark
  FROM conversations_opening WHERE key NOT LIKE 'before:%' AND key NOT LIKE 'mark:%'
)
-- A key that opened a second conversation under an upgrade before this one answers with the first.
UPDATE conversations_opening o SET key = clear.mark || CASE WHEN EXISTS (
  SELECT FROM conversations_opening kept WHERE kept.merchant_id = clear.merchant_id AND kept.key = clear.mark
) THEN ':' || o.id ELSE '' END FROM clear WHERE o.id = clear.id;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0025_accesses_go_in_pieces")]

    operations = [
        migrations.RunSQL(sql=MARK, reverse_sql=migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(key__startswith="mark:") | models.Q(key__startswith="before:"),
                name="opening_key_is_a_mark",
            ),
        ),
    ]
