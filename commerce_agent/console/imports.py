"""Import runs, what became of the rows of each, and the page that hands in a feed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from typing_extensions import override

from catalog.feeds import FeedUnreadable, list_feed_columns, preview_feed
from catalog.ids import MerchantId
from catalog.models import FeedDraft, ImportRun, ImportStatus
from commerce_agent.console.base import MerchantFilter, ReadOnlyAdmin, display, list_shops
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.console.uploading import ColumnsForm, FeedForm, import_draft, keep_draft, unpack_feed

MOODS = {ImportStatus.DONE: "good", ImportStatus.RUNNING: "low", ImportStatus.FAILED: "none"}
SHOWN_REFUSALS = 500


class ImportRunAdmin(ReadOnlyAdmin):
    """Which feeds were read, and which rows were refused and why."""

    when_empty = "No feed was read yet."
    list_display = (
        "file_name",
        "started",
        "state",
        "read",
        "created",
        "updated",
        "unchanged",
        "removed",
        "refused",
        "merchant",
    )
    list_filter = (MerchantFilter, "status")
    list_select_related = ("merchant",)
    search_fields = ("file_name",)
    readonly_fields = ("started", "state", "refused_rows", "took")
    list_before_template = "admin/catalog/importrun/how.html"
    fieldsets = (
        (None, {"fields": ("file_name", "state", "started", "took", "error")}),
        (
            "Rows",
            {"fields": (("read", "created", "updated"), ("unchanged", "missing", "removed"), "refused")},
        ),
        ("Refused rows", {"fields": ("refused_rows",)}),
    )

    @display(description="State", ordering="status")
    def state(self, run: ImportRun) -> SafeString:
        """How it went."""
        return show_badge(mood=MOODS[ImportStatus(run.status)], words=run.get_status_display())

    @display(description="Started", ordering="started_at")
    def started(self, run: ImportRun) -> SafeString:
        """When the feed was read."""
        return show_moment(run.started_at)

    @display(description="Took")
    def took(self, run: ImportRun) -> str:
        """How long it ran."""
        if run.finished_at is None:
            return "Not finished"
        return f"{(run.finished_at - run.started_at).total_seconds():.1f} seconds"

    @display(description="")
    def refused_rows(self, run: ImportRun) -> SafeString:
        """Line, id and reason of each refused row."""
        refusals: list[Any] = run.refusals or []
        if not refusals:
            return format_html("<p>{}</p>", "None: every row was good.")
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (row.get("line", ""), row.get("id", "") or "–", row.get("reason", ""))
                for row in refusals[:SHOWN_REFUSALS]
            ),
        )
        more = run.refused - min(len(refusals), SHOWN_REFUSALS)
        note = f"{more} more were refused and are not listed." if more > 0 else ""
        return format_html(
            '<div class="ca-scroll"><table class="ca-table"><thead><tr><th>Line</th><th>Id</th><th>Reason</th></tr>'
            "</thead><tbody>{}</tbody></table></div><p>{}</p>",
            rows,
            note,
        )

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Handing in a feed makes a run."""
        return request.user.has_perm("catalog.add_importrun")

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the page that shows a feed before it is imported."""
        look = self.admin_site.admin_view(self.look_at)
        return [path("draft/<uuid:number>/", look, name="catalog_importrun_draft"), *super().get_urls()]

    @override
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Takes a feed in and leads to what importing it would do."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = FeedForm(*sent, shops=list_shops(request, "catalog.add_importrun"))
        if form.is_valid():
            try:
                draft = keep_draft(form=form, now=datetime.now(UTC))
            except FeedUnreadable as error:
                form.add_error("feed", str(error))
            else:
                return HttpResponseRedirect(reverse("admin:catalog_importrun_draft", args=[draft.pk]))
        return self._show(request, "upload", title="Import a feed", form=form, **(extra_context or {}))

    def look_at(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """Shows what a feed would do, lets its columns be named, and imports it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        shops = list_shops(request, "catalog.add_importrun")
        draft = get_object_or_404(FeedDraft, pk=number, merchant__in=shops)
        if "discard" in request.POST:
            draft.delete()
            messages.success(request, f"{draft.file_name} was not imported.")
            return HttpResponseRedirect(reverse("admin:catalog_importrun_changelist"))
        preview, problem = None, ""
        with unpack_feed(name=draft.file_name, body=bytes(draft.body)) as file:
            found = list_feed_columns(path=file)
            form = ColumnsForm(request.POST or None, found=found, columns=draft.columns)
            try:
                if form.is_valid():
                    draft.columns = form.read_columns()
                    draft.save(update_fields=["columns"])
                if "import" in request.POST and form.is_valid():
                    return self._import(request, draft)
                merchant = MerchantId(str(draft.merchant_id))
                preview = preview_feed(merchant=merchant, path=file, columns=draft.columns)
            except FeedUnreadable as error:
                problem = str(error)
        return self._show(
            request,
            "preview",
            title=draft.file_name,
            draft=draft,
            form=form,
            preview=preview,
            problem=problem,
        )

    def _import(self, request: HttpRequest, draft: FeedDraft) -> HttpResponse:
        report = import_draft(draft=draft, columns=draft.columns, now=datetime.now(UTC))
        messages.success(request, f"{report.read:,} rows read, {len(report.refused):,} refused.")
        run = ImportRun.objects.filter(merchant_id=report.merchant).order_by("-pk")[0]
        return HttpResponseRedirect(reverse("admin:catalog_importrun_change", args=[run.pk]))

    def _show(self, request: HttpRequest, page: str, **shown: object) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "subtitle": None, "opts": self.opts, **shown}
        return TemplateResponse(request, f"admin/catalog/importrun/{page}.html", context)

    @override
    def get_queryset(self, request: HttpRequest) -> Any:
        """The runs, without the refused rows where only the list is shown."""
        found = super().get_queryset(request)
        return found if "/change/" in request.path else found.defer("refusals")
