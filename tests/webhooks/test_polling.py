"""A shop that cannot send is asked: by its login, from where the last answer ended, and told plainly when it fails."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import override_settings

from catalog.connectors import Allowed
from catalog.connectors.fetching import Fetcher
from catalog.connectors.sealing import find_version
from catalog.models import Delivery, Merchant, PollSource, ShopEvent
from commerce_agent.composition import open_platform, read_clock
from commerce_agent.webhooks.poll_logins import find_login, reseal_poll_secrets, seal_poll_secret
from commerce_agent.webhooks.polling import Due, Polled, claim_due, keep_outcome, poll
from tests.strange_system import Answer, answering, say

HERE = ("127.0.0.0/8",)
SECRET = "till-s3cret-äöü"
PLAIN = "till-s3cret"
EVENT = {"id": "polled", "kind": "stock", "sku": "MEADOW-G", "quantity": 6}
LOGINS: dict[str, tuple[str, str, str, str]] = {
    "bearer": ("", PLAIN, "authorization", f"Bearer {PLAIN}"),
    "header": ("X-Till-Key", PLAIN, "x-till-key", PLAIN),
    "basic": ("till", SECRET, "authorization", "Basic dGlsbDp0aWxsLXMzY3JldC3DpMO2w7w="),
}
"""Of each login: its name, its secret, and the header that the system gets to see."""


def enter(
    shop: Merchant, *, url: str, login: str = "none", login_name: str = "", secret: str = ""
) -> PollSource:
    source = PollSource.objects.create(
        merchant=shop, name="till", url=url, login=login, login_name=login_name
    )
    if secret:
        source.sealed_secret = seal_poll_secret(secret, source=source)
        source.save()
    return source


async def ask(source: PollSource, *, networks: tuple[str, ...] = HERE) -> Polled:
    """One round, as the worker does it."""
    fetcher = Fetcher(allowed=Allowed(networks=networks))
    async with open_platform(quiet=True) as platform:
        (due,) = [each for each in await claim() if each.pk == source.pk]
        polled = await poll(due, pool=platform.pool, fetcher=fetcher, now=read_clock())
    await sync_to_async(keep_outcome)(due, polled)
    await fetcher.close()
    await source.arefresh_from_db()
    return polled


@sync_to_async
def claim() -> tuple[Due, ...]:
    return claim_due(now=read_clock())


@pytest.mark.parametrize(("networks", "accepted"), [(HERE, 1), ((), 0)])
async def test_a_shop_that_cannot_send_is_asked(
    shop: Merchant, networks: tuple[str, ...], accepted: int
) -> None:
    with answering(lambda _path, _headers: say({"events": [EVENT], "next": "7"})) as url:
        source = await sync_to_async(enter)(shop, url=f"{url}/events")
        polled = await ask(source, networks=networks)
    again = [each for each in await claim() if each.pk == source.pk]

    assert polled.accepted == accepted
    assert again == []
    assert source.cursor == ("7" if accepted else "")
    delivery = await Delivery.objects.aget(merchant=shop)
    assert (delivery.status, delivery.accepted) == ((202, 1) if accepted else (502, 0))


async def test_an_address_changed_while_it_is_asked_is_asked_from_its_beginning(shop: Merchant) -> None:
    source = await sync_to_async(enter)(shop, url="https://old.example/events")
    (due,) = [each for each in await claim() if each.pk == source.pk]
    await PollSource.objects.filter(pk=source.pk).aupdate(url="https://new.example/events", cursor="")

    await sync_to_async(keep_outcome)(due, Polled(accepted=1, outcome="1 new.", cursor="7"))

    await source.arefresh_from_db()
    assert (source.cursor, source.outcome) == ("", "")


async def test_the_next_question_goes_on_after_the_last_answer(shop: Merchant) -> None:
    asked: list[str] = []

    def page(path: str, _headers: Mapping[str, str]) -> Answer:
        asked.append(path)
        return say({"events": [EVENT], "next": "7 & 8"}) if len(asked) == 1 else Answer(status=204)

    with answering(page) as url:
        source = await sync_to_async(enter)(shop, url=f"{url}/events?shop=1")
        first = await ask(source)
        await PollSource.objects.filter(pk=source.pk).aupdate(due_at=read_clock() - timedelta(seconds=1))
        second = await ask(source)

    assert asked == ["/events?shop=1", "/events?shop=1&after=7+%26+8"]
    assert (first.outcome, second.outcome) == ("1 new, 0 known, 0 refused.", "Nothing new.")
    assert source.cursor == "7 & 8"


@pytest.mark.parametrize("login", LOGINS)
async def test_a_system_that_wants_a_login_gets_it(shop: Merchant, login: str) -> None:
    name, secret, header, wanted = LOGINS[login]

    def guarded(_path: str, headers: Mapping[str, str]) -> Answer:
        return say([EVENT]) if headers.get(header) == wanted else Answer(status=401)

    with answering(guarded) as url:
        source = await sync_to_async(enter)(shop, url=url, login=login, login_name=name, secret=secret)
        polled = await ask(source)

    assert (polled.accepted, source.outcome) == (1, "1 new, 0 known, 0 refused.")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(status=401), "It answered 401: it does not know us by this login."),
        (Answer(status=403), "It answered 403: what this login may do does not include it."),
        (
            Answer(status=302, headers={"Location": "http://169.254.169.254/"}),
            "It answered 302 and names another address, which is not followed: enter that one.",
        ),
        (Answer(status=404), "It answered 404; 200 with events was expected."),
        (Answer(status=500), "It answered 500."),
        (
            Answer(status=429, headers={"Retry-After": "30"}),
            "It answered 429: it wants to be asked less often, again in 30 seconds.",
        ),
        (Answer(body=b"x" * 300_000), "Its answer is longer than 262,144 bytes."),
        (
            Answer(body=b"<html>"),
            "The body is not JSON with events: JSON is malformed: invalid character (byte 0).",
        ),
    ],
    ids=["401", "403", "302", "404", "500", "429", "huge", "html"],
)
async def test_a_failure_is_told_in_plain_words_and_nothing_is_taken(
    shop: Merchant, answer: Answer, told: str
) -> None:
    with answering(lambda _path, _headers: answer) as url:
        source = await sync_to_async(enter)(shop, url=url, login="bearer", secret=PLAIN)
        polled = await ask(source)

    assert (polled.accepted, source.outcome, source.cursor) == (0, told, "")
    delivery = await Delivery.objects.aget(merchant=shop)
    assert (delivery.status, delivery.problem, delivery.accepted) == (502, told, 0)
    assert not await ShopEvent.objects.filter(merchant=shop).aexists()


async def test_a_secret_opens_in_its_own_row_alone(shop: Merchant) -> None:
    seen: list[Mapping[str, str]] = []

    def watch(_path: str, headers: Mapping[str, str]) -> Answer:
        seen.append(headers)
        return say([])

    with answering(watch) as url:
        source = await sync_to_async(enter)(shop, url=url, login="bearer", secret=PLAIN)
        other = await sync_to_async(enter)(shop, url=url, login="bearer")
        await PollSource.objects.filter(pk=other.pk).aupdate(sealed_secret=source.sealed_secret)
        await other.arefresh_from_db()
        polled = await ask(other)

    assert seen == []
    assert polled.outcome.startswith(f"The secret of poll source {other.pk} does not open")


def test_secrets_follow_the_keys_of_the_installation(shop: Merchant) -> None:
    with override_settings(KEY_ENCRYPTION_KEYS={1: settings.KEY_ENCRYPTION_KEYS[1]}):
        source = enter(shop, url="https://till.shop.example/", login="bearer", secret=PLAIN)
    assert find_version(bytes(source.sealed_secret)) == 1

    assert reseal_poll_secrets() == 1

    source.refresh_from_db()
    assert find_version(bytes(source.sealed_secret)) == max(settings.KEY_ENCRYPTION_KEYS)
    assert find_login(source).make_headers() == {"Authorization": f"Bearer {PLAIN}"}
