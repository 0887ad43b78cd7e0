"""What each part of the built-in planner works with."""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec
from moneyed import Money

from commerce_agent.agent.by_parts import ByParts
from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.phrases.message import Value
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.agent.voice import Voice
from commerce_agent.agent.wording import items as item_words
from commerce_agent.agent.wording import sections as section_words
from commerce_agent.agent.wording import terms as term_words
from commerce_agent.agent.wording import values as value_words
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.naming import get_short_name, is_bare_size, shorten
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import list_choices, to_card, to_versions
from conversations.events.carts import CartLine
from conversations.events.constraints import Constraint
from conversations.events.entities import Entity
from conversations.events.facts import Amount
from conversations.events.messages import CardsShown, QuickRepliesOffered
from conversations.language.shop_language import find_color_in_english
from conversations.language.tokens import list_stems

MOST_BUTTONS = 5
_TWO_ARTICLES = re.compile(r"\b([Tt]he) (?:The|A|An)(?= [A-Z])")


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One turn on the stage: what was meant, the tools' desk, and the voice that answers."""

    desk: Desk
    understanding: Understanding
    words: ShopWords
    voice: Voice
    book: PhraseBook
    settings: AgentSettings = AgentSettings()
    parts: ByParts | None = None
    """The message's requests one by one, where it has several."""

    async def say(self, key: str, /, **values: Value) -> None:
        """Says a wording of the key, another than the last replies used; what must be repeated is said to be so."""
        tail = self.desk.trail.state.transcript.tail
        last = tail[-1].replied if tail else ""
        before = tail[-2].replied if len(tail) > 1 else ""

        def wear(said: str) -> int:
            if said in last or said in self.voice.text:
                return 3
            return 2 if said in before else int(_opens_alike(said, last))

        seed = self.desk.trail.turn - 1 + self.voice.count_use(key)
        sentence = self.book.say(key, seed=seed, wear=wear, **values)
        if self.language == "en":
            # A title may have its own article: "the The Salt Road".
            sentence = _TWO_ARTICLES.sub(r"\1", sentence)
        elif sentence[:1].islower() and not sentence.startswith(str(values.get("item") or " ")):
            # What a sentence of another language opens with may be the name of an attribute.
            sentence = sentence[:1].upper() + sentence[1:]
        repeats = len(sentence) >= _SHORTEST_REPEATED and sentence in last
        if repeats and not self.voice.count_use("again"):
            sentence = self.book.say("again", seed=self.desk.trail.turn - 1, wear=wear, sentence=sentence)
        await self.voice.say(sentence)

    async def say_stale(self, observed_at: datetime) -> None:
        """How old that is which could not be read anew. That a system is out of reach is said once a reply."""
        is_named = any(map(self.voice.has_used, _OUTAGES))
        await self.say("stale.more" if is_named else "stale", age=self.age(observed_at))

    def offer_replies(self, *replies: str) -> None:
        """Offers buttons, each of which sends its text."""
        shown = tuple(dict.fromkeys(reply for reply in replies if reply))[:MOST_BUTTONS]
        if shown:
            self.desk.trail.record(QuickRepliesOffered(part=self.desk.trail.mint_part(), replies=shown))

    def show_cards(self, looks: Sequence[Look]) -> None:
        """Shows the items' cards, with the versions to choose from."""
        trail, desk = self.desk.trail, self.desk
        cards = tuple(
            to_card(
                seen.offer,
                now=desk.now,
                versions=list_choices(
                    seen.offer.item, among=to_versions(seen.siblings), in_size=desk.in_size
                ),
                say_age=desk.say_age,
                words=desk.table_words,
            )
            for seen in looks
        )
        trail.record(CardsShown(part=trail.mint_part(), cards=cards))

    @property
    def units(self) -> dict[str, str]:
        """The unit of each measure."""
        return self.words.vocabulary.measures

    @property
    def language(self) -> str:
        """The language of the reply."""
        return self.book.language

    @property
    def said(self) -> str:
        """The message in small letters."""
        return self.understanding.said.lower()

    def read_before(self, said: str) -> str:
        """An earlier message in English."""
        return gloss_message(said, state=self.desk.trail.state, vocabulary=self.words.vocabulary).text

    def money(self, money: Money | Amount) -> str:
        """The sum as the language writes it."""
        return term_words.say_money(money, language=self.language)

    def number(self, value: float) -> str:
        """The number as the language writes it."""
        return term_words.say_number(value, language=self.language)

    def stock(self, offer: Offer) -> str:
        """The stock in words."""
        return term_words.say_stock(offer, book=self.book)

    def age(self, observed_at: datetime) -> str:
        """How old a reading is."""
        return term_words.say_age(observed_at, now=self.desk.now, book=self.book)

    def field(self, name: str) -> str:
        """What the language calls the attribute."""
        return value_words.name_field(name, book=self.book)

    def color(self, color: str) -> str:
        """What the language calls the colour."""
        return value_words.name_color(color, book=self.book)

    def value(self, value: str) -> str:
        """A value of an attribute, as far as the language has a word for it."""
        return value_words.name_value(value, book=self.book)

    def kind(self, kind: str) -> str:
        """A kind of goods, in words that are understood when a button sends them."""
        full_names = term_words.find_full_names(self.words.vocabulary.categories, book=self.book)
        named = value_words.name_goods(full_names.get(kind, kind), book=self.book)
        return named if set(list_stems(kind)) <= set(list_stems(self.read_before(named))) else kind

    def term(self, term: Constraint) -> str:
        """A term in words."""
        return term_words.say_term(term, book=self.book, currency=self.desk.currency, units=self.units)

    def terms(self, terms: Sequence[Constraint]) -> str:
        """The terms behind the goods."""
        return term_words.say_terms(terms, book=self.book, currency=self.desk.currency, units=self.units)

    def goods(
        self, terms: Sequence[Constraint], *, query: str, number: int = 2, titles: Sequence[str] = ()
    ) -> str:
        """What is looked for; the titles of what was found tell what single things are called."""
        categories = self.words.vocabulary.categories
        tail = self.desk.trail.state.transcript.tail
        return term_words.find_goods(
            terms,
            query=query,
            book=self.book,
            number=number,
            sections=section_words.list_sections(categories, titles=titles, book=self.book),
            full_names=term_words.find_full_names(categories, book=self.book),
            said=". ".join((*(exchange.said for exchange in tail), self.understanding.said)),
        )

    def name(self, offer: Offer) -> str:
        """What to call the item, with its colour."""
        return self._allow(item_words.name_offer(offer, book=self.book), title=get_short_name(offer))

    def short_name(self, offer: Offer) -> str:
        """The title alone."""
        name = get_short_name(offer)
        self.voice.allow_name(name)
        return name

    def version_name(self, offer: Offer) -> str:
        """The name with its size."""
        return self._allow(item_words.name_version(offer, book=self.book), title=self.name(offer))

    def sized(self, name: str, *, size: str) -> str:
        """The name with a size, where it does not tell it already."""
        return item_words.name_in_size(name, size=size, book=self.book)

    def size(self, size: str) -> str:
        """A size in words: "size 42", "500 g"."""
        return self.book.put("wish.size", size=size) if is_bare_size(size) else size

    def entity_name(self, entity: Entity) -> str:
        """What to call an item that came up before."""
        name = item_words.name_entity(entity, book=self.book)
        return self._allow(name, title=item_words.get_title(entity))

    def line_name(self, line: CartLine) -> str:
        """What to call what is in the cart."""
        entity = self.desk.trail.state.entities.find(line.ref)
        if entity is None or self.language == "en":
            self.voice.allow_name(line.title)
            return line.title
        return self.held_name(entity)

    def held_name(self, entity: Entity) -> str:
        """What to call an item in the cart: with the colour and the size it was taken in."""
        return self._allow(item_words.name_held(entity, book=self.book), title=self.entity_name(entity))

    def join(self, items: Sequence[str], *, last: str = "and") -> str:
        """The items in a row."""
        return self.book.join(items, last=last)

    def version(self, version: str) -> str:
        """A colour or a size to choose from."""
        return self.color(version) if find_color_in_english(version) else self.value(version)

    def query(self, query: str) -> str:
        """The words of a search in the shopper's language, as far as it has them, else as the shopper wrote them."""
        named = value_words.name_query(query, book=self.book)
        return named if named != query else " ".join(map(self.understanding.get_own, query.split()))

    def own(self, words: Sequence[str]) -> str:
        """Words of the message as the shopper wrote them, for a wording that quotes them."""
        own = dict.fromkeys(self.understanding.get_own(word) for word in words)
        return ("” / “" if self.language == "en" else ", ").join(own)

    def quote(self, *texts: str) -> str:
        """The shop's own words, marked as such."""
        for text in texts:
            self.voice.allow_name(text)
        return self.join([self.book.put("quoted", text=text) for text in texts])

    def explain(self, refusal: CannotBeDone) -> str:
        """Why the shop cannot do it."""
        key = f"refused.{refusal.kind}"
        if not self.book.has(key):
            return str(refusal)
        values = dict(refusal.values)
        if "item" in values:
            values["item"] = self._name_refused(str(values["item"]))
        if "status" in values:
            values["status"] = self.book.name(str(values["status"]), kind="status")
        return self.book.put(key, **values)

    def _name_refused(self, item: str) -> str:
        """The item that a tool names in English, as it is called in this talk."""
        if self.language == "en":
            return item
        for known in self.desk.trail.state.entities.known.values():
            entity = known.entity
            told = (entity.attributes.get(field, ("",))[0].lower() for field in ("color", "size"))
            if item.startswith(entity.name) and all(part in item.lower() for part in told):
                return self.held_name(entity)
        return item

    def _allow(self, name: str, *, title: str) -> str:
        self.voice.allow_name(name)
        self.voice.allow_name(shorten(title))
        return name


_OUTAGES = (
    "stale", "cart.unpriced", "cart.unpriced.since", "policy.out_of_reach", "promotions.out_of_reach",
    "prices.out_of_reach", "orders.out_of_reach", "stock.unknown",
)  # fmt: skip
"""Wordings that say of a system that it is out of reach."""
_OPENING_WORDS = 3
_SHORTEST_REPEATED = 8


def _opens_alike(said: str, last: str) -> bool:
    """Whether the last reply began with the same words."""
    opening = said.split()[:_OPENING_WORDS]
    return len(opening) == _OPENING_WORDS and last.split()[:_OPENING_WORDS] == opening
