"""How replies are drawn: streamed, marked up by the server, by a person, and never as markup of their own."""

import msgspec
from playwright.sync_api import expect

from catalog.models import Merchant
from commerce_agent.agent.markup import find_rich
from conversations.events.messages import Card, CardsShown, ReplyGiven
from conversations.events.visits import HandoffEnded, PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId
from tests.browser import scenes
from tests.browser.conftest import OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_widget import say


def test_streamed_words_give_way_to_the_reply(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")

    stage.whisper({"t": "status", "turn": 9, "stage": "checking_stock"})
    stage.whisper({"t": "delta", "turn": 9, "part": "text", "off": 0, "text": "It is **in st"})
    stage.whisper({"t": "delta", "turn": 9, "part": "text", "off": 6, "text": "**in stock**."})
    reply = page.locator(".reply.busy")
    expect(reply.locator(".said")).to_have_text("It is in stock.")
    expect(reply.locator("strong")).to_have_text("in stock")
    expect(reply.locator(".stage")).to_have_text("Checking stock")


def test_a_reply_is_drawn_as_the_server_marked_it_up(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    text = (
        "Both *hold* it.\n\n| Item | Volume |\n|---|---|\n| Teapot | 1.2 l |\n\n"
        "3. [Rinse](https://shop.example/care)\n4. [Dry](https://evil.example/) it"
    )
    rich = msgspec.to_builtins(find_rich(text, origins=("https://shop.example",)))
    stage.whisper({"t": "done", "turn": 9, "text": text, "rich": rich, "status": "ok"})
    reply = page.locator(".reply").nth(1)

    expect(reply.locator("em")).to_have_text("hold")
    expect(reply.locator("th")).to_have_text(["Item", "Volume", "Teapot"])
    expect(reply.locator("td")).to_have_text(["1.2 l"])
    expect(reply.locator("ol[start='3'] li")).to_have_text(["Rinse", "Dry it"])
    expect(reply.locator("a")).to_have_attribute("href", "https://shop.example/care")


def test_words_lead_where_cards_lead_and_pictures_are_drawn_without_encryption(
    open_page: OpenPage, site: Site, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    """The shop's address is not among the sites that may embed the chat."""
    merchant.shop_url, merchant.allowed_origins = f"{site.origin}/en/", ["https://www.shop.example"]
    merchant.save()
    page = open_page("about:blank")
    picture = {"body": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"}
    page.route(
        f"{site.origin}/teapot.svg", lambda route: route.fulfill(**picture, content_type="image/svg+xml")
    )
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    own, listed = f"{site.origin}/care", "https://www.shop.example/care"
    text = f"See [ours]({own}), [listed]({listed}) and [theirs](https://evil.example/care)."
    card = Card(ref=scenes.TEAPOT, title="Teapot", url="/p/teapot", image="/teapot.svg")
    stage.append(
        CardsShown(part="one", cards=(card,)),
        PersonJoined(by="mara@shop.example", name="Mara"),
        PersonSpoke(cid=ClientMessageId("from-mara-1"), name="Mara", text=text),
        HandoffEnded(),
        ReplyGiven(turn=99, text=text, status="ok", decision="d-1"),
    )

    expect(page.locator(".said").last.locator("a")).to_have_text(["ours", "listed"])
    links = page.locator("#log a").evaluate_all("all => all.map((one) => one.href)")
    assert links == [f"{site.origin}/p/teapot", own, listed, own, listed]
    drawn = page.locator(".card img")
    expect(drawn).to_have_js_property("naturalWidth", 9)


def test_a_person_speaks_under_their_own_name(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    stage.whisper({"t": "status", "turn": 9, "stage": "searching"})
    stage.append(PersonJoined(by="mara@shop.example", name="Mara"))
    expect(page.locator("#role")).to_have_text("You are talking to Mara")
    expect(page.locator("#automated")).to_be_hidden()
    expect(page.locator(".notice").last).to_have_text("Update: Mara has joined the chat.")
    stage.append(PersonSpoke(cid=ClientMessageId("from-mara-1"), name="Mara", text="I look into it."))
    expect(page.locator(".reply").last.locator(".by")).to_have_text("Mara")
    expect(page.locator(".reply").last.locator(".said")).to_have_text("I look into it.")

    page.reload()
    expect(page.locator("#role")).to_have_text("You are talking to Mara")
    stage.append(HandoffEnded(name="Mara"))
    expect(page.locator("#role")).to_have_text("Shopping assistant")
    expect(page.locator("#automated")).to_be_visible()


def test_words_are_never_markup(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    nasty = "<img src=x onerror=alert(1)> [here](javascript:alert) [there](https://evil.example/) **bold**"
    say(page, nasty)
    expect(page.locator(".bubble")).to_have_text(nasty)

    stage.whisper({"t": "delta", "turn": 9, "part": "text", "off": 0, "text": nasty})
    said = page.locator(".reply.busy .said")

    expect(said).to_have_text("<img src=x onerror=alert(1)> here there bold")
    assert said.locator("a, img").count() == 0


def test_news_marks_the_lines_of_a_cart(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    stage.append(scenes.CART, scenes.propose())
    stage.append(scenes.SOLD_OUT, scenes.CHEAPER)

    for slip in page.locator(".slip").all():
        expect(slip.locator("[data-sku=TEA-1] .left")).to_have_text("Sold out")
        expect(slip.locator("[data-sku=KET-1] .costs")).to_have_text("Now $39.90")
