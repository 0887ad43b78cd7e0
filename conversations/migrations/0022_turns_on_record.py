"""That a turn is given what is known of its shopper is on record in the commit that begins the turn, so before anything
of it is read, in every way in which a turn begins.

The head of the shop's chain is locked last, and for the length of that one commit. What these functions take is as
before, since both are called while an upgrade is under way; migration 0020 has what they were.
"""

from django.db import migrations

from commerce_agent.isolation.policies import TELLS_ITSELF

ENTRIES = "places bigint[], turns_of bigint[], kinds text[], shape int, sealed bytea, starts int[], sizes int[]"
GIVEN = "places, turns_of, kinds, shape, sealed, starts, sizes"
FIELDS = "contact,key,name,preferences,tier"
"""What a turn is given of its shopper without asking; whatever else it reads it puts on record as it asks for it."""

RECORD_TURN = f"""
CREATE OR REPLACE FUNCTION conversations_record_turn(owner uuid, talk uuid, whom uuid, begun bigint, instant timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM conversations_record_access(owner, instant, 'agent', '', 'shopper.read', 'shopper:' || whom,
        'turn ' || begun || ' of ' || talk, '{{"fields":"{FIELDS}"}}');
END
$$;
"""

PUT_MESSAGE = f"""
CREATE OR REPLACE FUNCTION conversations_put_message(
    acting text, talk uuid, since bigint, heads bigint, instant timestamptz, message text, begun bigint, step bigint,
    {ENTRIES}
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    token bigint;
    whom uuid;
BEGIN
    {TELLS_ITSELF}
    UPDATE conversations_conversation SET version = since + cardinality(kinds), frames = heads,
        fence = fence + step, turns = greatest(turns, begun),
        active_at = greatest(active_at, instant), waiting_since = coalesce(waiting_since, instant)
    WHERE id = talk AND version = since AND erased_at IS NULL AND NOT EXISTS
        (SELECT FROM conversations_message known WHERE known.conversation_id = talk AND known.cid = message)
    RETURNING merchant_id, fence, shopper_id INTO owner, token, whom;
    IF FOUND THEN
        PERFORM conversations_put_entries(owner, talk, since, instant, {GIVEN});
        INSERT INTO conversations_message (merchant_id, conversation_id, cid, seq, frame)
        VALUES (owner, talk, message, since + 1, places[1]);
        IF begun > 0 AND whom IS NOT NULL THEN
            PERFORM conversations_record_turn(owner, talk, whom, begun, instant);
        END IF;
    END IF;
    RETURN token;
END
$$;
"""

# A start that tells of an access is waited for until it is on disk, as one whose caller holds the row is.
PUT_START = f"""
CREATE OR REPLACE FUNCTION conversations_put_start(
    acting text, talk uuid, since bigint, heads bigint, instant timestamptz, begun bigint, step bigint,
    holds_row boolean, {ENTRIES}
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    token bigint;
    whom uuid;
BEGIN
    {TELLS_ITSELF}
    UPDATE conversations_conversation SET version = since + cardinality(kinds), frames = heads,
        fence = fence + step, turns = greatest(turns, begun)
    WHERE id = talk AND version = since AND erased_at IS NULL
        AND (holds_row OR lease_until IS NULL OR lease_until < clock_timestamp())
    RETURNING merchant_id, fence, shopper_id INTO owner, token, whom;
    IF FOUND THEN
        IF NOT holds_row AND whom IS NULL THEN
            PERFORM set_config('synchronous_commit', 'off', true);
        END IF;
        PERFORM conversations_put_entries(owner, talk, since, instant, {GIVEN});
        IF whom IS NOT NULL THEN
            PERFORM conversations_record_turn(owner, talk, whom, begun, instant);
        END IF;
    END IF;
    RETURN token;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0021_how_far_was_read")]

    operations = [
        # Nothing that was on record before is off it again: going back leaves these.
        migrations.RunSQL(sql=RECORD_TURN + PUT_MESSAGE + PUT_START, reverse_sql=migrations.RunSQL.noop),
    ]
