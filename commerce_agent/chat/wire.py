"""From the journal's events to the frames of the socket.

A reply comes as a tree. The server reads what a model wrote (`agent/markup`) and sends `rich` with `done`:
paragraphs, lists, tables, links into the shop. The widget only draws it. While words stream it shows bold and lists
as far as they can be told, and links as their words.

A person speaks under their own name. `agent` with a name says who has come, `person` what they wrote; the head of
the chat names them and the line on the automated assistant goes away until they leave.

A picker says what it asks. A card's versions carry the words that a press sends as a message, so choosing goes the
way of every other message. What is sold out is as the catalogue had it; a press reads price and stock anew.
"""

from datetime import datetime
from typing import assert_never

from commerce_agent.agent.markup import find_rich
from commerce_agent.chat import protocol
from commerce_agent.chat.offers import list_taken_off
from commerce_agent.tools.list_orders import ORDERS
from commerce_agent.tools.look_at_product import IMAGE
from conversations.events import VISIBLE, Recorded
from conversations.events.carts import CartChanged, Proposal, ProposalDoubted, ProposalMade, ProposalResolved
from conversations.events.messages import (
    CardsShown,
    FeedbackGiven,
    NoticeGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ShopperSpoke,
    TableShown,
    TurnStarted,
)
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke


class NotForTheWidget(LookupError):
    """An event without a frame number reached the wire; hand over only what `list_frames` answers."""

    def __init__(self, *, seq: int) -> None:
        """Carry the event's place in the journal."""
        super().__init__(f"Event {seq} has no frame number; hand over only what list_frames answers.")
        self.seq = seq


def to_wire(recorded: Recorded, *, origins: tuple[str, ...] = ()) -> protocol.DurableFrame:
    """Answers the durable frame of a visible event. Links in a reply lead to `origins`, the shop's own sites.

    Raises:
        NotForTheWidget: the event is not one that a widget shows.
    """
    event, seq, at = recorded.event, recorded.frame, recorded.at
    if seq is None or not isinstance(event, VISIBLE):
        raise NotForTheWidget(seq=recorded.seq)
    match event:
        case ShopperSpoke():
            return protocol.User(
                seq=seq, at=at, cid=event.cid, text=event.text, redacted=event.redacted, about=event.about
            )
        case TurnStarted():
            return protocol.Turn(seq=seq, at=at, turn=event.turn, cids=event.cids)
        case CardsShown() | TableShown() | QuickRepliesOffered() | CartChanged():
            return _to_part(event, seq=seq, recorded=recorded)
        case ProposalMade() | ProposalDoubted() | ProposalResolved():
            return _to_proposal(event, seq=seq, recorded=recorded)
        case ReplyGiven():
            return protocol.Done(
                seq=seq,
                at=at,
                turn=event.turn,
                text=event.text,
                rich=find_rich(event.text, origins=origins),
                status=event.status,
                decision=event.decision,
            )
        case NoticeGiven():
            return _to_notice(event, seq=seq, recorded=recorded)
        case PersonSpoke():
            rich = find_rich(event.text, origins=origins)
            return protocol.Person(seq=seq, at=at, name=event.name, text=event.text, rich=rich)
        case HandoffRequested() | PersonJoined() | HandoffEnded() | FeedbackGiven():
            return _to_aside(event, seq=seq, at=at)
        case _:
            assert_never(event)


def to_proposal_frame(proposal: Proposal, *, seq: int, at: datetime, turn: int) -> protocol.ProposalFrame:
    """Answers the bare frame of a proposal; `offers` has what is to be read on it."""
    return protocol.ProposalFrame(
        seq=seq,
        at=at,
        turn=turn,
        id=proposal.id,
        hash=proposal.hash,
        lines=proposal.lines,
        total=proposal.total,
        expires=proposal.expires_at,
    )


def _to_part(
    event: CardsShown | TableShown | QuickRepliesOffered | CartChanged, *, seq: int, recorded: Recorded
) -> protocol.Part:
    at, turn = recorded.at, recorded.turn
    match event:
        case CardsShown():
            return protocol.Part(
                seq=seq,
                at=at,
                turn=turn,
                part=event.part,
                kind="image" if event.part.startswith(IMAGE) else "cards",
                cards=event.cards,
            )
        case TableShown():
            return protocol.Part(
                seq=seq,
                at=at,
                turn=turn,
                part=event.part,
                kind="orders" if event.part.startswith(ORDERS) else "table",
                columns=event.columns,
                rows=event.rows,
                skus=tuple(ref.key for ref in event.refs),
            )
        case QuickRepliesOffered():
            return protocol.Part(
                seq=seq, at=at, turn=turn, part=event.part, kind="quick_replies", replies=event.replies
            )
        case CartChanged():
            return protocol.Part(
                seq=seq,
                at=at,
                turn=turn,
                part=f"cart-{seq}",
                kind="cart",
                lines=event.lines,
                sums=list_taken_off(event.taken_off),
            )
        case _:
            assert_never(event)


def _to_proposal(
    event: ProposalMade | ProposalDoubted | ProposalResolved, *, seq: int, recorded: Recorded
) -> protocol.ProposalFrame | protocol.Resolved:
    match event:
        case ProposalMade():
            return to_proposal_frame(event.proposal, seq=seq, at=recorded.at, turn=recorded.turn)
        case ProposalDoubted():
            # The widget takes the buttons away: what they would order cannot be had as it is shown.
            return protocol.Resolved(seq=seq, at=recorded.at, id=event.id, status="changed", text=event.text)
        case ProposalResolved():
            return protocol.Resolved(
                seq=seq,
                at=recorded.at,
                id=event.id,
                status=event.status,
                text=event.text,
                order=event.order,
                kind=event.kind,
                pay_at=event.pay_at,
            )
        case _:
            assert_never(event)


def _to_aside(
    event: HandoffRequested | PersonJoined | HandoffEnded | FeedbackGiven, *, seq: int, at: datetime
) -> protocol.Agent | protocol.Rated:
    match event:
        case HandoffRequested():
            # What the person should know is for the person; `buttons` has the words for the shopper.
            return protocol.Agent(seq=seq, at=at, text="")
        case PersonJoined():
            return protocol.Agent(seq=seq, at=at, text="", name=event.name)
        case HandoffEnded():
            return protocol.Agent(seq=seq, at=at, text=event.text, name=event.name, left=True)
        case FeedbackGiven():
            return protocol.Rated(seq=seq, at=at, turn=event.of_turn, score=event.score, reason=event.reason)
        case _:
            assert_never(event)


def _to_notice(
    event: NoticeGiven, *, seq: int, recorded: Recorded
) -> protocol.Stock | protocol.Version | protocol.Price | protocol.Policy:
    at, key = recorded.at, event.ref.key
    match event.notice:
        case "stock.changed" | "price.changed" if not event.text:
            return protocol.Version(
                seq=seq,
                at=at,
                sku=key,
                sold_out=event.availability == "out_of_stock",
                stock=event.stock,
                availability=event.availability,
                price=event.price,
                list_price=event.list_price,
            )
        case "stock.changed":
            return protocol.Stock(
                seq=seq, at=at, sku=key, text=event.text, stock=event.stock, availability=event.availability
            )
        case "price.changed":
            return protocol.Price(
                seq=seq, at=at, sku=key, text=event.text, price=event.price, list_price=event.list_price
            )
        case "policy.changed":
            return protocol.Policy(seq=seq, at=at, name=key, subject="policy", text=event.text)
        case "promotion.changed":
            return protocol.Policy(seq=seq, at=at, name=key, subject="promotion", text=event.text)
        case _:
            assert_never(event.notice)
