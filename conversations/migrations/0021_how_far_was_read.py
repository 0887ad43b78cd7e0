from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0020_turns_at_once")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="conversation",
            name="read_frame",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Number of the newest visible event that the shopper has seen.",
            ),
        ),
    ]
