"""A message, a turn's start and its close as functions: each tells for whom it acts before it does anything else.

So they are one statement without a pipeline of two, and what they do in order is planned once a connection. They act
as whoever calls them, so the policies hold for them as for any statement.
"""

from django.db import migrations

from commerce_agent.isolation.policies import TELLS_ITSELF

ENTRIES = "places bigint[], turns_of bigint[], kinds text[], shape int, sealed bytea, starts int[], sizes int[]"
GIVEN = "places, turns_of, kinds, shape, sealed, starts, sizes"
TYPES = "bigint[], bigint[], text[], int, bytea, int[], int[]"

PUT_ENTRIES = f"""
CREATE FUNCTION conversations_put_entries(owner uuid, talk uuid, since bigint, instant timestamptz, {ENTRIES})
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO conversations_journalentry
        (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)
    SELECT owner, talk, since + entry.number, entry.place, entry.turn_of, entry.kind, shape, instant,
        substring(sealed FROM entry.start FOR entry.size)
    FROM unnest(places, turns_of, kinds, starts, sizes) WITH ORDINALITY
        AS entry (place, turn_of, kind, start, size, number);
END
$$;
"""

# Answers the token: a new one where the turn that answers the message is begun with it.
PUT_MESSAGE = f"""
CREATE FUNCTION conversations_put_message(
    acting text, talk uuid, since bigint, heads bigint, instant timestamptz, message text, begun bigint, step bigint,
    {ENTRIES}
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    token bigint;
BEGIN
    {TELLS_ITSELF}
    UPDATE conversations_conversation SET version = since + cardinality(kinds), frames = heads,
        fence = fence + step, turns = greatest(turns, begun),
        active_at = greatest(active_at, instant), waiting_since = coalesce(waiting_since, instant)
    WHERE id = talk AND version = since AND erased_at IS NULL AND NOT EXISTS
        (SELECT FROM conversations_message known WHERE known.conversation_id = talk AND known.cid = message)
    RETURNING merchant_id, fence INTO owner, token;
    IF FOUND THEN
        PERFORM conversations_put_entries(owner, talk, since, instant, {GIVEN});
        INSERT INTO conversations_message (merchant_id, conversation_id, cid, seq, frame)
        VALUES (owner, talk, message, since + 1, places[1]);
    END IF;
    RETURN token;
END
$$;
"""

# Answers the token. It is not waited for until it is on disk, unless the caller holds the row.
PUT_START = f"""
CREATE FUNCTION conversations_put_start(
    acting text, talk uuid, since bigint, heads bigint, instant timestamptz, begun bigint, step bigint,
    holds_row boolean, {ENTRIES}
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    token bigint;
BEGIN
    {TELLS_ITSELF}
    UPDATE conversations_conversation SET version = since + cardinality(kinds), frames = heads,
        fence = fence + step, turns = greatest(turns, begun)
    WHERE id = talk AND version = since AND erased_at IS NULL
        AND (holds_row OR lease_until IS NULL OR lease_until < clock_timestamp())
    RETURNING merchant_id, fence INTO owner, token;
    IF FOUND THEN
        IF NOT holds_row THEN
            PERFORM set_config('synchronous_commit', 'off', true);
        END IF;
        PERFORM conversations_put_entries(owner, talk, since, instant, {GIVEN});
    END IF;
    RETURN token;
END
$$;
"""

# Answers the next token where the turn was closed: that of whoever closed it is spent.
PUT_CLOSE = f"""
CREATE FUNCTION conversations_put_close(
    acting text, talk uuid, since bigint, heads bigint, instant timestamptz, begun bigint, token bigint,
    waiting timestamptz, decisions uuid[], decided bigint[], planners text[], ref_kinds text[], ref_keys text[],
    {ENTRIES}
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    spent bigint;
BEGIN
    {TELLS_ITSELF}
    UPDATE conversations_conversation SET version = since + cardinality(kinds), frames = heads,
        fence = fence + 1, turns = greatest(turns, begun), active_at = greatest(active_at, instant),
        waiting_since = waiting
    WHERE id = talk AND fence = token AND version = since AND erased_at IS NULL
    RETURNING merchant_id, fence INTO owner, spent;
    IF FOUND THEN
        PERFORM conversations_put_entries(owner, talk, since, instant, {GIVEN});
        INSERT INTO conversations_decisionrecord (id, merchant_id, conversation_id, seq, turn, planner, at)
        SELECT decision.made, owner, talk, decision.place, begun, decision.planned_by, instant
        FROM unnest(decisions, decided, planners) AS decision (made, place, planned_by);
        INSERT INTO conversations_shownentity (merchant_id, conversation_id, kind, key, shown_at)
        SELECT owner, talk, ref.of_kind, ref.named, instant
        FROM unnest(ref_kinds, ref_keys) AS ref (of_kind, named)
        ON CONFLICT (conversation_id, kind, key) DO UPDATE SET shown_at = excluded.shown_at;
    END IF;
    RETURN spent;
END
$$;
"""

BEFORE = "uuid, bigint, bigint, timestamptz"
FORGET = f"""
DROP FUNCTION conversations_put_close(
    text, {BEFORE}, bigint, bigint, timestamptz, uuid[], bigint[], text[], text[], text[], {TYPES}
);
DROP FUNCTION conversations_put_start(text, {BEFORE}, bigint, bigint, boolean, {TYPES});
DROP FUNCTION conversations_put_message(text, {BEFORE}, text, bigint, bigint, {TYPES});
DROP FUNCTION conversations_put_entries(uuid, uuid, bigint, timestamptz, {TYPES});
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0019_shoppers_apart")]

    operations = [migrations.RunSQL(sql=PUT_ENTRIES + PUT_MESSAGE + PUT_START + PUT_CLOSE, reverse_sql=FORGET)]
