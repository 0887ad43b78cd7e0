"""Of each word that was told it is kept which system told it: its versions are held against no other one's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0025_systems_one_after_the_other")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="sender",
                field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=40),
            )
            for model in ("delivery", "latestword")
        ),
        migrations.AddField(
            model_name="latestword",
            name="lead",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="By how much our own versions are ahead of the sender's."
            ),
        ),
    ]
