"""Says what a model wrote: slots filled, claims checked, one chance to correct, then facts in its place."""

import structlog

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.whys import WHY_MOVES
from commerce_agent.agent.claude.digest import tell_scope
from commerce_agent.agent.claude.leaks import find_leak
from commerce_agent.agent.claude.replacing import find_replacement
from commerce_agent.agent.claude.seen import clean_whole, without_unseen, write_json
from commerce_agent.agent.claude.sentences import Sentence, Sentences
from commerce_agent.agent.grounding import UnknownSlot, fill_slots
from commerce_agent.agent.grounding.own_reasons import gives_own_reason
from commerce_agent.agent.markup import tidy, without_marks
from commerce_agent.agent.shop.languages import is_in_other
from commerce_agent.agent.shop.rules import find_broached
from commerce_agent.agent.speaking import PlannerFailed
from commerce_agent.agent.wording.terms import say_money
from conversations.events.decisions import Remedy, Verdict
from conversations.events.facts import Amount

log = structlog.get_logger(__name__)

MOST_QUOTED = 120
MOST_FACTS = 16
"""Facts that a correction is told; more would bury those that matter."""


class Telling:
    """The reply of one turn as the model writes it. From a sentence that does not stand on, the rest waits."""

    def __init__(self, *, scene: Scene) -> None:
        self._scene = scene
        self._sentences = Sentences()
        self._held: list[Sentence] = []
        self._failed: tuple[Verdict, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether something was not said because it does not stand on facts."""
        return bool(self._held)

    async def hear(self, text: str) -> None:
        """Takes what arrives, and says what is whole."""
        for sentence in self._sentences.add(text):
            await self._take(sentence)

    async def end(self) -> None:
        """The message is over."""
        for sentence in self._sentences.end():
            await self._take(sentence)

    def ask_to_correct(self) -> str:
        """What the model is told of its mistake; what waited is dropped, the correction comes in its place."""
        said = self._scene.voice.text[-MOST_QUOTED:]
        claims = write_json([verdict.claim for verdict in self._failed])
        facts = write_json(clean_whole(self._list_facts()))
        self._mark("repaired")
        self._held.clear()
        return (
            f"<check>These claims stand on no fact, or are not to be made: {claims}. Known facts: {facts}. "
            f"The shopper has heard your reply up to {write_json(said)} and nothing after it. "
            "Write only what comes after that, corrected; use slots or tools for facts; "
            "do not apologise and do not mention this check.</check>"
        )

    def leave_out(self) -> None:
        """Drops what waits: the model goes on with a tool, and will say it anew."""
        if self._held:
            self._mark("left_out")
        self._held.clear()

    async def say_rest(self) -> None:
        """Says of what waits what stands, and in the place of what does not the fact, where there is one."""
        held, self._held = self._held, []
        for number, sentence in enumerate(held):
            # The first of them is known not to stand.
            if number and await self._say(sentence):
                continue
            kinds = frozenset(verdict.kind for verdict in self._failed if verdict.kind)
            replacement = find_replacement(self._scene, sentence=sentence.text, failed=kinds)
            replacement = tidy(replacement, origins=self._scene.settings.origins)
            said = bool(replacement) and await self._scene.voice.say(replacement)
            self._mark("replaced" if said else "left_out")

    async def _take(self, sentence: Sentence) -> None:
        if self._held or not await self._say(sentence):
            self._held.append(sentence)

    async def _say(self, sentence: Sentence) -> bool:
        # No fault of the service's, in the middle of whose answer this may be: neither of the two.
        try:
            stands, shown = self._check(sentence)
        except Exception as error:
            log.exception("sentence.not_checked")
            raise _fail("the check broke", error) from error
        if not shown:
            return stands
        try:
            await self._scene.voice.send(shown)
        except Exception as error:
            log.exception("sentence.not_sent")
            raise _fail("a sentence could not be sent on", error) from error
        return True

    def _check(self, sentence: Sentence) -> tuple[bool, str]:
        """Whether it stands, and what of it is to be shown."""
        voice, state = self._scene.voice, self._scene.desk.trail.get_state_as_read()
        before = len(voice.verdicts)
        try:
            text = without_unseen(fill_slots(sentence.text, state=state, language=self._scene.language))
        except UnknownSlot as unknown:
            voice.note(Verdict(claim=unknown.slot, fact=None, passed=False))
            self._failed = voice.verdicts[before:]
            return False, ""
        if objection := self._find_objection(text):
            voice.note(Verdict(claim=objection, fact=None, passed=False))
            self._failed = voice.verdicts[before:]
            return False, ""
        shown = tidy(text, origins=self._scene.settings.origins)
        if not shown:
            # Nothing of it may be seen: an image, HTML, an address of somebody else's.
            voice.note(Verdict(claim=sentence.text[:MOST_QUOTED], fact=None, passed=False, remedy="left_out"))
            return True, ""
        if sentence.lead != " ":
            voice.break_line(sentence.lead)
        if voice.weigh(shown, as_read=True):
            return True, shown
        self._failed = tuple(verdict for verdict in voice.verdicts[before:] if not verdict.passed)
        return False, ""

    def _find_objection(self, text: str) -> str | None:
        """What the sentence gives away, makes up as a reason, or goes into though the shop leaves it alone."""
        settings = self._scene.settings
        if leak := find_leak(text, said=self._scene.voice.text, settings=settings):
            return leak
        if gives_own_reason(without_marks(text)) and not self._has_why():
            return 'a reason for what was suggested, with no "why" in <state>'
        voice = self._scene.voice
        if settings.declined_topics and find_broached(
            settings, sentence=voice.blank_names(without_marks(text))
        ):
            return "a topic that the shop leaves alone"
        is_ours = not settings.languages or voice.is_quoted(text)
        if is_ours or not is_in_other(voice.blank_names(text), chosen=settings.languages):
            return None
        return f"another language than the shop's: {', '.join(settings.languages)}"

    def _has_why(self) -> bool:
        """Whether the record was read for the model, which then knows why."""
        return any(move.kind in WHY_MOVES for move in self._scene.understanding.moves)

    def _mark(self, remedy: Remedy) -> None:
        self._scene.voice.mark(self._failed, remedy=remedy)
        self._failed = ()

    def _list_facts(self) -> list[dict[str, str]]:
        state = self._scene.desk.trail.get_state_as_read()
        facts = [*state.facts.list_elsewhere(), *state.facts.canonical.values()][-MOST_FACTS:]
        return [
            {
                "of": f"{fact.subject.kind}:{fact.subject.key}",
                "name": fact.name,
                **tell_scope(fact),
                "value": say_money(fact.value) if isinstance(fact.value, Amount) else str(fact.value)[:160],
            }
            for fact in facts
            if fact.value is not None
        ]


def _fail(what: str, error: Exception) -> PlannerFailed:
    return PlannerFailed(planner="claude", reason=f"{what}: {type(error).__name__}")
