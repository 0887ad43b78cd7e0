"""Says whether the record of who looked at what is whole."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from catalog.models import Merchant
from conversations.accesses import INSTALLATION, Verified, list_chains, verify_chain


class Command(BaseCommand):
    """`verify_audit [--merchant KEY] [--anchor SEQ:DIGEST] [--json]`."""

    help = (
        "Reads the chains of recorded accesses and holds every digest, every number and every end against what they"
        " must be. Prints each chain's anchor: kept elsewhere and handed in later with --anchor, it shows an end that"
        " was cut off. The exit code is 0 when all are whole, 1 when something is amiss."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("--merchant", help="only this shop's chain, by its key")
        parser.add_argument("--anchor", default="", help="an anchor of an earlier run; needs --merchant")
        parser.add_argument("--json", action="store_true", help="one JSON object a chain, a line each")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        key, anchor = options["merchant"], options["anchor"]
        if anchor and not key:
            raise CommandError("An anchor is one chain's: name the shop with --merchant.", returncode=2)
        names = {INSTALLATION: "(the installation)", **dict(Merchant.objects.values_list("id", "key"))}
        verified = [verify_chain(chain=chain, anchor=anchor) for chain in _list_wanted(key)]
        for each in verified:
            self.stdout.write(
                _to_json(each, name=names.get(each.chain, "")) if options["json"] else _tell(each, names)
            )
        if not all(each.is_whole for each in verified):
            sys.exit(1)


def _list_wanted(key: str | None) -> tuple[UUID, ...]:
    if key is None:
        return list_chains()
    merchant = Merchant.objects.filter(key=key).first()
    if merchant is None:
        raise CommandError(f"There is no shop {key!r}.", returncode=2)
    return (merchant.id,)


def _tell(verified: Verified, names: dict[UUID, str]) -> str:
    name = names.get(verified.chain, f"a shop that is no more, {verified.chain}")
    kept = f"{verified.records} records" + (f" after {verified.base} let go" if verified.base else "")
    if verified.is_whole:
        return f"{name}: whole, {kept}, anchor {verified.anchor}"
    said = "\n".join(f"  {fault.kind}: {fault.says}" for fault in verified.faults)
    return f"{name}: NOT whole, {kept}\n{said}"


def _to_json(verified: Verified, *, name: str) -> str:
    told = {
        **msgspec.to_builtins(verified),
        "merchant": name,
        "whole": verified.is_whole,
        "anchor": verified.anchor,
    }
    return msgspec.json.encode(told).decode()
