"""`manage.py evaluate`: measures the very code that serves shoppers, on data from outside."""

from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from commerce_agent.management.dialogues import list_dialogues, replay_dialogues


class Command(BaseCommand):
    """Writes predictions that a scorer reads, and prints how long they took."""

    help = "Measures references against labelled data."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """One subcommand for each thing that is measured."""
        measures = parser.add_subparsers(dest="measure", required=True)
        references = measures.add_parser("references", help="Resolve the references of labelled dialogues.")
        references.add_argument("dialogues", type=Path, help="Dialogues, one JSON object a line.")
        references.add_argument("--predictions", type=Path, required=True, help="Where to write predictions.")

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Runs the measure that was asked for."""
        if options["measure"] == "references":
            self._measure_references(options["dialogues"], options["predictions"])

    def _measure_references(self, dialogues: Path, predictions: Path) -> None:
        try:
            replay = replay_dialogues(list_dialogues(dialogues))
        except (OSError, msgspec.MsgspecError) as error:
            raise CommandError(f"Cannot read the dialogues in {dialogues}: {error}") from error
        encoder = msgspec.json.Encoder()
        predictions.write_bytes(b"".join(encoder.encode(one) + b"\n" for one in replay.predictions))
        p50, p95 = replay.get_latency_ms(50), replay.get_latency_ms(95)
        self.stdout.write(f"{len(replay.predictions)} turns, p50 {p50:.2f} ms, p95 {p95:.2f} ms a call")
