"""What each part of the built-in planner works with."""

import msgspec

from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.understanding import ShopWords, Understanding
from commerce_agent.agent.voice import Voice
from commerce_agent.tools.desk import Desk


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One turn on the stage: what was meant, the tools' desk, and the voice that answers."""

    desk: Desk
    understanding: Understanding
    words: ShopWords
    voice: Voice
    book: PhraseBook

    async def say(self, key: str, /, **values: str | int) -> None:
        """Says a wording of the key, another than the last replies used where there is one."""
        tail = self.desk.trail.state.transcript.tail
        recent = "\n".join(exchange.replied for exchange in tail[-2:]) + self.voice.text
        sentence = self.book.say(key, seed=self.desk.trail.turn - 1, avoid=recent, **values)
        await self.voice.say(sentence)

    @property
    def units(self) -> dict[str, str]:
        """The unit of each measure."""
        return self.words.vocabulary.measures

    @property
    def language(self) -> str:
        """The language of the reply."""
        return self.book.language
