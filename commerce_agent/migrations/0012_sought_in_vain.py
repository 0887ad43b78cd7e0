from django.db import migrations, models

from commerce_agent.isolation.policies import TALK, expose, expose_within_shop, protect, protect_within_talk

TABLE = "commerce_agent_soughtinvain"
# The clock reads each again, for the words that found nothing in it: flag 4 of `counted`.
READ_AGAIN = "UPDATE commerce_agent_conversationtraits SET version = 0 WHERE counted & 4 > 0;"


class Migration(migrations.Migration):
    dependencies = [("commerce_agent", "0011_shoppers_apart")]

    operations = [
        migrations.CreateModel(
            name="SoughtInVain",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "term",
                        "merchant_id",
                        "conversation_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("term", models.BigIntegerField()),
                ("merchant_id", models.UUIDField()),
                ("conversation_id", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField(help_text="When they were last looked for there.")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at"], include=("merchant_id", "term"), name="vain_latest"),
                    models.Index(fields=["merchant_id", "at"], include=("term",), name="vain_latest_of_shop"),
                ],
            },
        ),
        migrations.RunSQL(
            protect(TABLE) + protect_within_talk(TABLE, test=f"conversation_id = {TALK}"),
            expose_within_shop([TABLE]) + expose([TABLE]),
        ),
        migrations.RunSQL(READ_AGAIN, migrations.RunSQL.noop),
    ]
