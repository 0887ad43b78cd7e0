"""Choosing among the items that a phrase fits: by question, focus, list, place and recency; never between
equals.
"""

from collections.abc import Sequence

import msgspec

from conversations.events.entities import ReferenceOutcome
from conversations.language.order import list_plain_forms
from conversations.language.shop_language import find_bulk, list_measures_of
from conversations.language.standing_for import find_stated, turn
from conversations.language.tokens import get_stem
from conversations.language.tongue import Direction
from conversations.references.chosen import Choice
from conversations.references.features import Features
from conversations.references.filters import list_fitting
from conversations.references.mentions import PLACES_OF_OWN, Mention
from conversations.references.places import find_shown_before, pick_place, pick_positions
from conversations.references.pronoun_choice import choose_it, choose_them
from conversations.references.scene import Scene
from conversations.references.spans import Known


def choose(mention: Mention, scene: Scene, known: Known) -> Choice | None:
    """Answers the choice; None where the phrase, after all, points at nothing that the conversation has."""
    if mention.kind == "implied":
        return _choose_implied(mention, scene)
    if mention.kind == "pronoun_one":
        return choose_it(scene)
    if mention.kind == "pronoun_many":
        return choose_them(mention, scene)
    pool, rules = _get_pool(mention, scene)
    if mention.names:
        return Choice(outcome="unknown", rules=(*rules, "name", "nothing_fits"))
    fitting = _list_ranked(mention, scene, list_fitting(pool, mention, known))
    if mention.negated:
        return _choose_rest(scene, fitting)
    rules = (*rules, *_name_wants(mention))
    if not fitting:
        return _choose_loosely(mention, scene, pool, known, rules)
    if mention.other:
        return _choose_other(mention, scene, fitting, rules)
    if mention.positions and not mention.extreme:
        return _choose_position(mention, scene, known, rules)
    if mention.extreme:
        return _choose_extreme(mention, scene, fitting, rules)
    return _choose_fitting(mention, scene, fitting, rules)


def _list_ranked(mention: Mention, scene: Scene, fitting: tuple[Features, ...]) -> tuple[Features, ...]:
    """As in "the cheaper one in medium", "the first one in medium": what was shown is ranked or counted, in whichever
    size it was shown.
    """
    at_hand = (*scene.asked, *scene.focus, *scene.latest)
    elsewhere = not any(item in at_hand for item in fitting)
    ranks = mention.extreme or mention.positions
    return () if ranks and mention.variants and elsewhere and not mention.bag else fitting


def _get_pool(mention: Mention, scene: Scene) -> tuple[tuple[Features, ...], tuple[str, ...]]:
    match mention.bag:
        case "cart":
            return scene.cart, ("cart",)
        case "order":
            return tuple(dict.fromkeys(item for order in scene.orders for item in order)), ("order",)
        case "last_order":
            return scene.orders[0] if scene.orders else (), ("order", "last")
        case _:
            return scene.known, ()


def _name_wants(mention: Mention) -> tuple[str, ...]:
    return tuple(dict.fromkeys("spelling" if want.misspelt else want.kind for want in mention.wants))


def _choose_implied(mention: Mention, scene: Scene) -> Choice | None:
    if not scene.focus or (mention.plural is False and len(scene.focus) > 1):
        return None
    return Choice(outcome="resolved", items=scene.focus, rules=("implied", "focus"))


def _choose_rest(scene: Scene, fitting: Sequence[Features]) -> Choice | None:
    """As in "Not the red one": what is left of the choice."""
    pool = scene.asked or (scene.focus if len(scene.focus) > 1 else scene.latest)
    rest = tuple(item for item in pool if item not in fitting)
    if not rest or len(rest) == len(pool):
        return None
    return Choice(outcome="resolved" if len(rest) == 1 else "ambiguous", items=rest, rules=("negation",))


def _choose_loosely(
    mention: Mention, scene: Scene, pool: Sequence[Features], known: Known, rules: tuple[str, ...]
) -> Choice | None:
    """Nothing fits in every word: an item that differs only in what it is called, or nothing known."""
    if mention.variants and (mention.positions or len(mention.variants) < len(mention.wants)):
        # "The first one in medium": by its place it is known, and the size is asked for.
        kept = tuple(want for want in mention.wants if want not in mention.variants)
        plain = msgspec.structs.replace(mention, wants=kept, variants=())
        choice = choose(plain, scene, known)
        return msgspec.structs.replace(choice, rules=(*choice.rules, "variant")) if choice else None
    if any(want.kind != "category" for want in mention.wants):
        loosely = list_fitting(pool, mention, known, loose=True)
        if loosely:
            choice = _choose_fitting(mention, scene, loosely, (*rules, "loose_noun"))
            if choice and choice.outcome == "resolved":
                return choice
    own = mention.bag in PLACES_OF_OWN
    if not own and not (mention.wants and scene.known):
        return None
    return Choice(outcome="unknown", rules=(*rules, "nothing_fits"))


