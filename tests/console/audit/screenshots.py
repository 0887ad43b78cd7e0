"""Pictures of the audit pages, for people to look at: on a desk by day and by night, on a phone, on paper.

    python -m tests.console.audit.screenshots --base http://127.0.0.1:8000 --user admin --password ... --out pictures

against a running shop (`manage.py up` prints the password). The conversation is the newest that the audit finds, or
that of --conversation.
"""

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.chromium import DESKTOP, NONE_FOUND, PHONE, find_chromium, open_chromium

LOOKS: tuple[tuple[str, dict[str, int], str], ...] = (
    ("desk", DESKTOP, "light"),
    ("desk-night", DESKTOP, "dark"),
    ("phone", PHONE, "light"),
)
OF_A_CONVERSATION = {
    "talk": "",
    "talk-details": "?view=d",
    "live": "live/",
    "turn": "turn/1/",
    "why-not": "turn/1/?why_not=shoe",
    "graph": "graph/",
    "graph-node": "graph/?turn=1",
    "timeline": "timeline/",
    "state": "state/",
    "replay": "replay/?facts=now",
    "what-if": "what-if/?turn=1&said=show+me+lamps",
    "compare": "compare/?a=1&b=2",
    "case": "case/",
    "rights": "rights/",
    "complaint-file": "print/",
}
ALONE = {
    "find": "/admin/audit/",
    "people": "/admin/audit/people/",
    "queue": "/admin/audit/queue/",
    "found-nothing": "/admin/audit/found-nothing/",
    "who-looked": "/admin/audit/who-looked/",
}


def list_addresses(conversation: str) -> dict[str, str]:
    """Every page that is looked at, by name."""
    start = f"/admin/audit/c/{conversation}/"
    return {**ALONE, **{name: start + more for name, more in OF_A_CONVERSATION.items()}}


def log_in(page: Page, *, base: str, user: str, password: str) -> None:
    page.goto(f"{base}/admin/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_load_state("load")


def find_newest(page: Page, *, base: str) -> str:
    page.goto(f"{base}/admin/audit/")
    found = re.search(r"/admin/audit/c/([0-9a-f-]{36})/", page.content())
    if found is None:
        sys.exit("The audit finds no conversation: talk to the shop first.")
    return found[1]


def take(browser: Browser, *, options: argparse.Namespace) -> int:
    """Takes every picture and answers how many."""
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    taken = 0
    for look, size, scheme in LOOKS:
        context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        log_in(page, base=options.base, user=options.user, password=options.password)
        conversation = options.conversation or find_newest(page, base=options.base)
        for name, address in list_addresses(conversation).items():
            if options.only and name not in options.only.split(","):
                continue
            page.goto(options.base + address)
            page.screenshot(path=out / f"{name}-{look}.png", full_page=options.whole)
            taken += 1
        if look == "desk" and not options.only:
            page.goto(f"{options.base}/admin/audit/c/{conversation}/print/")
            page.pdf(path=out / "complaint-file.pdf", format="A4")
            taken += 1
        context.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", required=True)
    parser.add_argument("--conversation", default="")
    parser.add_argument("--out", default="pictures")
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    parser.add_argument("--whole", action="store_true", help="the whole page, not only what fits the window")
    options, path = parser.parse_args(), find_chromium()
    if path is None:
        sys.exit(NONE_FOUND)
    with open_chromium(path) as browser:
        print(f"{take(browser, options=options)} pictures.")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
