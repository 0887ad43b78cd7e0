"""`manage.py evaluate`: measures the very code that serves shoppers, on data from outside."""

import argparse
import asyncio
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.models import Merchant
from commerce_agent.composition import settle_collector
from commerce_agent.management.costs.apart import AnsweredDifferently, measure_apart
from commerce_agent.management.costs.console_pages import measure_pages
from commerce_agent.management.costs.overhead.beside_floor import measure_overhead
from commerce_agent.management.costs.overhead.words import describe_overhead
from commerce_agent.management.costs.prompt_growth import LENGTHS, measure_prompts
from commerce_agent.management.costs.webhooks.load import Plan, measure_webhooks
from commerce_agent.management.judged.after_sales.replaying import Output, replay_service
from commerce_agent.management.judged.after_sales.shapes import FORMAT, StoreUnreadable
from commerce_agent.management.judged.claims.wrong_claims import measure_claims
from commerce_agent.management.judged.dialogues import list_dialogues, replay_dialogues
from commerce_agent.management.judged.search import (
    lend_shop,
    list_queries,
    rank_queries,
    say_times,
    write_rankings,
)

MOST_SOCKETS = 2_000
MOST_RATE = 1_000


class Command(BaseCommand):
    """Writes predictions that a scorer reads, and prints how long they took."""

    help = "Measures references, search, the state's overhead, prompts, webhooks, the console and after-sales work."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """One subcommand for each thing that is measured."""
        measures = parser.add_subparsers(dest="measure", required=True)
        references = measures.add_parser("references", help="Resolve the references of labelled dialogues.")
        references.add_argument("dialogues", type=Path, help="Dialogues, one JSON object a line.")
        references.add_argument("--predictions", type=Path, required=True, help="Where to write predictions.")

        search = measures.add_parser("search", help="Rank the products of a feed for judged queries.")
        search.add_argument("--feed", type=Path, required=True, help="The feed that was judged.")
        search.add_argument("--judgements", type=Path, required=True, help="TSV: query, id, rating.")
        search.add_argument("--predictions", type=Path, required=True, help="Where to write the ranking.")

        overhead = measures.add_parser("overhead", help="What the state costs a turn, beside the bare floor.")
        overhead.add_argument("--turns", type=int, default=300, help="Length of the longest conversation.")
        overhead.add_argument("--concurrency", type=int, default=64, help="Conversations at once.")
        overhead.add_argument("--json", action="store_true", help="Only the JSON, on the last line.")

        service = measures.add_parser(
            "service",
            help="Do recorded after-sales work again on a recorded shop.",
            description="Loads a recorded shop and does recorded calls again through the platform's own orders."
            + FORMAT,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        service.add_argument("store", type=Path, help="The shop: a JSON file, or a folder.")
        service.add_argument("--calls", type=Path, required=True, help="The recorded calls.")
        service.add_argument("--end", type=Path, required=True, help="Where to write the state afterwards.")
        service.add_argument("--results", type=Path, help="Where to write what came of each call.")
        service.add_argument("--whole", action="store_true", help="Of each task, the whole store.")

        grounding = measures.add_parser(
            "grounding", help="How many wrong claims are stopped, and right ones not."
        )
        grounding.add_argument("--wrong", type=int, default=600, help="Replies with one wrong claim.")
        grounding.add_argument("--correct", type=int, default=1200, help="Replies without one.")
        grounding.add_argument("--seed", type=int, default=1, help="Another seed makes other replies.")

        prompt = measures.add_parser("prompt", help="How long Claude's prompt is, beside the whole history.")
        prompt.add_argument("--turns", type=int, default=100, help="Length of the talk.")

        self._add_measures_of_the_whole(measures)

    def _add_measures_of_the_whole(self, measures: "argparse._SubParsersAction[CommandParser]") -> None:
        """What needs shops of its own and several processes or visitors."""
        apart = measures.add_parser("apart", help="What it costs to keep merchants and shoppers apart.")
        apart.add_argument("--rounds", type=int, default=300, help="How often each pair is asked.")

        console = measures.add_parser("console", help="How long the console's lists and searches take.")
        console.add_argument("--merchant", required=True, help="The shop, by its key.")
        console.add_argument("--rounds", type=int, default=15, help="How often each page is opened.")
        console.add_argument("--only", default="", help="Pages whose name holds this.")

        webhooks = measures.add_parser("webhooks", help="How soon webhooks are seen in open chats.")
        webhooks.add_argument("--rate", type=float, default=200, help="Webhooks a second.")
        webhooks.add_argument("--seconds", type=float, default=60, help="How long they are sent.")
        webhooks.add_argument("--sockets", type=int, default=200, help="Open chats.")
        webhooks.add_argument(
            "--items", type=int, default=50, help="Items, each shown by its share of chats."
        )

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Runs the measure that was asked for."""
        if options["measure"] == "references":
            self._measure_references(options["dialogues"], options["predictions"])
        if options["measure"] == "search":
            self._measure_search(options["feed"], options["judgements"], options["predictions"])
        if options["measure"] == "overhead":
            self._measure_overhead(options["turns"], options["concurrency"], as_json=options["json"])
        if options["measure"] == "webhooks":
            self._measure_webhooks(options)
        if options["measure"] == "console":
            self._measure_console(options["merchant"], options["rounds"], only=options["only"])
        if options["measure"] == "apart":
            self._measure_apart(options["rounds"])
        if options["measure"] == "prompt":
            self._measure_prompt(options["turns"])
        if options["measure"] == "service":
            self._replay_service(options)
        if options["measure"] == "grounding":
            self._measure_grounding(options["wrong"], options["correct"], seed=options["seed"])

    def _replay_service(self, options: dict[str, Any]) -> None:
        output = Output(end=options["end"], results=options["results"], whole=options["whole"])
        try:
            said = replay_service(store=options["store"], calls=options["calls"], output=output)
        except (OSError, StoreUnreadable, DatabaseError) as error:
            raise CommandError(f"Cannot do {options['calls']} on {options['store']}: {error}") from error
        self.stdout.write(said)

    def _measure_grounding(self, wrong: int, correct: int, *, seed: int) -> None:
        if wrong < 1 or correct < 1:
            raise CommandError("Give --wrong and --correct of 1 or more.")
        measured = measure_claims(wrong=wrong, correct=correct, seed=seed)
        for reply in measured.missed:
            self.stdout.write(f"not stopped ({reply.wrong}): {' '.join(reply.sentences)}")
        for reply in measured.touched:
            self.stdout.write(f"held back: {' '.join(reply.sentences)}")
        self.stdout.write(
            f"{measured.stopped} of {wrong} wrong replies stopped, {measured.untouched} of {correct} right ones"
            f" untouched, p50 {measured.p50_ms:.2f} ms, p95 {measured.p95_ms:.2f} ms a sentence"
        )

    def _measure_prompt(self, turns: int) -> None:
        if turns < 1:
            raise CommandError("Give --turns of 1 or more.")
        written = measure_prompts(turns=turns)
        for each in written:
            if each.turn in LENGTHS or each.turn == turns:
                share = f"{each.prompt / each.history:.0%}"
                self.stdout.write(
                    f"turn {each.turn}: {each.prompt:,} tokens, whole history {each.history:,} ({share})"
                )
        missing = [f"turn {each.turn}: {name}" for each in written for name in each.missing]
        self.stdout.write(
            f"{sum(each.checked for each in written):,} limits, items and told facts looked for, {len(missing)} missing"
        )
        for name in missing:
            self.stdout.write(name)

    def _measure_webhooks(self, options: dict[str, Any]) -> None:
        given = {name: options[name] for name in ("rate", "seconds", "sockets", "items")}
        if min(given.values()) <= 0 or given["sockets"] > MOST_SOCKETS or given["rate"] > MOST_RATE:
            raise CommandError(
                f"Give numbers above 0, --sockets up to {MOST_SOCKETS:,} and --rate up to {MOST_RATE:,}."
            )
        report = asyncio.run(measure_webhooks(Plan(**given)))
        self.stdout.write(msgspec.json.encode(report).decode())

    def _measure_console(self, key: str, rounds: int, *, only: str) -> None:
        merchant = Merchant.objects.filter(key=key).first()
        if merchant is None or rounds < 1:
            raise CommandError("Give the key of a shop as --merchant, and --rounds of 1 or more.")
        self.stdout.write(
            "Milliseconds of a whole request: median, slowest, and processor time, the database's too."
        )
        for page in measure_pages(merchant=merchant, rounds=rounds, only=only):
            self.stdout.write(f"{page.p50:6.0f} {page.slowest:6.0f} {page.processor:6.0f}  {page.name}")

    def _measure_apart(self, rounds: int) -> None:
        if rounds < 1:
            raise CommandError("Give --rounds of 1 or more.")
        try:
            # As a server does, and on the event loop that it runs on.
            settle_collector()
            report = uvloop.run(measure_apart(rounds=rounds))
        except AnsweredDifferently as error:
            raise CommandError(str(error)) from error
        self.stdout.write(msgspec.json.encode(report).decode())

    def _measure_references(self, dialogues: Path, predictions: Path) -> None:
        try:
            replay = replay_dialogues(list_dialogues(dialogues))
        except (OSError, msgspec.MsgspecError) as error:
            raise CommandError(f"Cannot read the dialogues in {dialogues}: {error}") from error
        encoder = msgspec.json.Encoder()
        predictions.write_bytes(b"".join(encoder.encode(one) + b"\n" for one in replay.predictions))
        p50, p95 = replay.get_latency_ms(50), replay.get_latency_ms(95)
        self.stdout.write(f"{len(replay.predictions)} turns, p50 {p50:.2f} ms, p95 {p95:.2f} ms a call")

    def _measure_search(self, feed: Path, judgements: Path, predictions: Path) -> None:
        try:
            queries = list_queries(judgements)
            with lend_shop(feed) as merchant:
                rankings = asyncio.run(rank_queries(merchant=merchant, queries=queries))
        except (OSError, KeyError, CatalogError) as error:
            raise CommandError(f"Cannot rank {judgements} over {feed}: {error}") from error
        write_rankings(rankings, path=predictions)
        self.stdout.write(say_times(rankings))

    def _measure_overhead(self, turns: int, conversations: int, *, as_json: bool) -> None:
        if turns < 1 or conversations < 1:
            raise CommandError("Give --turns and --concurrency of 1 or more.")
        report = measure_overhead(turns=turns, conversations=conversations)
        if not as_json:
            self.stdout.write(describe_overhead(report))
        self.stdout.write(msgspec.json.encode(report).decode())
