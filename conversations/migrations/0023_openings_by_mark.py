"""What a merchant's system called the opening of a conversation stands in an index, and may name somebody: from now on
as a mark that is made with the merchant's own key. Those of before are turned into what only the same key again makes.
"""

from django.db import migrations

from commerce_agent.isolation.acting import PLATFORM, SETTING

MARK = f"""
SELECT set_config('{SETTING}', '{PLATFORM}', true);
UPDATE conversations_opening
SET key = 'before:' || encode(sha256(convert_to(merchant_id::text || '/' || key, 'UTF8')), 'hex')
WHERE key NOT LIKE 'before:%' AND key NOT LIKE 'mark:%';
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0022_turns_on_record")]

    operations = [migrations.RunSQL(sql=MARK, reverse_sql=migrations.RunSQL.noop)]
