"""What the shopper hears: sentence by sentence, each after its claims were checked."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
import structlog

from commerce_agent.agent.grounding import Grounds, check_sentence, list_grounds
from commerce_agent.agent.grounding.mentions import read_sentence
from commerce_agent.agent.grounding.table_rows import Rows
from commerce_agent.agent.markup import without_marks
from commerce_agent.ending import is_ending
from commerce_agent.observing import names
from commerce_agent.observing.tracing import span
from commerce_agent.tools.trail import Trail
from conversations.events.decisions import Remedy, Verdict
from conversations.events.facts import Fact

Publish = Callable[[dict[str, object]], Awaitable[None]]
"""Sends an ephemeral frame to whoever has the conversation open. It may be lost; the reply is not."""

REPEAT_SECONDS = 1.0
"""How often all that was said is sent once more while a turn runs: whoever comes in the middle of it, or has missed a
word, has the whole so soon. The turn says it, for only its own process knows, and no socket there need be the talk's.
"""

log = structlog.get_logger(__name__)


class Voice:
    """Collects the reply of one turn and streams it."""

    def __init__(self, *, trail: Trail, publish: Publish) -> None:
        self._trail = trail
        self._publish = publish
        self._sentences: list[str] = []
        self._verdicts: list[Verdict] = []
        self._sums: list[Decimal] = []
        self._past: list[Fact] = []
        self._names: set[str] = set()
        self._about: frozenset[str] = frozenset()
        self._held_about: frozenset[str] = frozenset()
        self._topics: frozenset[str] = frozenset()
        self._grounds: Grounds | None = None
        self._basis: tuple[object, ...] = ()
        self._as_read = False
        self._used: dict[str, int] = {}
        self._offset = 0
        self._lead = ""
        self._rows = Rows()
        self._one_at_a_time = asyncio.Lock()

    @property
    def text(self) -> str:
        """Everything said so far."""
        return "".join(self._sentences)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What became of each claim, stopped ones included."""
        return tuple(self._verdicts)

    @property
    def about(self) -> frozenset[str]:
        """The SKUs that the last sentence was about, whether it was said or held back."""
        return self._held_about

    def note(self, verdict: Verdict) -> None:
        """Puts on record what was found false before it was checked as a sentence."""
        self._verdicts.append(verdict)

    def mark(self, failed: tuple[Verdict, ...], *, remedy: Remedy) -> None:
        """Says what was done about claims that failed."""
        wrong = {id(verdict) for verdict in failed}
        self._verdicts = [
            msgspec.structs.replace(verdict, remedy=remedy) if id(verdict) in wrong else verdict
            for verdict in self._verdicts
        ]

    def allow_sum(self, total: Decimal) -> None:
        """Lets a total be told that was computed from facts."""
        self._sums.append(total)

    def allow_past(self, fact: Fact) -> None:
        """Lets what a fact used to say be told, beside what it says now."""
        self._past.append(fact)

    def allow_name(self, name: str) -> None:
        """Lets an item be called this: what its name holds is no claim."""
        self._names.add(name)

    def blank_names(self, sentence: str) -> str:
        """The sentence without the names of goods: a book called "Politics today" is no talk of politics."""
        return read_sentence(sentence, names=self._get_grounds().names).text

    def is_quoted(self, sentence: str) -> bool:
        """Whether a text of the shop has it word for word."""
        plain = sentence.strip(' "“”„«».!*')
        return bool(plain) and any(plain in text for text in self._get_grounds().texts)

    def count_use(self, key: str) -> int:
        """How often a wording of this key was said in this reply before."""
        self._used[key] = self._used.get(key, -1) + 1
        return self._used[key]

    def has_used(self, key: str) -> bool:
        """Whether a wording of this key was said in this reply."""
        return key in self._used

    async def say(self, sentence: str, *, as_read: bool = False) -> bool:
        """Says the sentence if every claim in it stands on a fact; False when it was held back.

        With `as_read` prices and stock count only as they were read just now, and the reply cites what it stands on.
        """
        if not self.weigh(sentence, as_read=as_read):
            return False
        await self.send(sentence)
        return True

    def weigh(self, sentence: str, *, as_read: bool = False) -> bool:
        """The same without saying it: whether it may be said, which is then to be done with `send`."""
        sentence = sentence.strip()
        if not sentence:
            return False
        self._as_read = as_read
        words = self._rows.read(without_marks(sentence))
        about = self._about or frozenset(ref.key for ref in self._trail.state.entities.focus)
        with span(names.GROUNDING) as current:
            checked = check_sentence(words, grounds=self._get_grounds(), about=about, topics=self._topics)
            current.set_attribute(names.CLAIMS, len(checked.verdicts))
            current.set_attribute(names.CLAIMS_STOPPED, sum(not each.passed for each in checked.verdicts))
        self._verdicts.extend(checked.verdicts)
        self._held_about = checked.about
        if not checked.passed:
            # The claims themselves stand in the decision: a log line quotes nobody.
            failed = [verdict.kind for verdict in checked.verdicts if not verdict.passed]
            log.warning("sentence.held_back", turn=self._trail.turn, kinds=failed)
            return False
        self._about = checked.about
        self._topics = checked.topics
        if as_read:
            self._cite(checked.verdicts)
        return True

    def _cite(self, verdicts: tuple[Verdict, ...]) -> None:
        stood_on = {verdict.fact for verdict in verdicts}
        known = self._trail.state.facts.canonical.values() if verdicts else ()
        self._trail.cite(*(fact for fact in known if fact.id in stood_on))

    def _get_grounds(self) -> Grounds:
        """What may be claimed now; gathered anew once the trail or what was allowed has moved on."""
        state = self._trail.state
        basis = (state, len(self._sums), len(self._past), len(self._names), self._as_read)
        if self._grounds is None or any(
            one is not other for one, other in zip(basis, self._basis, strict=True)
        ):
            self._basis = basis
            self._grounds = list_grounds(
                state=self._trail.get_state_as_read() if self._as_read else state,
                at=self._trail.at,
                sums=self._sums,
                past=self._past,
                said=state.transcript.said,
                weighed=self._trail.candidates,
                called=self._names,
                texts=(bytes(noted.answer).decode() for noted in self._trail.noted),
            )
            for fact in state.facts.canonical.values():
                if fact.subject.kind == "variant":
                    # Of what no price is known now it is known all the same that there is such an item.
                    self._grounds.get_item(fact.subject.key)
        return self._grounds

    def break_line(self, lead: str = "\n\n") -> None:
        """Starts a new paragraph with the next sentence, or a new line."""
        if self._sentences:
            self._lead = lead

    def start_again(self) -> None:
        """Drops what was said: the reply that closes the turn is what counts."""
        self._sentences.clear()
        self._verdicts.clear()
        self._sums.clear()
        self._past.clear()
        self._used.clear()
        self._about = frozenset()
        self._topics = frozenset()
        self._grounds = None
        self._offset = 0
        self._lead = ""

    async def show_stage(self, stage: str) -> None:
        """Tells what is being done, while nothing is said yet."""
        await self._publish({"t": "status", "turn": self._trail.turn, "stage": stage})

    async def send(self, sentence: str) -> None:
        """Says a sentence that was weighed."""
        async with self._one_at_a_time:
            said = f"{self._lead}{sentence.strip()}"
            await self._publish(self._make_delta(said, offset=self._offset))
            self._sentences.append(said)
            self._lead = " "
            self._offset += len(said.encode("utf-16-le")) // 2

    async def keep_repeating(self) -> None:
        """Sends all that was said so far once more, again and again, until it is cancelled."""
        broken = False
        while not is_ending():
            await asyncio.sleep(REPEAT_SECONDS)
            try:
                # Never between a sentence and its turn in `text`: what comes last is the longest.
                async with self._one_at_a_time:
                    if self._sentences:
                        await self._publish(self._make_delta(self.text, offset=0))
            except Exception:
                # What could not be repeated is no harm: the reply is durable. Once is enough to hear of it.
                if not broken:
                    log.exception("voice.not_repeated", turn=self._trail.turn)
                broken = True

    def _make_delta(self, said: str, *, offset: int) -> dict[str, object]:
        return {"t": "delta", "turn": self._trail.turn, "part": "text", "off": offset, "text": said}
