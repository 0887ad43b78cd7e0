"""Every table with a merchant's rows shows them to that merchant alone."""

from django.db import migrations

from commerce_agent.isolation.policies import expose, protect, protect_part

TABLES = (
    "agentsettings", "case", "conversationtraits", "identitykey", "membership", "modelspend", "spenttoken",
)
LOOKS = "commerce_agent_widgetlook"
PARTS = (
    ("commerce_agent_caseflag", "case_id", "commerce_agent_case", "conversation_id"),
    ("commerce_agent_casenote", "case_id", "commerce_agent_case", "conversation_id"),
    ("commerce_agent_casenote_mentions", "casenote_id", "commerce_agent_casenote", "id"),
)


class Migration(migrations.Migration):
    dependencies = [("commerce_agent", "0008_audit"), ("isolation", "0001_who_acts")]

    operations = [
        migrations.RunSQL(
            sql="".join(protect(f"commerce_agent_{table}") for table in TABLES)
            # How a widget looks, everyone sees who comes by.
            + protect(LOOKS, readable=True)
            + "".join(
                protect_part(table, column=column, whole=whole, key=key) for table, column, whole, key in PARTS
            ),
            reverse_sql=expose(
                [*(part[0] for part in reversed(PARTS)), LOOKS, *(f"commerce_agent_{table}" for table in TABLES)]
            ),
        )
    ]
