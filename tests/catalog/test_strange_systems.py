"""Systems that answer nonsense: each is told what is wrong, and what cannot be is never taken for an answer."""

import gzip
import json
from collections.abc import Mapping

from catalog.connectors import Allowed
from catalog.connectors.fetching import Fetcher
from catalog.connectors.json_source import Endpoint
from catalog.connectors.mapping import RowMapping
from catalog.connectors.trying import try_endpoint
from catalog.ids import MerchantId
from tests.catalog.conftest import NOW
from tests.strange_system import Answer, answering, say

KNOWN = {"sku": "A", "quantity": 4}
FIT = {"sku": "A", "q": "4.0", "price": 12.5, "w": [{"n": 1.5}, {"n": 2}, {"n": 0.5}]}


def of(row: str) -> Answer:
    """One row, as it is written."""
    return Answer(body=b'{"items":[' + row.encode() + b"]}")


WORKS = "4 of A"
NOTHING = "It answers, and knows nothing of A."
CANNOT = "Its answer cannot be used: "
NOT_JSON = "Its answer is not JSON: "
MOVED = " and names another address, which is not followed: enter that one."
OFTEN = "It answered 429: it wants to be asked less often, again in "
ANSWERS: dict[str, tuple[Answer, str]] = {
    "as it should": (say({"items": [KNOWN]}), WORKS),
    "with a byte order mark": (Answer(body=b"\xef\xbb\xbf" + of(json.dumps(KNOWN)).body), WORKS),
    "a whole number with a point": (of('{"sku":"A","quantity":4.0}'), WORKS),
    "a number as a text": (say({"items": [{**KNOWN, "quantity": "4"}]}), WORKS),
    "nothing": (Answer(), "Its answer is empty, where JSON was expected."),
    "204": (Answer(status=204), "Its answer is empty, where JSON was expected."),
    "a web page": (Answer(body=b"<!doctype html>"), f"{NOT_JSON}a web page."),
    "words": (Answer(body=b"hello"), f"{NOT_JSON}Expecting value, character 1."),
    "half": (Answer(body=b'{"items":[{"sku":"A"'), f"{NOT_JSON}Expecting ',' delimiter, character 21."),
    "other characters": (Answer(body=b'{"a":"\xff"}'), f"{NOT_JSON}its characters are not UTF-8."),
    "a pit": (Answer(body=b"[" * 99_999), f"{NOT_JSON}it is nested too deep."),
    "NaN": (of('{"sku":"A","quantity":NaN}'), f"{NOT_JSON}NaN is no number in JSON."),
    "5,000 digits": (
        of('{"sku":"A","quantity":' + "9" * 5000 + "}"),
        f"{NOT_JSON}Exceeds the limit (4300 digits) for integer string conversion.",
    ),
    "five megabytes": (Answer(body=b'"' + b"x" * 5_000_000), "Its answer is larger than 4,194,304 bytes."),
    "a bomb": (
        Answer(body=gzip.compress(b" " * 20_000_000), headers={"Content-Encoding": "gzip"}),
        "Its answer is larger than 4,194,304 bytes.",
    ),
    "a torn parcel": (
        Answer(body=b"no", headers={"Content-Encoding": "gzip"}),
        f"{CANNOT}it is packed in a way that does not open.",
    ),
    "no list": (say({"rows": [KNOWN]}), f"{CANNOT}there is nothing at items."),
    "null": (say(None), f"{CANNOT}there is nothing at items."),
    "a list of numbers": (say({"items": [1]}), f"{CANNOT}its rows are not objects."),
    "an empty list": (say({"items": []}), NOTHING),
    "another item": (say({"items": [{**KNOWN, "sku": "B"}]}), NOTHING),
    "twice": (say({"items": [KNOWN, KNOWN]}), f"{CANNOT}two answers for A."),
    "no number": (say({"items": [{"sku": "A"}]}), f"{CANNOT}nothing at quantity for quantity."),
    "half a piece": (
        of('{"sku":"A","quantity":1.5}'),
        f"{CANNOT}Expected `int | null`, got `decimal` - at `$.quantity`.",
    ),
    "beyond all numbers": (
        of('{"sku":"A","quantity":1e999999999}'),
        f"{CANNOT}Expected `int | null`, got `decimal` - at `$.quantity`.",
    ),
    "a googol": (
        of('{"sku":"A","quantity":1' + "0" * 100 + "}"),
        f"{CANNOT}Expected `int` <= 2147483647 - at `$.quantity`.",
    ),
    "below nothing": (
        of('{"sku":"A","quantity":-1}'),
        f"{CANNOT}Expected `int` >= 0 - at `$.quantity`.",
    ),
    "true": (
        of('{"sku":"A","quantity":true}'),
        f"{CANNOT}Expected `int | null`, got `bool` - at `$.quantity`.",
    ),
    "400": (Answer(status=400), "It answered 400."),
    "401": (Answer(status=401), "It answered 401: it does not know us by this login."),
    "403": (Answer(status=403), "It answered 403: what this login may do does not include it."),
    "500": (Answer(status=500), "It answered 500."),
    "inside": (Answer(status=302, headers={"Location": "http://10.0.0.1/"}), f"It answered 302{MOVED}"),
    "304": (Answer(status=304), "It answered 304."),
    "429": (Answer(status=429), f"{OFTEN}2 seconds."),
    "429, in words": (Answer(status=429, headers={"Retry-After": "soon"}), f"{OFTEN}2 seconds."),
    "429, a digit that is none": (Answer(status=429, headers={"Retry-After": "²"}), f"{OFTEN}2 seconds."),
    "429, for ever": (Answer(status=429, headers={"Retry-After": "9" * 400}), f"{OFTEN}86400 seconds."),
    "429, a year that is none": (
        Answer(status=429, headers={"Retry-After": "Wed, 21 Oct 99999999999 07:28:00 GMT"}),
        f"{OFTEN}2 seconds.",
    ),
    "429, a date without a zone": (
        Answer(status=429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00"}),
        f"{OFTEN}86400 seconds.",
    ),
}


async def try_it(url: str, *, quantity: str = "quantity") -> str:
    """What is wrong with the system, or what was read of it."""
    tried = await try_endpoint(
        endpoint=Endpoint(
            kind="inventory",
            name="erp",
            url=f"{url}/stock?of={{skus}}",
            mapping=RowMapping(kind="inventory", items="items", fields={"sku": "sku", "quantity": quantity}),
        ),
        merchant=MerchantId("shop"),
        key="A",
        currency="USD",
        seconds=20,
        allowed=Allowed(networks=("127.0.0.0/8",)),
        now=NOW,
    )
    if tried.problem:
        return tried.problem
    (row,) = json.loads(tried.answer)
    return f"{row['quantity']} of {row['sku']}"


async def test_whatever_a_system_answers_is_told_plainly() -> None:
    now: list[Answer] = []
    heard = {}
    with answering(lambda _path, _headers: now[-1]) as url:
        for name, (answer, _) in ANSWERS.items():
            now.append(answer)
            heard[name] = await try_it(url)

    assert heard == {name: expected for name, (_, expected) in ANSWERS.items()}


async def test_a_path_that_does_not_fit_the_answer_says_which() -> None:
    paths = {
        "to_number(q)": WORKS,
        "sum(w[].n)": WORKS,
        "max_by(w, &n).n": "2 of A",
        "to_number(to_string(w[1].n))": "2 of A",
        "length(to_string(price))": "4 of A",
        "to_number(price)": f"{CANNOT}Expected `int | null`, got `decimal` - at `$.quantity`.",
        "keys(sku)": f"{CANNOT}keys(sku): keys() takes object, not string.",
        "nofn(@)": f"{CANNOT}nofn(@): Unknown function: nofn().",
        "w[0:5:0]": f"{CANNOT}w[0:5:0]: slice step cannot be zero.",
        "stock.on_hand": f"{CANNOT}nothing at stock.on_hand for quantity.",
        "w": f"{CANNOT}Expected `int | null`, got `array` - at `$.quantity`.",
    }
    heard = {}
    with answering(lambda _path, _headers: say({"items": [FIT]})) as url:
        for path in paths:
            heard[path] = await try_it(url, quantity=path)

    assert heard == paths


async def test_what_one_system_sets_as_a_cookie_is_sent_to_no_other_at_its_address() -> None:
    sent: list[str] = []

    def answer(_path: str, headers: Mapping[str, str]) -> Answer:
        sent.append(headers.get("cookie", ""))
        return Answer(headers={"Set-Cookie": "session=of-one-shop; Path=/"})

    fetcher = Fetcher(allowed=Allowed(networks=("127.0.0.0/8",)))
    with answering(answer) as url:
        for _ in range(2):
            await fetcher.fetch(kind="inventory", url=url, headers={})
    await fetcher.close()

    assert sent == ["", ""]
