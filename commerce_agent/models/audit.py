from enum import IntFlag

from django.contrib.postgres.fields import ArrayField
from django.db import models
from typing_extensions import override

from commerce_agent.models.operator import Operator


class Counted(IntFlag):
    """What of a conversation is counted so often that each row says it beside its instant."""

    RESOLVED = 1
    """Answered throughout, without a person, and nobody was dissatisfied."""
    PERSON = 2
    NOTHING = 4
    CLAIM_STOPPED = 8
    NEWS = 16
    CAUGHT = 32


ERASED = "erased:yes"
"""The only trait of a conversation that was erased or let go of."""


class ConversationTraits(models.Model):
    """What a conversation can be found by. Read off its journal after the commits; all but `journal` is made anew."""

    conversation_id = models.UUIDField(primary_key=True)
    merchant_id = models.UUIDField()
    shopper_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    active_at = models.DateTimeField()
    turns = models.PositiveIntegerField(default=0)
    version = models.BigIntegerField(help_text="The journal's version that these were read at.")
    traits = ArrayField(
        models.CharField(max_length=300),
        help_text="As `rule:price`, `sku:AB-1`, `order:1007`, `outcome:failed`.",
    )
    counted = models.SmallIntegerField(default=0, help_text="The flags of `Counted`.")
    journal = models.CharField(
        max_length=100,
        default="",
        db_default="",
        help_text="How many events were read, and the digest that their rows were chained to then.",
    )

    class Meta:
        # A week is counted from the index alone, and whoever sees every shop has one that needs no shop.
        indexes = [
            models.Index(
                fields=["-active_at", "-conversation_id"],
                include=["merchant_id", "counted"],
                name="traits_latest",
            ),
            models.Index(
                fields=["merchant_id", "-active_at", "-conversation_id"],
                include=["counted"],
                name="traits_latest_of_shop",
            ),
            models.Index(fields=["shopper_id"], name="traits_of_shopper"),
            models.Index(fields=["conversation_id"], condition=models.Q(journal=""), name="traits_unnoted"),
        ]

    @override
    def __str__(self) -> str:
        return f"Traits of {str(self.pk)[:8]}"


class FoundBy(models.Model):
    """A conversation and one thing that it is found by: a trait, or a word that was said, each as a number.

    Whole numbers are compared by an operator that policies let an index answer; containment in an array is not.
    """

    pk = models.CompositePrimaryKey("term", "merchant_id", "conversation_id")
    term = models.BigIntegerField()
    merchant_id = models.UUIDField()
    conversation_id = models.UUIDField(db_index=True)

    @override
    def __str__(self) -> str:
        return f"{self.term} of {str(self.conversation_id)[:8]}"


class SoughtInVain(models.Model):
    """A conversation in which a search found nothing, and its words as a number that only equals itself: so what is
    most looked for in vain is counted over any time, and read in the journals of a few.
    """

    pk = models.CompositePrimaryKey("term", "merchant_id", "conversation_id")
    term = models.BigIntegerField()
    merchant_id = models.UUIDField()
    conversation_id = models.UUIDField(db_index=True)
    at = models.DateTimeField(help_text="When they were last looked for there.")

    class Meta:
        indexes = [
            models.Index(fields=["at"], include=["merchant_id", "term"], name="vain_latest"),
            models.Index(fields=["merchant_id", "at"], include=["term"], name="vain_latest_of_shop"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.term} in {str(self.conversation_id)[:8]}"


class Case(models.Model):
    """What the staff do about a conversation: who has it, and whether it is done."""

    class Status(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        WORKING = "working", "In work"
        DONE = "done", "Done"

    conversation_id = models.UUIDField(primary_key=True)
    merchant_id = models.UUIDField()
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    assignee = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="cases")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["status", "opened_at", "conversation_id"], name="case_in_queue")]

    @override
    def __str__(self) -> str:
        return f"Case of {str(self.pk)[:8]}"


class CaseFlag(models.Model):
    """Somebody marked a conversation, or one turn of it."""

    class Kind(models.TextChoices):
        """What the mark says."""

        WRONG = "wrong", "Wrong answer"
        UNCLEAR = "unclear", "Misunderstood"
        STALE = "stale", "Out-of-date fact"
        COMPLAINT = "complaint", "Complaint"
        GOOD = "good", "Good example"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="flags")
    turn = models.PositiveIntegerField(default=0, help_text="0: the whole conversation.")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(
                fields=["kind", "case"], condition=models.Q(resolved_at__isnull=True), name="flag_standing"
            )
        ]

    @override
    def __str__(self) -> str:
        return self.get_kind_display()


class CaseNote(models.Model):
    """A comment of the staff's, or what a reply should have been."""

    class Kind(models.TextChoices):
        """What the words are."""

        COMMENT = "comment", "Comment"
        CORRECTION = "correction", "Correction"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    turn = models.PositiveIntegerField(default=0)
    node = models.CharField(max_length=300, blank=True, help_text="A node of the graph that it is about.")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.COMMENT)
    text = models.TextField(max_length=4000)
    mentions = models.ManyToManyField(Operator, related_name="+")
    by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class SavedView(models.Model):
    """A search that somebody comes back to: a name for an address."""

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False)
    by = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="saved_views")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["by", "name"], name="saved_view_once_a_name")]

    @override
    def __str__(self) -> str:
        return self.name
