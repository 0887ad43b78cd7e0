"""The purge looks for erasures that were interrupted: an index of them alone, built beside whoever writes the record."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

ERASURES = (
    "shopper.erasing",
    "shopper.erased",
    "shopper.not_erased",
    "conversation.erasing",
    "conversation.erased",
    "conversation.not_erased",
)


class Migration(migrations.Migration):
    # An index that is built beside others is built outside of transactions.
    atomic = False

    dependencies = [("conversations", "0023_openings_by_mark")]

    operations = [
        # One whose building was interrupted stands there still, of no use, and keeps its name.
        migrations.RunSQL(
            sql="DROP INDEX CONCURRENTLY IF EXISTS access_of_erasures", reverse_sql=migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            model_name="accessrecord",
            index=models.Index(
                fields=["at"], name="access_of_erasures", condition=models.Q(("action__in", ERASURES))
            ),
        ),
    ]
