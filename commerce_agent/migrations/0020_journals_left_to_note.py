"""The clock looks for journals that were indexed and never noted: an index of them alone, built beside whoever indexes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index that is built beside others is built outside of transactions.
    atomic = False

    dependencies = [('commerce_agent', '0019_journals_noted_when_read')]

    operations = [
        # One whose building was interrupted stands there still, of no use, and keeps its name.
        migrations.RunSQL(
            sql="DROP INDEX CONCURRENTLY IF EXISTS traits_unnoted", reverse_sql=migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            model_name='conversationtraits',
            index=models.Index(condition=models.Q(('journal', '')), fields=['conversation_id'], name='traits_unnoted'),
        ),
    ]
