"""The page that `up` shows when everything runs."""

import msgspec
from rich.console import Console

from commerce_agent.setup.places import Places
from commerce_agent.setup.shop import ADMIN

LABEL_WIDTH = 13


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What the page tells."""

    address: str
    wanted_port: int
    password: str | None
    merchant_api: str
    postgres: str
    valkey: str
    claude_model: str | None
    demo: bool
    seconds: float


def print_page(*, opening: Opening, places: Places) -> None:
    """Print where everything is, in a few lines that stay readable on a narrow terminal and in a file."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]Commerce Agent runs.[/bold] [dim]Started in {opening.seconds:.1f} s.[/dim]")
    if not opening.address.endswith(f":{opening.wanted_port}"):
        console.print(
            f"[yellow]Port {opening.wanted_port} is taken by another program; this is the next free "
            "one.[/yellow]"
        )
    console.print()
    for label, text in _list_rows(opening):
        console.print(f"  [bold]{label:<{LABEL_WIDTH}}[/bold]{text}")
    console.print(f"\nLogs: {places.logs}   [bold]Ctrl-C stops everything; the data is kept.[/bold]\n")


def _list_rows(opening: Opening) -> list[tuple[str, str]]:
    home = opening.address
    login = f"user [bold]{ADMIN}[/bold]"
    if opening.password is None:
        login += ", password as shown at the first start (new one: manage.py changepassword admin)"
    else:
        login += f", password [bold]{opening.password}[/bold]  (shown once, note it now)"
    rows = []
    if opening.demo:
        rows += [
            ("Storefront", f"{home}/   the assistant waits in its corner"),
            (
                "Shop floor",
                f"{home}/shop-floor/   change stock, prices and policies, and watch an open chat react",
            ),
        ]
    rows += [
        ("Admin", f"{home}/admin/"),
        ("", login),
        ("API", f"{home}/api/docs/   schema: {home}/api/schema/"),
        ("Health", f"{home}/readyz"),
        (
            "Merchant API",
            f"{opening.merchant_api}/v1/   stock, prices and orders as a shop's own system has them",
        ),
        ("PostgreSQL", opening.postgres),
        ("Redis", opening.valkey),
    ]
    if opening.claude_model is None:
        return [
            *rows,
            ("Planner", "the built-in one: no key, no network"),
            ("", "to let Claude speak: ANTHROPIC_API_KEY=sk-ant-... python3 manage.py up"),
        ]
    return [
        *rows,
        ("Planner", f"Claude ({opening.claude_model}); the built-in one when Claude is out of reach"),
    ]
