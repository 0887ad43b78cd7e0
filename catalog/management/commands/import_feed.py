"""`manage.py import_feed FILE`: a product feed into a shop."""

import signal
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.feeds import ImportReport, import_feed
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, get_merchant, get_only_merchant
from catalog.models import Merchant
from catalog.tasks import index_after_commit

MOST_SHOWN = 20
"""Refused rows on the screen; the admin's page of the import lists more, `--refused` all."""


class Command(BaseCommand):
    """Imports a Google Merchant feed."""

    help = "Imports a Google Merchant product feed: TSV, CSV or XML, gzipped or plain. All of it or nothing."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the feed")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument(
            "--merchant", metavar="KEY", help="whose feed it is; default: the only merchant there is"
        )
        whose.add_argument("--create", metavar="NAME", help="make a merchant of this name for it first")
        parser.add_argument("--currency", default="USD", help="of a merchant made by --create (default: USD)")
        parser.add_argument(
            "--remove-missing", action="store_true", help="remove what the shop has and the feed has not"
        )
        parser.add_argument(
            "--refused", type=Path, metavar="OUT", help="write every refused row to this TSV file"
        )

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}. Name a product feed.")
        try:
            merchant = _find_merchant(options)
            report = _import(merchant, path=path, remove_missing=options["remove_missing"])
        except CatalogError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as stop:
            raise CommandError("Stopped. Nothing was imported.", returncode=128 + signal.SIGINT) from stop
        if options["refused"] is not None:
            _write_refused(report, path=options["refused"])
        _show(report, merchant=merchant)
        index_after_commit(merchant=MerchantId(str(merchant.id)))


def _find_merchant(options: dict[str, Any]) -> Merchant:
    if options["merchant"]:
        return get_merchant(key=options["merchant"])
    if not options["create"]:
        return get_only_merchant()
    key = slugify(options["create"])
    try:
        return create_merchant(key=key, name=options["create"], currency=options["currency"].upper())
    except ValidationError as error:
        raise CommandError(f"No merchant can be made of that: {'; '.join(error.messages)}") from error


def _import(merchant: Merchant, *, path: Path, remove_missing: bool) -> ImportReport:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Reading {path.name}", total=path.stat().st_size)

        def show(read: int, total: int) -> None:
            described = f"Reading {path.name}" if read < total else "Writing and indexing"
            progress.update(task, completed=read, total=total, description=described)

        return import_feed(
            merchant=MerchantId(str(merchant.id)),
            path=path,
            now=datetime.now(UTC),
            on_progress=show,
            remove_missing=remove_missing,
        )


def _show(report: ImportReport, *, merchant: Merchant) -> None:
    console = Console(file=sys.stdout)
    table = Table(title=f"{report.name} → {merchant.name} in {report.seconds:.1f} s", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    for label, count in (
        ("rows read", report.read),
        ("created", report.created),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("refused", len(report.refused)),
        ("in the shop, not in this feed", report.missing),
        ("of those removed", report.removed),
    ):
        table.add_row(label, f"{count:,}")
    console.print(table)
    if report.refused:
        refused = Table("line", "id", "reason", title="Refused")
        for row in report.refused[:MOST_SHOWN]:
            refused.add_row(str(row.line), row.id, row.reason)
        console.print(refused)
        if len(report.refused) > MOST_SHOWN:
            console.print(
                f"… and {len(report.refused) - MOST_SHOWN:,} more: --refused OUT lists all of them."
            )


def _write_refused(report: ImportReport, *, path: Path) -> None:
    lines = ["line\tid\treason", *(f"{row.line}\t{row.id}\t{row.reason}" for row in report.refused)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
