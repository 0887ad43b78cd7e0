"""A product feed, handed in by a browser."""

import tempfile
from datetime import datetime
from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from catalog.feeds import ImportReport, import_feed
from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.console.news import request_indexing

LARGEST_FEED = 50 * 1024 * 1024
"""Bytes. A browser waits for the import; larger feeds are read by the command."""


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


def import_uploaded(*, form: FeedForm, now: datetime) -> ImportReport:
    """Imports the feed of a valid form and has the search brought up to date.

    All of it or nothing, and each refused row is kept with its reason. Raises `FeedUnreadable`.
    """
    feed: UploadedFile[bytes] = form.cleaned_data["feed"]
    merchant = MerchantId(str(form.cleaned_data["merchant"].pk))
    with tempfile.TemporaryDirectory(prefix="feed-") as folder:
        path = Path(folder) / (Path(feed.name or "feed").name[:200] or "feed")
        with path.open("wb") as copy:
            for chunk in feed.chunks():
                copy.write(chunk)
        report = import_feed(
            merchant=merchant, path=path, now=now, remove_missing=form.cleaned_data["remove_missing"]
        )
    request_indexing(merchant=merchant)
    return report
