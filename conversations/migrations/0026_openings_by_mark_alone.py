"""No key of an opening stands in the clear any more, not even one that a process from before the marks would write
while an upgrade is under way: it is refused, so that the same key never opens a second conversation.
"""

from django.db import migrations, models

from commerce_agent.isolation.acting import PLATFORM, SETTING

MARK = f"""
SELECT set_config('{SETTING}', '{PLATFORM}', true);
UPDATE conversations_opening
SET key = 'before:' || encode(sha256(convert_to(merchant_id::text || '/' || key, 'UTF8')), 'hex')
WHERE key NOT LIKE 'before:%' AND key NOT LIKE 'mark:%';
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
