"""The OpenAPI schema, made from the very types that are read and written."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from conversations.api import bodies
from conversations.api.problems import MEDIA_TYPE, Problem
from conversations.graph import Graph, Grounds

Schema = dict[str, Any]
REF = "#/components/schemas/{name}"
SHOWN: tuple[Any, ...] = (
    bodies.ConversationPage,
    bodies.OpenedConversation,
    bodies.ListedConversation,
    bodies.NewConversation,
    bodies.NewMessage,
    bodies.TakenMessage,
    bodies.Handoff,
    bodies.HandedOver,
    bodies.StateAnswer,
    bodies.EntityPage,
    bodies.FactPage,
    bodies.DecisionPage,
    bodies.EventPage,
    bodies.Export,
    bodies.MentionsAnswer,
    bodies.ToldAnswer,
    bodies.MemoryAnswer,
    bodies.ItemsForgotten,
    bodies.ItemCorrected,
    bodies.ConsentGiven,
    bodies.ShopperExported,
    bodies.ErasureWanted,
    bodies.ErasedAnswer,
    Graph,
    Grounds,
    Problem,
)
REASONS = {
    400: "A parameter or the body cannot be read.",
    401: "No good API key.",
    403: "The key's scope or the shop's settings do not allow it.",
    404: "There is nothing of this name that is yours.",
    405: "Not a method of this address.",
    410: "What was said was erased, or let go of after its time.",
    413: "The body is too long.",
    415: "The body must be application/json.",
    422: "The body can be read and cannot be met.",
    429: "The key has used up its requests; see Retry-After.",
    500: "An error of ours; it was logged.",
    503: "The journal is out of reach and nothing was done; see Retry-After.",
}
READING = (400, 401, 404, 410, 429, 500, 503)
WRITING = (*READING, 403, 413, 415, 422)

View = TypeVar("View", bound=Callable[..., Any])


def describe(
    *,
    tag: str,
    summary: str,
    answer: type,
    question: type,
    name: str,
    status: int = 200,
    body: type | None = None,
    headers: tuple[OpenApiParameter, ...] = (),
) -> Callable[[View], View]:
    """Describes an operation: what it takes, what it answers and how it fails."""
    failures = {
        (code, MEDIA_TYPE): OpenApiResponse(_point(Problem), description=REASONS[code])
        for code in (WRITING if body else READING)
    }
    decorated: Callable[[View], View] = extend_schema(
        operation_id=name,
        tags=[tag],
        summary=summary,
        parameters=[*_list_parameters(question), *headers],
        request={"application/json": _point(body)} if body else None,
        responses={(status, "application/json"): _point(answer), **failures},
    )
    return decorated


def add_types(result: dict[str, Any], **_options: object) -> dict[str, Any]:
    """Adds the types' schemas to the document, and that a body must be there; the settings name it as a hook."""
    _, components = msgspec.json.schema_components(SHOWN, ref_template=REF)
    for operation in [one for path in result["paths"].values() for one in path.values()]:
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
    result.setdefault("components", {}).setdefault("schemas", {}).update(components)
    return result


def _point(kind: type) -> Schema:
    return {"$ref": REF.format(name=kind.__name__)}


def _list_parameters(question: type) -> list[OpenApiParameter]:
    _, components = msgspec.json.schema_components([question], ref_template=REF)
    described = components[question.__name__]
    return [
        OpenApiParameter(name, schema, required=name in described["required"])
        for name, schema in described["properties"].items()
    ]
