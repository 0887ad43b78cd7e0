"""What acts as the owner asks for whom it is asked: a month goes for all shops, a record only to one's own chain."""

from django.db import migrations

from commerce_agent.isolation.acting import PLATFORM, SETTING
from conversations.accesses.chain import INSTALLATION

COLUMNS = "merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body"
AS_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp"

DROP_MONTH = f"""
CREATE OR REPLACE FUNCTION conversations_drop_month(name text, OUT held bigint, OUT moved bigint)
LANGUAGE plpgsql {AS_OWNER} AS $$
BEGIN
    -- Whoever acts for some shops does not see what the others still use, and would drop it.
    IF NOT isolation_acts_for_all() THEN
        RAISE EXCEPTION 'months are dropped for all shops' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF name !~ '^conversations_journal_[0-9]{{4}}_[0-9]{{2}}$' THEN
        RAISE EXCEPTION '% is no month of the journal', name USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('ALTER TABLE conversations_journalentry DETACH PARTITION %I', name);
    EXECUTE format('SELECT count(*) FROM %I', name) INTO held;
    -- What is still in use goes on among the rest, which takes the months that have no partition.
    EXECUTE format('INSERT INTO conversations_journalentry ({COLUMNS})'
        ' SELECT {COLUMNS} FROM %I entry WHERE EXISTS (SELECT FROM conversations_conversation talk'
        ' WHERE talk.id = entry.conversation_id AND talk.erased_at IS NULL)', name);
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format('DROP TABLE %I', name);
END
$$;
"""
RECORD_ACCESS = f"""
CREATE OR REPLACE FUNCTION conversations_record_access(
    chain uuid, instant timestamptz, who text, their_role text, what text, whom text, why text, more text
) RETURNS TABLE (seq bigint, digest bytea) LANGUAGE plpgsql {AS_OWNER} AS $$
DECLARE
    acting text := coalesce(current_setting('{SETTING}', true), '');
BEGIN
    -- The installation's own chain is everybody's to add to: who looks over all shops acts for some of them.
    IF chain <> '{INSTALLATION}' AND NOT isolation_acts_for_all() AND chain <> ALL (isolation_merchants()) THEN
        RAISE EXCEPTION 'an access is recorded in a chain of one''s own' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('{SETTING}', '{PLATFORM}', true);
    RETURN QUERY SELECT * FROM conversations_append_access(chain, instant, who, their_role, what, whom, why, more);
    PERFORM set_config('{SETTING}', acting, true);
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0016_merchants_apart")]

    operations = [
        # Narrower is right whichever way one migrates, so going back leaves these.
        migrations.RunSQL(sql=DROP_MONTH + RECORD_ACCESS, reverse_sql=migrations.RunSQL.noop)
    ]
