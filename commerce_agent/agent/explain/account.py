"""The sections of a decision told to support staff: each value in words, as it was when the decision was made."""

from datetime import datetime

import msgspec

from commerce_agent.agent.explain.plain import tell_plain


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint that was applied, and where it came from."""

    id: str
    words: str
    scope: str
    source: str
    """Whose the words are: `the shopper said`, or `remembered of the shopper`."""
    said: str
    """The words that it was read from: the shopper's own, or those that were remembered."""
    turn: int


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was weighed."""

    sku: str
    name: str
    kept: bool
    rule: str
    reason: str
    margin: str
    """By how much it missed: `$110.00 over`, `12 g under`; empty where that has no meaning."""
    term: str
    """The constraint that it missed, in words."""
    source: str
    """Whose that is, as `Term` has it; empty where it missed none."""
    score: str
    """How well it met the words of the search; empty where nothing was searched."""


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What a stretch of the shopper's words pointed at."""

    text: str
    outcome: str
    mood: str
    items: tuple[str, ...]
    question: str
    rules: tuple[str, ...]
    evidence: tuple[str, ...]
    """Where the shopper had seen each item: `Lark, blue: number 2 of turn 1`."""


class FactUsed(msgspec.Struct, frozen=True, kw_only=True):
    """A fact the reply rests on: its value and age then, and what is known since."""

    id: str
    subject: str
    key: str
    """Of the subject: its SKU, or a policy's name."""
    name: str
    value: str
    source: str
    authority: str
    observed_at: datetime
    valid_until: datetime | None
    """None where it holds without a limit."""
    age: str
    version: int
    stale: bool
    """The source could not be asked: this was the last answer known."""
    warning: str
    since: str


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Two answers to one question, and which gave way."""

    subject: str
    name: str
    held: str
    gave_way: str
    source: str
    rule: str


class ToolRun(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that was called."""

    tool: str
    arguments: str
    """As JSON."""
    outcome: str
    milliseconds: str

    @property
    def asked(self) -> str:
        """The arguments in words."""
        return tell_plain(self.arguments)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A claim held against the facts."""

    claim: str
    kind: str
    fact: str
    passed: bool
    remedy: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the model that was answered."""

    message: str
    stop_reason: str
    tokens: str
    cache: str
    milliseconds: str


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """Who answered, why it was not another, and what that took."""

    planner: str
    reason: str
    model: str
    prompt: str
    """The digest of the first request."""
    tokens: str
    cost: str
    calls: tuple[Asked, ...]


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """What held when the decision was made."""

    code: str
    settings: int
    """Of the shop's agent settings; 0 where none were made."""
    policies: tuple[str, ...]
    passed_over: tuple[str, ...]
    """Policies that gave way, and why."""
    catalogue: str
    """The digest of what the catalogue called things, under which that is kept; empty where it was not."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in full."""

    id: str
    turn: int
    at: datetime
    summary: tuple[str, ...]
    """The whole in a few sentences, for whoever reads only these."""
    spoken: Spoken
    versions: Versions
    terms: tuple[Term, ...]
    changes: tuple[str, ...]
    """What this turn changed of the terms."""
    kept: tuple[Weighed, ...]
    rejected: tuple[Weighed, ...]
    references: tuple[Meant, ...]
    facts: tuple[FactUsed, ...]
    conflicts: tuple[Conflict, ...]
    tools: tuple[ToolRun, ...]
    verdicts: tuple[Claimed, ...]
