"""Accesses, chained by the database itself: it computes each digest, and refuses whatever is not an addition."""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION conversations_pack(VARIADIC parts text[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT convert_to(string_agg(octet_length(convert_to(part, 'UTF8')) || ':' || part, '' ORDER BY place), 'UTF8')
    FROM unnest(parts) WITH ORDINALITY AS listed (part, place)
$$;

CREATE FUNCTION conversations_record_access(
    chain uuid, instant timestamptz, who text, their_role text, what text, whom text, why text, more text
) RETURNS TABLE (seq bigint, digest bytea) LANGUAGE plpgsql AS $$
DECLARE
    head conversations_accesshead;
    next_seq bigint;
    next_digest bytea;
BEGIN
    -- The head's row lock orders the appends of one merchant; other merchants do not wait.
    SELECT * INTO head FROM conversations_accesshead kept WHERE kept.merchant_id = chain FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO conversations_accesshead (merchant_id, seq, digest, base_seq, base_digest)
            VALUES (chain, 0, decode(repeat('00', 32), 'hex'), 0, decode(repeat('00', 32), 'hex'))
            ON CONFLICT DO NOTHING;
        SELECT * INTO head FROM conversations_accesshead kept WHERE kept.merchant_id = chain FOR UPDATE;
    END IF;
    next_seq := head.seq + 1;
    next_digest := sha256(head.digest || conversations_pack(chain::text, next_seq::text,
        (extract(epoch FROM instant) * 1000000)::bigint::text, who, their_role, what, whom, why, more));
    INSERT INTO conversations_accessrecord
        (merchant_id, seq, at, actor, role, action, subject, purpose, detail, digest)
        VALUES (chain, next_seq, instant, who, their_role, what, whom, why, more, next_digest);
    UPDATE conversations_accesshead kept SET seq = next_seq, digest = next_digest WHERE kept.merchant_id = chain;
    RETURN QUERY SELECT next_seq, next_digest;
END
$$;

CREATE FUNCTION conversations_refuse_access_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('conversations.dropping_accesses', true) = 'on'
        AND OLD.at < now() - interval '12 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an access that was recorded is never changed: record another one'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER access_never_changes BEFORE UPDATE OR DELETE ON conversations_accessrecord
    FOR EACH ROW EXECUTE FUNCTION conversations_refuse_access_change();
CREATE TRIGGER access_never_truncated BEFORE TRUNCATE ON conversations_accessrecord
    FOR EACH STATEMENT EXECUTE FUNCTION conversations_refuse_access_change();

CREATE FUNCTION conversations_guard_access_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.merchant_id = OLD.merchant_id THEN
        IF NEW.seq = OLD.seq + 1 AND NEW.base_seq = OLD.base_seq AND NEW.base_digest = OLD.base_digest
            AND EXISTS (SELECT FROM conversations_accessrecord record WHERE record.merchant_id = NEW.merchant_id
                AND record.seq = NEW.seq AND record.digest = NEW.digest) THEN
            RETURN NEW;
        END IF;
        IF NEW.seq = OLD.seq AND NEW.digest = OLD.digest AND NEW.base_seq > OLD.base_seq
            AND current_setting('conversations.dropping_accesses', true) = 'on' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the head of a chain of accesses only goes where its records go'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER access_head_only_grows BEFORE UPDATE OR DELETE ON conversations_accesshead
    FOR EACH ROW EXECUTE FUNCTION conversations_guard_access_head();

CREATE FUNCTION conversations_drop_accesses(chain uuid, before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
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
    SELECT record.seq, record.digest INTO last_seq, last_digest FROM conversations_accessrecord record
        WHERE record.merchant_id = chain AND record.seq < coalesce(
            (SELECT min(kept.seq) FROM conversations_accessrecord kept
                WHERE kept.merchant_id = chain AND kept.at >= before),
            (SELECT ends.seq FROM conversations_accesshead ends WHERE ends.merchant_id = chain))
        ORDER BY record.seq DESC LIMIT 1;
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
REVOKE UPDATE, DELETE, TRUNCATE ON conversations_accessrecord FROM PUBLIC;
"""

UNGUARD = """
DROP FUNCTION conversations_drop_accesses(uuid, timestamptz);
DROP TRIGGER access_head_only_grows ON conversations_accesshead;
DROP FUNCTION conversations_guard_access_head();
DROP TRIGGER access_never_truncated ON conversations_accessrecord;
DROP TRIGGER access_never_changes ON conversations_accessrecord;
DROP FUNCTION conversations_refuse_access_change();
DROP FUNCTION conversations_record_access(uuid, timestamptz, text, text, text, text, text, text);
DROP FUNCTION conversations_pack(text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0008_sealed_shoppers")]

    operations = [
        migrations.CreateModel(
            name='AccessHead',
            fields=[
                ('merchant_id', models.UUIDField(primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField()),
                ('digest', models.BinaryField(max_length=32)),
                ('base_seq', models.BigIntegerField(default=0, help_text='The newest record that was let go.')),
                ('base_digest', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='AccessRecord',
            fields=[
                ('pk', models.CompositePrimaryKey('merchant_id', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('merchant_id', models.UUIDField(help_text="The nil id is the installation's own chain.")),
                ('seq', models.BigIntegerField(help_text='From 1, without a gap.')),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(help_text='Who: an operator, an API key, a job.', max_length=150)),
                ('role', models.CharField(blank=True, max_length=40)),
                ('action', models.CharField(help_text='What was done, as `conversation.viewed`.', max_length=60)),
                ('subject', models.CharField(blank=True, help_text='To what: an id that names nobody.', max_length=200)),
                ('purpose', models.CharField(blank=True, help_text='The reason that was given.', max_length=500)),
                ('detail', models.TextField(blank=True, help_text='JSON: what else matters; nothing personal.')),
                ('digest', models.BinaryField(max_length=32)),
            ],
            options={
                'ordering': ['merchant_id', '-seq'],
                'indexes': [models.Index(fields=['merchant_id', 'subject', '-seq'], name='access_by_subject')],
            },
        ),
        migrations.RunSQL(sql=GUARD, reverse_sql=UNGUARD),
    ]