def _choose_other(
    mention: Mention, scene: Scene, fitting: Sequence[Features], rules: tuple[str, ...]
) -> Choice | None:
    if len(scene.focus) > 1 and not scene.asked and set(scene.latest) <= set(scene.focus):
        return _choose_fitting(
            mention, scene, fitting, rules
        )  # None of them was spoken of: other than which?
    for pool in (scene.asked, scene.latest, *scene.showings[1:2], scene.known):
        rest = tuple(item for item in pool if item in fitting and item not in scene.focus)
        if rest and len(rest) < len(pool):
            many = mention.plural is True
            sure = len(rest) == 1 or (many and mention.count in (None, len(rest)))
            return Choice(outcome="resolved" if sure else "ambiguous", items=rest, rules=(*rules, "other"))
        if pool is scene.latest and (shown := find_shown_before(scene, fitting)):
            return Choice(outcome="resolved", items=(shown,), rules=(*rules, "other"))
    if len(scene.focus) > 1:
        return _choose_fitting(mention, scene, fitting, rules)
    return None


def _choose_position(mention: Mention, scene: Scene, known: Known, rules: tuple[str, ...]) -> Choice | None:
    """Counts in the last list with such items. What is past its end is nothing, whatever earlier lists held."""
    if mention.variants:
        # "The third one in white" of mugs, of which others are white: the third, and in white.
        kept = tuple(want for want in mention.wants if want not in mention.variants)
        plain = msgspec.structs.replace(mention, wants=kept, variants=())
        choice = _choose_position(plain, scene, known, rules)
        return msgspec.structs.replace(choice, rules=(*choice.rules, "variant")) if choice else None
    past_end = Choice(outcome="unknown", rules=(*rules, "position"))
    asked = pick_positions(mention, list_fitting(scene.asked, mention, known))
    if asked:
        return Choice(outcome="resolved", items=asked, rules=(*rules, "position"))
    for row in _list_rows(mention, scene):
        fitting = list_fitting(row, mention, known)
        if fitting:
            picked = pick_positions(mention, fitting)
            return (
                Choice(outcome="resolved", items=picked, rules=(*rules, "position")) if picked else past_end
            )
    return past_end if scene.known else None


def _list_rows(mention: Mention, scene: Scene) -> tuple[tuple[Features, ...], ...]:
    """The rows that a position may be counted in, the likeliest first."""
    match mention.bag:
        case "cart":
            return (scene.cart,)
        case "order" | "last_order":
            orders = scene.orders[:1] if mention.bag == "last_order" else scene.orders
            # The last thing that was bought is the newest.
            return (tuple(item for order in reversed(orders) for item in order),)
        case "earliest":
            return scene.showings[::-1]
        case _:
            return scene.showings


def _choose_extreme(
    mention: Mention, scene: Scene, fitting: Sequence[Features], rules: tuple[str, ...]
) -> Choice | None:
    named, asked = mention.extreme or ("", "low")
    for pool in (pools := _list_pools(mention, scene)):
        inside = [item for item in pool if item in fitting]
        measure, direction = _settle_measure(_get_told(named, inside), asked, inside)
        row = [item for item in pool if item in fitting and _get_measure(item, measure) is not None]
        if len(row) < 2 and pool is not pools[-1]:
            continue
        if not row:
            # "Which is loudest?" of what the shop gives no figure for.
            return _choose_worded(mention, scene, fitting, rules)
        if mention.count and mention.count > 1 and not mention.positions:
            return _choose_few(mention.count, row, (measure, direction), rules)
        ranked = sorted({_get_measure(item, measure) or 0.0 for item in row}, reverse=direction == "high")
        rank = mention.positions[0] - 1 if mention.positions else 0
        if not -len(ranked) <= rank < len(ranked):
            return Choice(outcome="unknown", rules=(*rules, f"extreme:{measure}", "position"))
        best = tuple(item for item in row if _get_measure(item, measure) == ranked[rank])
        sure = len(best) == 1 or mention.plural is True
        return Choice(
            outcome="resolved" if sure else "ambiguous", items=best, rules=(*rules, f"extreme:{measure}")
        )
    return None


def _list_pools(mention: Mention, scene: Scene) -> tuple[tuple[Features, ...], ...]:
    """What may be ranked; "the dearest thing in my cart" is none of what was shown beside it."""
    several = scene.focus if len(scene.focus) > 1 else ()
    return (
        (scene.cart,)
        if mention.bag == "cart"
        else (scene.asked, several, scene.latest, _list_alike(mention, scene))
    )


