"""Reads the policy in force, with the scope and version that were chosen and why."""

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.policies import PolicyAnswer
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.trail import Observation
from conversations.events.decisions import PolicyPassedOver
from conversations.events.facts import Fact, FactValue
from conversations.ids import EntityRef

DESCRIPTION = (
    "Read a shop policy (returns, shipping, warranty, price_match, or another the shop has). With a SKU the policy "
    "for that very item is read, which may differ from the shop-wide one."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which policy, and for which item."""

    name: str
    sku: str | None = None


class PolicyRead(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force and the facts it became; `answer` is None where the shop has no such policy.

    With `out_of_reach` nobody can say whether it has one.
    """

    answer: PolicyAnswer | None
    out_of_reach: bool = False
    facts: tuple[Fact, ...] = ()
    before: Fact | None = None
    """What the shopper was told earlier, where it was something else."""


@recorded("get_policy")
async def run(desk: Desk, arguments: Arguments) -> PolicyRead:
    """Reads and records. Narrowest scope first, then the higher version in force."""
    category = await _find_category(desk, arguments.sku)
    try:
        answer = await desk.shop.find_policy(arguments.name, sku=arguments.sku, category=category)
    except ConnectorUnavailable:
        return PolicyRead(answer=None, out_of_reach=True)
    if answer is None:
        return PolicyRead(answer=None)
    policy = answer.chosen
    subject = EntityRef("policy", policy.name)
    line = f"policy:{policy.ref}".partition("@")[0]
    told = desk.trail.state.facts.find_told(subject=subject, name=f"policy.{policy.name}", line=line)
    values: dict[str, FactValue] = {f"policy.{policy.name}": policy.text}
    for term, value in policy.terms.items():
        values[f"{policy.name}.{term}"] = ", ".join(map(str, value)) if isinstance(value, list) else value
    facts = desk.trail.record_observations(
        tuple(
            Observation(
                subject=subject,
                name=name,
                value=value,
                source=f"policy:{policy.ref}",
                observed_at=answer.stale_since or policy.observed_at,
                stale=answer.stale_since is not None,
                valid_until=policy.valid_until,
                version=policy.version,
                teller=answer.teller,
            )
            for name, value in values.items()
        )
    )
    desk.trail.cite(*facts)
    desk.trail.use_policy(
        policy.ref,
        *(PolicyPassedOver(policy=over.policy.ref, reason=over.reason) for over in answer.passed_over),
    )
    changed = told is not None and told.value != policy.text
    return PolicyRead(answer=answer, facts=facts, before=told if changed else None)


async def _find_category(desk: Desk, sku: str | None) -> str | None:
    if sku is None:
        return None
    items = await desk.shop.list_items([sku])
    return next((item.category for item in items.values()), None)
