"""The tools as Claude sees them: the same ones the built-in planner drives, with JSON at the edge."""

from functools import cache

import msgspec
import structlog

from catalog.connectors import ConnectorUnavailable
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude import calls
from commerce_agent.agent.claude.seen import LONGEST_POLICY, LONGEST_TEXT, clean_whole, write_json
from commerce_agent.decoding import convert
from commerce_agent.tools.desk import AskAgain, CannotBeDone
from conversations.events.decisions import ToolCalled

log = structlog.get_logger(__name__)


class ToolAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back to the model."""

    content: str
    is_error: bool = False


OUT_OF_REACH = (
    "The shop's system does not answer now: what you asked is unknown, not none. Tell the shopper so."
)
UNKNOWN_TOOL = "unknown"
"""What a tool that there is not is called on record: its name is the model's own."""
LONGEST_NAME = 64
LONGEST_ARGUMENTS = 2000
BROKEN = "This tool does not work now. Do not call it again in this turn; tell the shopper what you cannot look up."


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool, ready to be offered and called."""

    name: str
    description: str
    arguments: type[msgspec.Struct]
    call: calls.Call
    changes: bool = False
    """Whether it does more than read. Such calls run alone and in their order, and their arguments are strict."""
    longest: int = LONGEST_TEXT
    """No text of its answers is longer."""


_CHANGING = frozenset(
    {
        "call_person",
        "cancel_order",
        "change_address",
        "change_cart",
        "change_order_items",
        "drop_code",
        "enter_code",
        "exchange_items",
        "propose_order",
        "return_items",
    }
)

TOOLS: tuple[Tool, ...] = tuple(
    Tool(
        name=name,
        description=module.DESCRIPTION,
        arguments=module.Arguments,
        call=call,
        changes=name in _CHANGING,
        longest=LONGEST_POLICY if name == "get_policy" else LONGEST_TEXT,
    )
    for name, module, call in calls.OFFERED
)

_BY_NAME = {tool.name: tool for tool in TOOLS}


@cache
def _list_schemas() -> tuple[dict[str, object], ...]:
    schemas: list[dict[str, object]] = []
    for tool in TOOLS:
        (_,), components = msgspec.json.schema_components([tool.arguments])
        schema = dict(components.pop(tool.arguments.__name__))
        schema.pop("title", None)
        if components:
            schema["$defs"] = components
        offered: dict[str, object] = {
            "name": tool.name,
            "description": tool.description,
            "input_schema": schema,
        }
        schemas.append({**offered, "strict": True} if tool.changes else offered)
    return tuple(schemas)


def list_schemas() -> list[dict[str, object]]:
    """The tools in the form of the Messages API; the same in every request."""
    return list(_list_schemas())


def changes_anything(name: str) -> bool:
    """Whether a tool does more than read."""
    return name in _CHANGING


def refuse_call(
    scene: Scene, *, name: str, arguments: object, told: str, outcome: str = "refused"
) -> ToolAnswer:
    """The answer to a call that reaches no tool; the record shows it all the same."""
    written = msgspec.json.encode(arguments).decode()
    scene.desk.trail.record(
        ToolCalled(
            tool=name if name in _BY_NAME else UNKNOWN_TOOL,
            arguments=written[:LONGEST_ARGUMENTS],
            outcome=f"{outcome}: {told}",
        )
    )
    return _refuse(told)


async def call_tool(scene: Scene, *, name: str, arguments: object) -> ToolAnswer:
    """Calls a tool as the model asked; what the model did wrong comes back as words it can act on."""
    tool = _BY_NAME.get(name)
    if tool is None:
        told = f"There is no tool {name[:LONGEST_NAME]!r}. Use one of those offered."
        return refuse_call(scene, name=name, arguments=arguments, told=told)
    try:
        typed = convert(arguments, tool.arguments)
        result = await tool.call(scene, typed)
    except msgspec.ValidationError as error:
        told = f"The arguments do not fit: {error}. Correct them and call again."
        return refuse_call(scene, name=name, arguments=arguments, told=told)
    except (AskAgain, CannotBeDone) as refusal:
        return _refuse(str(refusal))
    except ConnectorUnavailable:
        return ToolAnswer(content=OUT_OF_REACH, is_error=True)
    except Exception:
        # What went wrong is for the log: a model that were told would tell it on.
        log.exception("tool.crashed", tool=name)
        return ToolAnswer(content=BROKEN, is_error=True)
    return ToolAnswer(content=write_json(clean_whole(result, most=tool.longest)))


def _refuse(told: str) -> ToolAnswer:
    """Cleaned as any answer: a refusal may name goods, and titles are the shop's text."""
    return ToolAnswer(content=write_json(clean_whole({"refused": told})), is_error=True)
