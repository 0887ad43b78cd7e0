"""Every table with a merchant's rows shows them to that merchant alone, the journal's partitions too.

What only a table's owner may do (make a partition, drop one) is done by functions that act as the owner, so that the
role of run time need not be it.
"""

from django.db import migrations

from commerce_agent.isolation.acting import PLATFORM, SETTING
from commerce_agent.isolation.policies import expose, protect

TABLES = (
    "accesshead", "accessrecord", "apikey", "conversation", "datakey", "decisionrecord", "document", "handover", "journalentry",
    "legalhold", "message", "opening", "resumehandle", "retentionperiod", "shopper", "shopperindex", "shopperprofile",
    "shownentity",
)
COLUMNS = "merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body"
PARTITION_POLICY = protect("%1$I")
GIVEN = "(uuid, timestamptz, text, text, text, text, text, text)"
RECORD, APPEND = f"conversations_record_access{GIVEN}", f"conversations_append_access{GIVEN}"
DROP_ACCESSES = "conversations_drop_accesses(uuid, timestamptz)"
AS_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp"

PARTITIONS = f"""
CREATE FUNCTION conversations_protect_partition(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($policy${PARTITION_POLICY}$policy$, name);
END
$$;
SELECT conversations_protect_partition(inhrelid::regclass::text) FROM pg_inherits
    WHERE inhparent = 'conversations_journalentry'::regclass;

CREATE FUNCTION conversations_add_month(name text, starts uuid, ends uuid) RETURNS void
LANGUAGE plpgsql {AS_OWNER} AS $$
BEGIN
    IF name !~ '^conversations_journal_[0-9]{{4}}_[0-9]{{2}}$' THEN
        RAISE EXCEPTION '% is no month of the journal', name USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM conversations_make_partition(name, starts, ends);
    PERFORM conversations_protect_partition(name);
END
$$;

-- Answers how many events the month held, and how many of them go on among the rest, still in use.
CREATE FUNCTION conversations_drop_month(name text, OUT held bigint, OUT moved bigint)
LANGUAGE plpgsql {AS_OWNER} AS $$
BEGIN
    IF name !~ '^conversations_journal_[0-9]{{4}}_[0-9]{{2}}$' THEN
        RAISE EXCEPTION '% is no month of the journal', name USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('ALTER TABLE conversations_journalentry DETACH PARTITION %I', name);
    EXECUTE format('SELECT count(*) FROM %I', name) INTO held;
    -- What is still in use goes on among the rest, which takes the months that have no partition.
    EXECUTE format('INSERT INTO conversations_journalentry ({COLUMNS}) SELECT {COLUMNS} FROM %I entry'
        ' WHERE EXISTS (SELECT FROM conversations_conversation talk'
        ' WHERE talk.id = entry.conversation_id AND talk.erased_at IS NULL)', name);
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format('DROP TABLE %I', name);
END
$$;

-- Whoever looks goes on record, in the installation's own chain too, which no merchant sees. Adding is all that this
-- way allows, and it is the only way.
ALTER FUNCTION {RECORD} RENAME TO conversations_append_access;
CREATE FUNCTION conversations_record_access(
    chain uuid, instant timestamptz, who text, their_role text, what text, whom text, why text, more text
) RETURNS TABLE (seq bigint, digest bytea) LANGUAGE plpgsql {AS_OWNER} AS $$
DECLARE
    acting text := coalesce(current_setting('{SETTING}', true), '');
BEGIN
    PERFORM set_config('{SETTING}', '{PLATFORM}', true);
    RETURN QUERY SELECT * FROM conversations_append_access(chain, instant, who, their_role, what, whom, why, more);
    PERFORM set_config('{SETTING}', acting, true);
END
$$;
ALTER FUNCTION {DROP_ACCESSES} SECURITY DEFINER;
ALTER FUNCTION {DROP_ACCESSES} SET search_path = public, pg_temp;
"""

NO_PARTITIONS = f"""
ALTER FUNCTION {DROP_ACCESSES} SECURITY INVOKER;
ALTER FUNCTION {DROP_ACCESSES} RESET search_path;
DROP FUNCTION {RECORD};
ALTER FUNCTION {APPEND} RENAME TO conversations_record_access;
DROP FUNCTION conversations_drop_month(text);
DROP FUNCTION conversations_add_month(text, uuid, uuid);
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'conversations_journalentry'::regclass LOOP
        EXECUTE format($policy${expose(["%1$s"])}$policy$, part);
    END LOOP;
END
$$;
DROP FUNCTION conversations_protect_partition(text);
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0015_looked_up_no_more"), ("isolation", "0001_who_acts")]

    operations = [
        migrations.RunSQL(
            sql="".join(protect(f"conversations_{table}") for table in TABLES) + PARTITIONS,
            reverse_sql=NO_PARTITIONS + expose(f"conversations_{table}" for table in TABLES),
        )
    ]