def _list_alike(mention: Mention, scene: Scene) -> tuple[Features, ...]:
    """All that is known; where no noun says of which goods, only what is of the kinds that were shown last."""
    kinds = {item.shown.get("category", "") for item in scene.latest}
    if not kinds or "" in kinds or any(want.kind == "category" for want in mention.wants):
        return scene.known
    return tuple(item for item in scene.known if item.shown.get("category") in kinds)


def _choose_worded(
    mention: Mention, scene: Scene, fitting: Sequence[Features], rules: tuple[str, ...]
) -> Choice | None:
    """As in "the quietest one" of pads whose noise is told in words: the one that is called quiet."""
    keys = {get_stem(form) for word in mention.ranked for form in list_plain_forms(word)}
    for pool in (scene.asked, scene.focus if len(scene.focus) > 1 else (), scene.latest):
        row = [item for item in pool if item in fitting]
        told = tuple(item for item in row if keys & item.values.keys())
        if told and len(told) < len(row):
            sure = len(told) == 1 or mention.plural is True
            outcome: ReferenceOutcome = "resolved" if sure else "ambiguous"
            return Choice(outcome=outcome, items=told, rules=(*rules, "value"))
    return None


def _settle_measure(measure: str, direction: Direction, items: Sequence[Features]) -> tuple[str, Direction]:
    """As in "the warmest": what the shop states instead, and at which end of that it is."""
    stated = find_stated(measure, dict.fromkeys(name for item in items for name in item.measures))
    return (stated[0], turn(direction, turned=stated[1])) if stated else (measure, direction)


def _choose_few(
    count: int, row: Sequence[Features], extreme: tuple[str, Direction], rules: tuple[str, ...]
) -> Choice:
    """As in "the two cheapest": so many from the end; where the last of them has equals, which is open."""
    measure, direction = extreme
    ranked = sorted(row, key=lambda item: _get_measure(item, measure) or 0.0, reverse=direction == "high")
    last = _get_measure(ranked[min(count, len(ranked)) - 1], measure)
    few = ranked[:count]
    equals = [item for item in ranked[count:] if _get_measure(item, measure) == last]
    return Choice(
        outcome="ambiguous" if equals else "resolved",
        items=(*few, *equals),
        rules=(*rules, f"extreme:{measure}", "count"),
    )


def _get_told(measure: str, items: Sequence[Features]) -> str:
    """The measure by which the items are told apart: "the bigger one" of tanks that state no size holds more."""
    if measure != "size" or len(items) < 2 or any(_get_measure(item, measure) is not None for item in items):
        return measure
    shared = [name for name in items[0].measures if all(name in item.measures for item in items)]
    return find_bulk(shared, shown=True) or measure


def _get_measure(item: Features, measure: str) -> float | None:
    if measure in item.measures:
        return item.measures[measure]
    return next((value for name, value in item.measures.items() if measure in list_measures_of(name)), None)


def _choose_fitting(
    mention: Mention, scene: Scene, fitting: Sequence[Features], rules: tuple[str, ...]
) -> Choice | None:
    stages = _list_stages(scene, fitting)
    if mention.partitive == "one":
        return _choose_one_of(mention, scene, stages, rules)
    if mention.plural is True or mention.whole:
        in_turn = _choose_in_turn(mention, scene)
        return in_turn or _choose_many(mention, stages, rules)
    for rule, here in stages:
        if len(here) == 1:
            return Choice(outcome="resolved", items=here, rules=(*rules, rule))
        if here and mention.plural is None and (mention.demonstrative or mention.compared):
            return Choice(outcome="resolved", items=here, rules=(*rules, rule))
        if _is_row_place(mention, scene, here):
            return Choice(
                outcome="resolved", items=(pick_place(here, mention.place or 0),), rules=(*rules, "place")
            )
        if len(here) > 1 and len(last := scene.list_meant_since(here)) == 1 and _is_plain_kind(mention):
            return Choice(outcome="resolved", items=last, rules=(*rules, rule, "meant_last"))
        if len(here) > 1 and len(called := _list_called(mention, here)) == 1:
            return Choice(outcome="resolved", items=called, rules=(*rules, rule, "called"))
        if len(here) > 1:
            return Choice(outcome="ambiguous", items=here, rules=(*rules, rule, "equals"))
    return None


def _list_called(mention: Mention, here: Sequence[Features]) -> tuple[Features, ...]:
    """As in "the grey scarf", where scarves and neckwarmers are sold as scarves: those whose own name says so."""
    kinds = [want.key for want in mention.wants if want.kind == "category"]
    return tuple(item for item in here if kinds and set(kinds) <= item.name_words)


def _is_plain_kind(mention: Mention) -> bool:
    """As in "and the pushchair?": by its kind alone, as one calls what was talked of."""
    kinds = all(want.kind == "category" for want in mention.wants)
    return bool(mention.wants) and kinds and mention.plural is False and not mention.standin


