"""While one shopper's talk is acted for, rows of the shop's other talks and shoppers are not seen either."""

from django.db import migrations

from commerce_agent.isolation.policies import (
    SHOPPER,
    TALK,
    expose_within_shop,
    protect,
    protect_within_talk,
)

OF_TALK, OF_SHOPPER = f"conversation_id = {TALK}", f"shopper_id = {SHOPPER}"
OF_EITHER = f"owner_id IN ({TALK}, {SHOPPER})"
# Whoever answers a shopper reads no record of who looked at what; adding one is done as the platform.
OF_NOBODY = "false"
TESTS = {
    "accesshead": OF_NOBODY,
    "accessrecord": OF_NOBODY,
    "conversation": f"id = {TALK} OR {OF_SHOPPER}",
    "datakey": OF_EITHER,
    "decisionrecord": OF_TALK,
    "handover": OF_TALK,
    "journalentry": OF_TALK,
    "legalhold": OF_EITHER,
    "message": OF_TALK,
    "opening": OF_TALK,
    "resumehandle": OF_TALK,
    "shopper": f"id = {SHOPPER}",
    "shopperindex": OF_SHOPPER,
    "shopperprofile": OF_SHOPPER,
    "shownentity": OF_TALK,
}
MERCHANTS_OWN = protect("%1$I")
WITHIN_TALK = protect_within_talk("%1$I", test=OF_TALK)
GUARD = """
CREATE OR REPLACE FUNCTION conversations_protect_partition(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($policy${policies}$policy$, name);
END
$$;
"""
EACH_PARTITION = """
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'conversations_journalentry'::regclass LOOP
        EXECUTE format($policy${policies}$policy$, part);
    END LOOP;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0018_lists_across_shops"), ("isolation", "0002_one_talk")]

    operations = [
        migrations.RunSQL(
            sql="".join(
                protect_within_talk(f"conversations_{table}", test=test) for table, test in TESTS.items()
            )
            + GUARD.format(policies=MERCHANTS_OWN + WITHIN_TALK)
            + EACH_PARTITION.format(policies=WITHIN_TALK),
            reverse_sql=EACH_PARTITION.format(policies=expose_within_shop(["%1$s"]))
            + GUARD.format(policies=MERCHANTS_OWN)
            + expose_within_shop(f"conversations_{table}" for table in TESTS),
        )
    ]
