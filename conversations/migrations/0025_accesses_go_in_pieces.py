"""Old accesses go in pieces: a shop's chain stands still for one of them, and not for a year's worth."""

from django.db import migrations

AS_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp"
PIECE = 5_000
ANY_NUMBER = """
    SELECT record.seq, record.digest INTO last_seq, last_digest FROM conversations_accessrecord record
        WHERE record.merchant_id = chain AND record.seq < coalesce(
            (SELECT min(kept.seq) FROM conversations_accessrecord kept
                WHERE kept.merchant_id = chain AND kept.at >= before),
            (SELECT ends.seq FROM conversations_accesshead ends WHERE ends.merchant_id = chain))
        ORDER BY record.seq DESC LIMIT 1;
"""
SOME = f"""
    WITH beginning AS (
        SELECT record.seq, record.digest, record.at FROM conversations_accessrecord record
            WHERE record.merchant_id = chain ORDER BY record.seq LIMIT {PIECE})
    SELECT beginning.seq, beginning.digest INTO last_seq, last_digest FROM beginning
        WHERE beginning.seq < coalesce(
            (SELECT min(kept.seq) FROM beginning kept WHERE kept.at >= before),
            (SELECT ends.seq FROM conversations_accesshead ends WHERE ends.merchant_id = chain))
        ORDER BY beginning.seq DESC LIMIT 1;
"""


def drop(found: str) -> str:
    """The function, as it finds the last record that goes."""
    return f"""
CREATE OR REPLACE FUNCTION conversations_drop_accesses(chain uuid, before timestamptz) RETURNS bigint
LANGUAGE plpgsql {AS_OWNER} AS $$
DECLARE
    last_seq bigint;
    last_digest bytea;
    gone bigint;
BEGIN
    IF before > now() - interval '12 months' THEN
        RAISE EXCEPTION 'accesses are kept for twelve months at least' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM FROM conversations_accesshead kept WHERE kept.merchant_id = chain FOR UPDATE;
    -- The whole beginning goes, up to the first record that is to stay: what is left has no gap.
    {found}
    IF last_seq IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM set_config('conversations.dropping_accesses', 'on', true);
    DELETE FROM conversations_accessrecord record WHERE record.merchant_id = chain AND record.seq <= last_seq;
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE conversations_accesshead kept SET base_seq = last_seq, base_digest = last_digest
        WHERE kept.merchant_id = chain;
    PERFORM set_config('conversations.dropping_accesses', '', true);
    RETURN gone;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0024_erasures_found")]

    operations = [migrations.RunSQL(sql=drop(SOME), reverse_sql=drop(ANY_NUMBER))]
