from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce_agent', '0018_addresses_that_hang'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversationtraits',
            name='journal',
            field=models.CharField(db_default='', default='', help_text='How many events were read, and the digest that their rows were chained to then.', max_length=100),
        ),
    ]
