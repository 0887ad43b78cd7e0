from django.db import migrations

# Words that were searched for, and orders, may name somebody, and outlive here what is erased of them.
LEAVE_OUT = """
UPDATE commerce_agent_savedview
   SET query = ltrim(regexp_replace(query, '(^|&)(q|order)=[^&]*', '', 'g'), '&')
 WHERE query ~ '(^|&)(q|order)=';
DELETE FROM commerce_agent_savedview WHERE query = '';
"""


class Migration(migrations.Migration):
    dependencies = [("commerce_agent", "0015_named_as_people_say")]

    operations = [migrations.RunSQL(LEAVE_OUT, migrations.RunSQL.noop)]
