"""`manage.py screenshots DIR`: pictures of the chat in its main states, taken of a shop that is running."""

import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string
from typing_extensions import override

from catalog.models import Merchant
from commerce_agent.demo.content import get_demo_shop

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
DESKTOP = {"width": 420, "height": 720}
PHONE = {"width": 390, "height": 844}
SHOP = {"width": 1280, "height": 800}
TALK = (
    ("goods", "Show me waterproof headlamps under $100"),
    ("compare", "Put the Moth 350 and the Moth 500 side by side"),
    ("policy", "What is the return policy on the first one?"),
    ("cart", "Add the first one to my cart"),
    ("offer", "Check out"),
)
"""What is said for each picture."""
LOOKS: dict[str, dict[str, object]] = {
    "desktop": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "device_scale_factor": 2},
    "rtl": {"viewport": DESKTOP},
}
EMBEDDED = "embedded"
SETTLE = """() => Promise.all(document.getAnimations()
    .filter((animation) => animation.effect.getTiming().iterations === 1)
    .map((animation) => animation.finished))"""
PICTURE = "(image) => { image.loading = 'eager'; return image.decode().catch(() => undefined); }"
ARMED = """(button) => new Promise((done) => {
    const look = () => (button.ariaDisabled === "true" ? setTimeout(look, 50) : done());
    look();
})"""
ANSWER_MS = 20_000
OPENS_MS = 5_000
SMALL = {"format": "webp", "quality": 80}


class Command(BaseCommand):
    """Takes the pictures; needs Chromium and the development dependencies."""

    help = (
        "Takes pictures of the chat in its main states (desktop, dark, phone, right to left, and embedded in the demo"
        " shop) and writes them into DIR as WebP files. The shop must be running: start it with `manage.py up`."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, of which shop, and who is asked."""
        parser.add_argument("directory", type=Path, metavar="DIR")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the shop answers")
        parser.add_argument(
            "--merchant",
            default=get_demo_shop().sign.key,
            help="the key of the shop (default: the demo shop)",
        )
        parser.add_argument(
            "--look",
            dest="looks",
            action="append",
            choices=(*LOOKS, EMBEDDED),
            default=[],
            help="only pictures of this kind; may be given again (default: all)",
        )

    @override
    def handle(
        self, *_args: object, directory: Path, url: str, merchant: str, looks: list[str], **_options: Any
    ) -> None:
        """Opens a browser for each look and says what was written."""
        found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
        if found is None:
            raise CommandError("There is no Chromium on PATH: apt-get install chromium.")
        if not Merchant.objects.filter(key=merchant, active=True).exists():
            raise CommandError(f"There is no shop {merchant!r}, or its chat is switched off.")
        try:
            start = import_string("playwright.sync_api.sync_playwright")
        except ImportError as error:
            raise CommandError("Playwright is missing: install the development dependencies.") from error
        directory.mkdir(parents=True, exist_ok=True)
        frame = f"{url.rstrip('/')}/w/{merchant}/?lang=en"
        with start() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
            for name in looks or (*LOOKS, EMBEDDED):
                page = browser.new_page(**LOOKS.get(name, {"viewport": SHOP}))
                page.goto(frame if name in LOOKS else url)
                if name in LOOKS:
                    self._picture_talk(page, directory=directory, name=name)
                else:
                    self._picture_embedded(page, directory=directory)
                page.close()
            browser.close()

    def _picture_embedded(self, page: Any, *, directory: Path) -> None:
        self._picture(page, path=directory / "embedded-closed.webp", wait_for=None)
        # Nobody sees into the launcher's root, but the browser knows of the frame in it.
        with page.expect_event("frameattached", timeout=OPENS_MS) as frame:
            page.evaluate("ShopChat.open()")
        frame.value.locator("#ideas li").first.wait_for()
        self._picture(page, path=directory / "embedded-open.webp", wait_for=None)

    def _picture_talk(self, page: Any, *, directory: Path, name: str) -> None:
        if name == "rtl":
            page.locator("html").evaluate("root => { root.dir = 'rtl'; }")
        page.locator("#words:enabled").wait_for()
        self._picture(page, path=directory / f"{name}-welcome.webp", wait_for="#ideas li")
        for number, (state, said) in enumerate(TALK):
            page.locator("#words").fill(said)
            page.locator("#words").press("Enter")
            page.locator(".reply:not(.busy)").nth(number).wait_for(timeout=ANSWER_MS)
            self._picture(page, path=directory / f"{name}-{state}.webp", wait_for=".reply:not(.busy)")

    def _picture(self, page: Any, *, path: Path, wait_for: str | None) -> None:
        if wait_for:
            page.locator(wait_for).first.wait_for()
        page.wait_for_load_state("networkidle")
        for image in page.locator(".reply:last-of-type .pic img").all():
            image.evaluate(PICTURE)
        for button in page.locator(".solid[aria-disabled=true]").all():
            button.evaluate(ARMED)
        page.evaluate(SETTLE)
        browser = page.context.new_cdp_session(page)
        path.write_bytes(b64decode(browser.send("Page.captureScreenshot", SMALL)["data"]))
        browser.detach()
        self.stdout.write(str(path))
