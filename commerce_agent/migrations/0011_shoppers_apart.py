"""While one shopper's talk is acted for, what there is of the shop's other talks is not seen either."""

from django.db import migrations

from commerce_agent.isolation.policies import TALK, expose_within_shop, protect_within_talk

OF_CASE = "EXISTS (SELECT FROM commerce_agent_case whole WHERE whole.conversation_id = case_id)"
TESTS = {
    "case": f"conversation_id = {TALK}",
    "caseflag": OF_CASE,
    "casenote": OF_CASE,
    "casenote_mentions": "EXISTS (SELECT FROM commerce_agent_casenote whole WHERE whole.id = casenote_id)",
    "conversationtraits": f"conversation_id = {TALK}",
    "foundby": f"conversation_id = {TALK}",
}


class Migration(migrations.Migration):
    dependencies = [("commerce_agent", "0010_found_by_numbers"), ("isolation", "0002_one_talk")]

    operations = [
        migrations.RunSQL(
            sql="".join(
                protect_within_talk(f"commerce_agent_{table}", test=test) for table, test in TESTS.items()
            ),
            reverse_sql=expose_within_shop(f"commerce_agent_{table}" for table in TESTS),
        )
    ]
