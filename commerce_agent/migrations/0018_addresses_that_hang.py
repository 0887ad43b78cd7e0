from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce_agent', '0017_counted_from_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='listener',
            name='hangs',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='Rounds in a row that it did not answer in time.'),
        ),
        migrations.AddField(
            model_name='listener',
            name='held_until',
            field=models.DateTimeField(editable=False, help_text='Nothing is sent there before: it is being told, or it hung.', null=True),
        ),
    ]
