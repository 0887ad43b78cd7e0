"""A product feed, handed in by a browser, looked at, and imported."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from typing_extensions import override
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from catalog.feeds import COLUMNS, ColumnNames, FeedColumn, ImportReport, import_feed, list_feed_columns
from catalog.ids import MerchantId
from catalog.models import FeedDraft, ImportRun, ImportStatus, Merchant
from commerce_agent.console.news import request_indexing

LARGEST_FEED = 50 * 1024 * 1024
"""Bytes. A browser waits for the import; larger feeds are read by the command."""
DRAFTS_KEPT = timedelta(days=1)
AS_DETAIL, LEFT_OUT = "+", "-"


class FeedForm(forms.Form):
    """Which feed, for which shop, and whether what it does not name is removed."""

    merchant = forms.ModelChoiceField(
        label="Shop", queryset=Merchant.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    feed = forms.FileField(
        label="Product feed",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".tsv,.csv,.txt,.xml,.gz"}),
        help_text="A Google Merchant feed: TSV, CSV or XML, gzipped or not, up to 50 MB.",
    )
    remove_missing = forms.BooleanField(
        label="Remove products that the feed does not name",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Off: they stay as they are.",
    )

    def __init__(self, *args: object, shops: "QuerySet[Merchant]", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        choice = self.fields["merchant"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = shops

    def clean_feed(self) -> "UploadedFile[bytes]":
        """Refuses a feed that a browser should not wait for."""
        feed: UploadedFile[bytes] = self.cleaned_data["feed"]
        if feed.size is not None and feed.size > LARGEST_FEED:
            message = "This feed is larger than 50 MB. Import it on the server: manage.py import_feed FILE."
            raise ValidationError(message)
        return feed


def keep_draft(*, form: FeedForm, now: datetime) -> FeedDraft:
    """Keeps the feed of a valid form until it is looked at, with the columns that the shop's last import named.

    Raises `FeedUnreadable` where it cannot be one, and keeps nothing then.
    """
    feed: UploadedFile[bytes] = form.cleaned_data["feed"]
    merchant: Merchant = form.cleaned_data["merchant"]
    FeedDraft.objects.filter(made_at__lt=now - DRAFTS_KEPT).delete()
    body = b"".join(feed.chunks())
    name = (Path(feed.name or "feed").name or "feed")[:200]
    with unpack_feed(name=name, body=body) as path:
        list_feed_columns(path=path)
    latest = ImportRun.objects.filter(merchant=merchant, status=ImportStatus.DONE).order_by("-started_at")
    return FeedDraft.objects.create(
        merchant=merchant,
        file_name=name,
        body=body,
        remove_missing=form.cleaned_data["remove_missing"],
        columns=latest.values_list("columns", flat=True).first() or {},
        made_at=now,
    )


@contextmanager
def unpack_feed(*, name: str, body: bytes) -> Iterator[Path]:
    """A feed as a file, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="feed-") as folder:
        path = Path(folder) / name
        path.write_bytes(body)
        yield path


class ColumnsForm(forms.Form):
    """What each column of a feed holds."""

    def __init__(
        self, *args: object, found: tuple[FeedColumn, ...], columns: ColumnNames, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        attributes = [(name, name) for name in sorted(COLUMNS)]
        for place, column in enumerate(found):
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=column.name,
                choices=[(AS_DETAIL, "a detail of its own name"), (LEFT_OUT, "left out"), *attributes],
                initial=_find_choice(column.name, columns=columns),
                help_text=column.example,
                widget=UnfoldAdminSelectWidget,
            )
        self._found = found

    @override
    def clean(self) -> dict[str, object]:
        """Refuses two columns for one attribute: which of them is meant, nobody could say."""
        said: dict[str, object] = super().clean() or {}
        named = [str(said.get(f"column{place}", "")) for place in range(len(self._found))]
        for place, name in enumerate(named):
            if name in COLUMNS and named.index(name) != place:
                other = self._found[named.index(name)].name
                self.add_error(f"column{place}", f"{other} holds the {name} already.")
        return said

    def read_columns(self) -> dict[str, str]:
        """The columns that are not what they are called; of a valid form."""
        columns: dict[str, str] = {}
        for place, column in enumerate(self._found):
            chosen = str(self.cleaned_data[f"column{place}"])
            if chosen != _find_choice(column.name, columns={}):
                columns[column.name] = {LEFT_OUT: "", AS_DETAIL: f"{column.name}_detail"}.get(chosen, chosen)
        return columns


def _find_choice(name: str, *, columns: ColumnNames) -> str:
    held = columns.get(name, name)
    if not held:
        return LEFT_OUT
    return held if held in COLUMNS else AS_DETAIL


def import_draft(*, draft: FeedDraft, columns: ColumnNames, now: datetime) -> ImportReport:
    """Imports a draft, and has the search brought up to date; the draft is gone then.

    All of it or nothing, and each refused row is kept with its reason. Raises `FeedUnreadable`.
    """
    merchant = MerchantId(str(draft.merchant_id))
    with unpack_feed(name=draft.file_name, body=bytes(draft.body)) as path:
        report = import_feed(
            merchant=merchant, path=path, now=now, columns=columns, remove_missing=draft.remove_missing
        )
    draft.delete()
    request_indexing(merchant=merchant)
    return report
