"""A reply of Claude's as it arrives, in pieces, on its way to the shopper: without a server and without a shop."""

from catalog.pricing import PriceContext
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.saying import Telling
from commerce_agent.agent.phrases import get_book
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.agent.voice import Voice
from commerce_agent.management.judged.claims.claimed_shops import NOW as READ
from commerce_agent.tools.answers import Packed, RecalledShop
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.trail import Trail
from conversations.constraints import ConstraintReading
from conversations.language import Vocabulary
from conversations.state import ConversationState

PIECE = 11
"""Letters that arrive at once: no sentence, slot or number comes whole."""


class Heard:
    """What came of a reply: what the shopper saw, frame by frame, and whether something was held back."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.held_back = False


async def stream(text: str, *, state: ConversationState) -> Heard:
    """Has the text said as a model writes it."""
    heard = Heard()

    async def publish(frame: dict[str, object]) -> None:
        heard.shown.append(str(frame["text"]))

    trail = Trail(state=state, turn=2, at=READ)
    shop = RecalledShop(packed=Packed(context=PriceContext(now=READ), noted=()))
    scene = Scene(
        desk=Desk(shop=shop, trail=trail, conversation="c", currency="EUR"),
        understanding=Understanding(said="", moves=(), references=(), reading=ConstraintReading(rest="")),
        words=ShopWords(vocabulary=Vocabulary()),
        voice=Voice(trail=trail, publish=publish),
        book=get_book("en"),
    )
    telling = Telling(scene=scene)
    for at in range(0, len(text), PIECE):
        await telling.hear(text[at : at + PIECE])
    await telling.end()
    heard.held_back = telling.waits
    return heard
