"""The four roles, and what each may do in its shop, in the names of Django's permissions."""

from commerce_agent.models import Role

__all__ = ["Role", "list_grants"]

GOODS = ("product", "variant", "category", "brand", "synonym", "importrun")
TERMS = ("policy", "promotion")
SYSTEMS = ("connector", "breakerchange", "webhookkey", "delivery", "pollsource")
TALK = ("conversation", "decisionrecord", "shopper")
WRITING = ("view", "add", "change", "delete")


def _grant(app: str, models: tuple[str, ...], actions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f"{app}.{action}_{model}" for model in models for action in actions)


_SEES_GOODS = _grant("catalog", (*GOODS, *TERMS), ("view",))
_KEEPS_GOODS = _grant("catalog", (*GOODS, *TERMS), WRITING)
_SEES_TALK = _grant("conversations", TALK, ("view",)) | _grant(
    "catalog", ("order", "orderline", "orderchange"), ("view",)
)
_SEES_SHOP = _grant("catalog", ("merchant",), ("view",))
_SEES_SYSTEMS = _grant("catalog", SYSTEMS, ("view",))
_SEES_SETTINGS = _grant(
    "commerce_agent",
    ("agentsettings", "identitykey", "listener", "membership", "modelspend", "sending", "widgetlook"),
    ("view",),
) | _grant("conversations", ("apikey",), ("view",))

_GRANTS = {
    Role.OWNER: (
        _KEEPS_GOODS
        | _SEES_TALK
        | _grant("conversations", TALK, ("change",))
        | _grant("conversations", ("shopper",), ("delete",))
        | _grant("catalog", ("merchant",), ("view", "change"))
        | _grant("catalog", SYSTEMS, WRITING)
        | _grant(
            "commerce_agent",
            ("agentsettings", "identitykey", "listener", "membership", "widgetlook"),
            WRITING,
        )
        | _grant("commerce_agent", ("modelspend",), ("view",))
        | _grant("commerce_agent", ("sending",), ("view", "change"))
        | _grant("conversations", ("apikey",), WRITING)
    ),
    Role.MERCHANDISER: _KEEPS_GOODS | _SEES_SHOP | _grant("catalog", ("delivery",), ("view",)),
    Role.SUPPORT: _SEES_GOODS | _SEES_TALK | _grant("conversations", TALK, ("change",)) | _SEES_SHOP,
    Role.AUDITOR: _SEES_GOODS | _SEES_TALK | _SEES_SHOP | _SEES_SYSTEMS | _SEES_SETTINGS,
}


def list_grants(role: Role) -> frozenset[str]:
    """What a role may do, as `app.action_model`. The role counts in its own shop only."""
    return _GRANTS[role]