def _choose_one_of(
    mention: Mention, scene: Scene, stages: Sequence[tuple[str, tuple[Features, ...]]], rules: tuple[str, ...]
) -> Choice | None:
    """As in "One of those dresses" leaves open which."""
    if not stages:
        return None
    here = stages[0][1]
    if _is_row_place(mention, scene, here):
        return Choice(
            outcome="resolved", items=(pick_place(here, mention.place or 0),), rules=(*rules, "place")
        )
    return Choice(outcome="resolved" if len(here) == 1 else "ambiguous", items=here, rules=(*rules, "one_of"))


def _list_stages(scene: Scene, fitting: Sequence[Features]) -> list[tuple[str, tuple[Features, ...]]]:
    """The fitting items in ever wider circles: the question's, the focus, the last list, all."""
    fits = {id(item) for item in fitting}

    def within(pool: Sequence[Features]) -> tuple[Features, ...]:
        return tuple(item for item in pool if id(item) in fits)

    stages = [("asked", within(scene.asked)), ("focus", within(scene.focus))]
    stages += [("latest", within(showing)) for showing in scene.showings]
    stages.append(("known", tuple(fitting)))
    return [(rule, here) for rule, here in stages if here]


def _choose_in_turn(mention: Mention, scene: Scene) -> Choice | None:
    """As in "put both in", where one was chosen and then, of other goods, another: no older list of two is meant."""
    single = len(scene.latest) == len(scene.focus) == 1
    if not (mention.whole and mention.count == 2 and single) or mention.wants or scene.asked:
        return None
    if not scene.before_of_others:
        return None
    return Choice(outcome="resolved", items=(*scene.before_of_others, *scene.focus), rules=("in_turn",))


def _choose_many(
    mention: Mention, stages: Sequence[tuple[str, tuple[Features, ...]]], rules: tuple[str, ...]
) -> Choice | None:
    if not mention.count and not mention.whole and _is_version_at_hand(stages):
        return Choice(outcome="resolved", items=stages[0][1], rules=(*rules, "focus"))
    for rule, here in stages:
        if mention.count and len(here) == mention.count:
            return Choice(outcome="resolved", items=here, rules=(*rules, rule, "count"))
        kin = _list_kin(mention, here, stages[0][1])
        if not mention.count and len(kin) > 1:
            return Choice(outcome="resolved", items=kin, rules=(*rules, rule, "all"))
    if in_turn := _join_rows(mention, stages):
        return Choice(outcome="resolved", items=in_turn, rules=(*rules, "in_turn", "count"))
    if not stages:
        return None
    rule, here = stages[0]
    products = {item.group or item.ref.key: item for item in reversed(here)}
    if mention.count and len(products) == mention.count:
        first = tuple(item for item in here if item in products.values())
        return Choice(outcome="resolved", items=first, rules=(*rules, rule, "count", "alike"))
    if mention.count and any(len(wide) > mention.count for _, wide in stages):
        return Choice(outcome="ambiguous", items=stages[-1][1], rules=(*rules, "count"))
    return Choice(outcome="resolved", items=here, rules=(*rules, rule))


def _list_kin(
    mention: Mention, here: tuple[Features, ...], nearest: Sequence[Features]
) -> tuple[Features, ...]:
    """As in "the black ones", of fins, where a mask of before is black as well: those of the kind that is nearest."""
    kinds = {item.shown.get("category", "") for item in nearest}
    if mention.whole or not mention.standin or "" in kinds:
        return here
    return tuple(item for item in here if item.shown.get("category") in kinds)


def _join_rows(mention: Mention, stages: Sequence[tuple[str, tuple[Features, ...]]]) -> tuple[Features, ...]:
    """As in "I'll take all three", after two were shown and then one: all of the last lists, where they are so many."""
    rows = [here for rule, here in stages if rule == "latest"]
    for count in range(2, len(rows) + 1):
        joined = tuple(dict.fromkeys(item for row in reversed(rows[:count]) for item in row))
        if len(joined) == mention.count:
            return joined
    return ()


def _is_version_at_hand(stages: Sequence[tuple[str, tuple[Features, ...]]]) -> bool:
    """As in "the hoops", when of two colours of one product the silver ones are at hand."""
    if not stages or stages[0][0] != "focus" or len(stages[0][1]) != 1:
        return False
    group = stages[0][1][0].group
    return bool(group) and all(item.group == group for item in stages[-1][1])


def _is_row_place(mention: Mention, scene: Scene, here: Sequence[Features]) -> bool:
    """As in "The one on the left" is a place in the row of cards, where nothing else is said and the row is
    all there.
    """
    return mention.place is not None and len(here) > 1 and tuple(here) in (scene.latest, scene.asked)
