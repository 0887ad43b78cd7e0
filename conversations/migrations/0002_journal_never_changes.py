"""The database itself refuses to change an event that was recorded. Deleting stays possible, for purges."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION conversations_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'journal entry % of conversation % was recorded and is never changed: append an event',
        OLD.seq, OLD.conversation_id USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER journal_never_changes BEFORE UPDATE ON conversations_journalentry
    FOR EACH ROW EXECUTE FUNCTION conversations_refuse_change();
"""

ALLOW = """
DROP TRIGGER journal_never_changes ON conversations_journalentry;
DROP FUNCTION conversations_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]

    operations = [migrations.RunSQL(sql=REFUSE, reverse_sql=ALLOW)]
