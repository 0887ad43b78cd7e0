"""One call of the model in the words of the record: one that was answered, and one that broke off."""

from typing import Any

import anthropic

from commerce_agent.agent.claude.calling import Heard, Listening
from commerce_agent.agent.claude.prompt import estimate_tokens
from commerce_agent.agent.spending.caps import Usage
from conversations.events.decisions import ModelCalled


def read_usage(message: anthropic.types.Message) -> Usage:
    """The tokens of an answer."""
    usage = message.usage
    written = usage.cache_creation_input_tokens or 0
    for_an_hour = usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else 0
    return Usage(
        model=message.model,
        input=usage.input_tokens,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write_1h=for_an_hour,
        cache_write_5m=max(0, written - for_an_hour),
        output=usage.output_tokens,
        thinking=details.thinking_tokens if (details := usage.output_tokens_details) else 0,
    )


FIRST_CALL = "first_call"
NOT_TOLD = "not_told"


def describe_call(heard: Heard, usage: Usage, *, request: dict[str, Any]) -> ModelCalled:
    """The call as the decision names it."""
    message = heard.message
    return ModelCalled(
        message=message.id,
        stop_reason=str(message.stop_reason),
        input_tokens=usage.input,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write_5m + usage.cache_write_1h,
        output_tokens=usage.output,
        thinking_tokens=usage.thinking,
        cache_missed=_find_miss(message, usage, asked=request.get("diagnostics")),
        milliseconds=heard.milliseconds,
    )


def describe_broken(listening: Listening, *, reason: str) -> ModelCalled:
    """A call that brought no answer: the tokens that the service told at its beginning, and those of what was heard."""
    begun = listening.begun
    usage = read_usage(begun) if begun else Usage(model="")
    return ModelCalled(
        message=begun.id if begun else "",
        stop_reason=reason,
        input_tokens=usage.input,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write_5m + usage.cache_write_1h,
        output_tokens=estimate_tokens("".join(listening.pieces)),
        milliseconds=listening.milliseconds,
        broken=True,
    )


def _find_miss(message: anthropic.types.Message, usage: Usage, *, asked: dict[str, Any] | None) -> str:
    """Why the cache did not serve: as the service says, else whether it had anything to go by. Empty where it did, and
    where nobody asked it to.
    """
    if asked is None:
        return ""
    told = message.diagnostics.cache_miss_reason if message.diagnostics else None
    if told is not None:
        return told.type
    if usage.cache_read:
        return ""
    return NOT_TOLD if asked["previous_message_id"] else FIRST_CALL
