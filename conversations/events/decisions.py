"""Why the reply is what it is."""

from datetime import datetime
from typing import Literal

import msgspec

from conversations.events.constraints import Constraint
from conversations.events.entities import Reference
from conversations.events.facts import FactConflict
from conversations.ids import DecisionId, EntityRef

Remedy = Literal["", "repaired", "replaced", "left_out"]
"""What was done about a claim that stood on no fact: the model corrected it, the fact took its place, or neither."""


class Candidate(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An item that was weighed."""

    ref: EntityRef
    name: str
    kept: bool
    rule: str
    """The rule that decided: `matched`, `price`, `color`, `out_of_stock`, `below_cut`, ..."""
    reason: str
    """The same in words."""
    margin: float | None = None
    """How far it was from the threshold, in the constraint's unit; None where that has no meaning."""
    term: str = ""
    """The id of the constraint that it missed; empty where no constraint decided."""
    score: float | None = None
    """How well it met the words of the search, by which the kept ones are ranked; None where nothing was searched."""


class ToolCalled(msgspec.Struct, frozen=True, kw_only=True, tag="tool.called"):
    """A tool was called; `arguments` is its JSON."""

    tool: str
    arguments: str
    outcome: str
    milliseconds: float = 0.0
    dropped: bool = False
    """Whether the attempt it belonged to was given up: it was called, and nothing that it brought was kept."""


class Verdict(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What became of one claim of the reply when it was held against the facts."""

    claim: str
    fact: str | None
    passed: bool
    remedy: Remedy = ""
    kind: str = ""
    """What was claimed: `money`, `stock`, `period`, ...; empty where that was not told apart."""


class ToolUsed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A tool call in short; the journal has its arguments in the `ToolCalled` of the same turn."""

    tool: str
    outcome: str = ""
    """`ok`, `refused: ...`, `out of reach`, `too slow`, `stopped`, `failed: ...`; empty where it was not kept."""
    milliseconds: float = 0.0
    dropped: bool = False


class PolicyPassedOver(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A policy that would have applied, and why another one did."""

    policy: str
    reason: str


class ModelCalled(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One call of the model: what it took, and what its cache spared."""

    message: str
    """The service's name for the answer."""
    stop_reason: str
    input_tokens: int = 0
    """Those that no cache held."""
    cache_read: int = 0
    cache_write: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0
    """Those of the output that were thoughts."""
    cache_missed: str = ""
    """Why the cache did not serve: the service's reason, `first_call`, or `not_told`; empty where it did."""
    milliseconds: float = 0.0
    broken: bool = False
    """Whether no whole answer came: `stop_reason` says why, and the tokens are those known of by then."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one reply."""

    id: DecisionId
    turn: int
    planner: str
    planner_reason: str = ""
    model: str = ""
    """The model that was asked, also where its answer could not be kept and another planner gave the reply."""
    constraints: tuple[Constraint, ...] = ()
    """Those that were applied."""
    candidates: tuple[Candidate, ...] = ()
    references: tuple[Reference, ...] = ()
    facts: tuple[str, ...] = ()
    """Ids of the facts it rests on."""
    fact_ages: tuple[float, ...] = ()
    """Seconds between each fact's observation and the decision, in the order of `facts`."""
    conflicts: tuple[FactConflict, ...] = ()
    """Answers that differed from those facts and gave way to them, or the other way round."""
    policies: tuple[str, ...] = ()
    """Policy versions that were used, as `returns/store@3`."""
    policies_passed_over: tuple[PolicyPassedOver, ...] = ()
    tools: tuple[ToolUsed, ...] = ()
    grounding: tuple[Verdict, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    prompt: str = ""
    """The digest of what the model was asked first; empty where none was."""
    cost_micros: int = 0
    """Millionths of a dollar."""
    calls: tuple[ModelCalled, ...] = ()
    """The model's calls that cost anything, in order: what was spent, whoever gave the reply in the end."""
    settings_version: int = 0
    """Of the shop's settings; 0 where none were made."""
    code_version: str = ""
    """The release, and the digest of the code that ran."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn worked from beside the conversation itself, kept so that it can be run again."""

    at: datetime
    """The instant by which the turn judged."""
    since: int
    """The version of the state that it started from."""
    words: str
    """The digest of the document with the shop's words; empty where it could not be kept."""
    answers: bytes
    """What the shop's systems answered, packed by whoever asked them; this service does not read it."""
    heard: bytes = b""
    """What the model answered, packed in the same way; empty where none spoke."""


class DecisionMade(msgspec.Struct, frozen=True, kw_only=True, tag="decision.made"):
    """The reasons for this turn's reply."""

    decision: Decision
    basis: Basis | None = None
    """None for a decision that was made before it was kept."""
