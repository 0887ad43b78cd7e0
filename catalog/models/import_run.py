import uuid

from django.db import models
from typing_extensions import override

from catalog.models.merchant import Merchant


class ImportStatus(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class ImportRun(models.Model):
    """One import of a feed, and what became of its rows."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="import_runs", db_index=False)
    file_name = models.CharField(max_length=300)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=ImportStatus, default=ImportStatus.RUNNING)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0, help_text="In the shop, but not in this feed.")
    removed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list, blank=True, help_text="Line, id and reason of each.")
    error = models.TextField(blank=True)
    columns = models.JSONField(
        default=dict,
        blank=True,
        help_text="Which attribute each column held, where its name does not say so.",
    )

    class Meta:
        verbose_name = "import"
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["merchant", "-started_at"], name="import_runs_latest")]

    @override
    def __str__(self) -> str:
        return f"{self.file_name}, {self.started_at:%Y-%m-%d %H:%M}"


class FeedDraft(models.Model):
    """A feed that was handed in and not imported yet. It is kept for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="feed_drafts")
    file_name = models.CharField(max_length=300)
    body = models.BinaryField()
    remove_missing = models.BooleanField(default=False)
    columns = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        return self.file_name
