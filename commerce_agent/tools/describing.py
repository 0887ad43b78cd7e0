"""What the catalogue says of an item, on record as facts: a reply may repeat it, and a table may show it."""

from commerce_agent.tools.desk import Desk
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import describe_item


def record_description(desk: Desk, offer: Offer) -> None:
    """Records description, material and attributes, each under the version of the item's words."""
    said = {"description": offer.item.description, "material": offer.item.material, **offer.item.attributes}
    desk.trail.record_observations(
        tuple(
            describe_item(offer, name=name, value=value, at=desk.now) for name, value in said.items() if value
        )
    )
