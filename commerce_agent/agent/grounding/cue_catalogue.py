"""What a catalogue of cues holds, one file a language."""

import msgspec


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language's words, as a translator edits them."""

    limit: tuple[str, ...]
    more_than: tuple[str, ...]
    difference: tuple[str, ...]
    discount: tuple[str, ...]
    range: tuple[str, ...]
    condition: tuple[str, ...]
    negation: tuple[str, ...]
    not_so: tuple[str, ...]
    unsure: tuple[str, ...]
    clause: tuple[str, ...]
    in_stock: tuple[str, ...]
    out_of_stock: tuple[str, ...]
    left: tuple[str, ...]
    before_count: tuple[str, ...]
    free: tuple[str, ...]
    free_after: tuple[str, ...]
    pricing: tuple[str, ...]
    priced_at: tuple[str, ...]
    only: tuple[str, ...]
    flat: tuple[str, ...]
    span_from: tuple[str, ...]
    span_to: tuple[str, ...]
    points: tuple[str, ...]
    promises: dict[str, tuple[str, ...]]
    code: tuple[str, ...]
    relating: tuple[str, ...]
    """Behind a word of `code` these say what one would do."""
    sku: tuple[str, ...]
    working: tuple[str, ...]
    periods: dict[str, tuple[str, ...]]
    topics: dict[str, tuple[str, ...]]
    cheaper_than: tuple[str, ...]
    dearer_than: tuple[str, ...]
    half_of: tuple[str, ...]
    twice_of: tuple[str, ...]
    cheapest: tuple[str, ...]
    dearest: tuple[str, ...]
    reduced: tuple[str, ...]
    single: tuple[str, ...]
    part_off: dict[int, tuple[str, ...]]
    parts: dict[int, tuple[str, ...]]
    off_by: tuple[str, ...]
    left_of: tuple[str, ...]
    have_item: tuple[str, ...]
    paying: tuple[str, ...]
    telling: tuple[str, ...]
    declined: tuple[str, ...]
    carriage: tuple[str, ...]
    saving: tuple[str, ...]
    nearly: tuple[str, ...]
    just_over: tuple[str, ...]
    nothing: tuple[str, ...]
    until: tuple[str, ...]
    end_of: tuple[str, ...]
    named_days: dict[str, tuple[str, ...]]
    one_of: tuple[str, ...]
    some: tuple[str, ...]
    of: tuple[str, ...]
    amounts: dict[int, tuple[str, ...]]
    has: tuple[str, ...]
    no_more: tuple[str, ...]
    getting: tuple[str, ...]
    at_most: tuple[str, ...]
    at_least: tuple[str, ...]
    qualified: tuple[str, ...]
    delivery: tuple[str, ...]
    returning: tuple[str, ...]
    coming: tuple[str, ...]
    relative_days: tuple[str, ...]
    money: tuple[str, ...]
    percent: tuple[str, ...]
    units: tuple[str, ...]
    tens: tuple[str, ...]
    joined: tuple[str, ...]
    hundred: tuple[str, ...]
    hundreds: tuple[str, ...]
    after_hundreds: tuple[str, ...]
    thousand: tuple[str, ...]
    pieces_of: tuple[str, ...]
    """What goods are counted in: jars, packs."""
    obtainable: tuple[str, ...]
    """What is said only of what can be had: "can ship", "add it to your cart"."""
    redeeming: tuple[str, ...]
    unreal: tuple[str, ...]
    """What follows is not so: "if it were"."""
    roughly: tuple[str, ...]
    routine: tuple[str, ...]
    """A period behind it is how often or for whom, and no term of the shop."""
    pastime: tuple[str, ...]
    """A period before it is how long somebody is out, or how old."""
    sending: tuple[str, ...]
    origin: tuple[str, ...]
    """A place behind these is where goods come from, and not where they are sent to."""
    this_day: tuple[str, ...]
    under: tuple[str, ...]
    over: tuple[str, ...]
    plenty: tuple[str, ...]
    """What of one or two is not so."""
    you_said: tuple[str, ...]
    together: tuple[str, ...]
    pair: tuple[str, ...]
    longer_than: tuple[str, ...]
    modals: tuple[str, ...]
    acts: tuple[str, ...]
    """Behind a word of `modals` these say that goods can be had."""
    instead: tuple[str, ...]
    """What is said of other goods than those named."""
    yours: tuple[str, ...]
    part_of_year: tuple[str, ...]
    looking_for: tuple[str, ...]
    offers: tuple[str, ...]
    """What the shop calls a promotion."""
    ending: tuple[str, ...]
    good_for: tuple[str, ...]
    """Before a season these tell of an offer only where its own clause is on one."""
    to_go: tuple[str, ...]
    """Beside a period these say that it is what is left of an offer."""
    ended: tuple[str, ...]
    ahead: dict[str, tuple[str, ...]]
    """Days without a date, by how many they are from now on, or in which part of the week or month."""
    same_price: tuple[str, ...]
    same_stock: tuple[str, ...]
    order_words: tuple[str, ...]
    worth: tuple[str, ...]
    """Between an order and the sum that it would come to."""
    has_been: tuple[str, ...]
    order_done: dict[str, tuple[str, ...]]
    """By the state that an order is in then: what was done to it."""
    order_being: tuple[str, ...]
    order_is: dict[str, tuple[str, ...]]
    """By the state that an order is in: what it is."""
    in_cart: tuple[str, ...]
    to_cart: tuple[str, ...]
    cart_done: tuple[str, ...]
    cart_put: tuple[str, ...]
    cart_being: tuple[str, ...]
    cart_out: tuple[str, ...]
    cart_holds: tuple[str, ...]
    cart_empty: tuple[str, ...]
    button: tuple[str, ...]
    """What stands on the buttons that a reply speaks of."""
    former: tuple[str, ...]
    """With these a sum may be what something has cost."""
    preorder: tuple[str, ...]
    """That goods may be ordered which are not there yet."""
    cheapened: tuple[str, ...]
    """That something costs less than it did."""
    over_by_now: tuple[str, ...]
    """At the end of a clause about an offer these say that it holds no more."""
    prolonged: tuple[str, ...]
    another: tuple[str, ...]
    couple: tuple[str, ...]
    seasons: dict[str, tuple[str, ...]]
    """By their first and last month."""
    parts_of_month: dict[str, tuple[str, ...]]
    """By their first and last day."""
    among: tuple[str, ...]
    those: tuple[str, ...]
    them: tuple[str, ...]
    things: tuple[str, ...]
    being: tuple[str, ...]
    costing: tuple[str, ...]
    few_of: dict[int, tuple[str, ...]]
    """How it is said of none of them, and of one."""
    might: tuple[str, ...]
    supposing: tuple[str, ...]
    with_sum: tuple[str, ...]
    """A sum behind these is supposed where it is a budget, and else may be what something costs."""
    budget: tuple[str, ...]
    holding: tuple[str, ...]
    """Right beside a sum these say that somebody has it."""
    to_pay: tuple[str, ...]
    leaving: tuple[str, ...]
    """What is not spent of a budget."""
    taking: tuple[str, ...]
    paying_for: tuple[str, ...]
    filling: tuple[str, ...]
    """Words that say nothing of what goods a sentence is."""
    one_piece: tuple[str, ...]
    """Where goods are said to be there, with these there is one of them."""
    there_is: tuple[str, ...]
    refund: tuple[str, ...]
    """What is told beside it is told of the money, and not of how long goods may be sent back."""
    may_return: tuple[str, ...]
    also: tuple[str, ...]
    going_back: tuple[str, ...]
    """Right behind a word of `may_return` these say that goods may be sent back."""
    gone_back: tuple[str, ...]
    """The same where it stands at the end, other words between."""
    used: tuple[str, ...]
    """What goods are that are no longer as new."""
    even_if: tuple[str, ...]
    takes_used: tuple[str, ...]
    """Before used goods these say that the shop takes them back; words of `welcome` do so behind them."""
    welcome: tuple[str, ...]
    back_too: tuple[str, ...]
    having: tuple[str, ...]
    """Between goods and their warranty."""
    all_our: tuple[str, ...]
    supply: tuple[str, ...]
    supply_is: tuple[str, ...]
    scarce_supply: tuple[str, ...]
    """Behind a word of `supply` and one of `supply_is` these say that few are left."""
    becoming: tuple[str, ...]
    very: tuple[str, ...]
    scarce: tuple[str, ...]
    """Right behind a word of `becoming` these say it of the goods themselves."""
    low_on: tuple[str, ...]
    """Phrases that say so by themselves."""
    soon: tuple[str, ...]
    """Before a word for "sold out" these say that few are left."""
    standing: tuple[str, ...]
    by_now: tuple[str, ...]
    there_now: tuple[str, ...]
    """Behind a name and a word of `standing` these say at the end of a clause that it is in stock."""
    out_now: tuple[str, ...]
    """The same of what is sold out, words of `for_now` between."""
    ran_out: tuple[str, ...]
    """Right behind a name: it was sold out."""
    for_now: tuple[str, ...]
    we_are: tuple[str, ...]
    limits: tuple[str, ...]
    """What may be gone and was never for sale."""
    gone: tuple[str, ...]
    """What may be said of more than goods, as "sold out" is not."""
    saying_yes: tuple[str, ...]
    saying_no: tuple[str, ...]
    availability: tuple[str, ...]
    """At the head of a cell that says yes or no."""
    availability_of: tuple[str, ...]
    available: tuple[str, ...]
    """By itself in a cell or behind a sum it says that something is in stock."""
    just_now: tuple[str, ...]
    otherwise: tuple[str, ...]
    """That it may be had in some form or until some day, and not that it is there now."""
    obliged: tuple[str, ...]
    """What must be done is no word of `acts`."""
    each_of: tuple[str, ...]
    at_all: tuple[str, ...]
    """What holds a word of `each_of` and tells of none of several."""
    kept: tuple[str, ...]
    """That goods are there by themselves, and not only that they may be had."""
    leaves_you: tuple[str, ...]
    """Between a sum and what is left of it."""
    still_so: tuple[str, ...]
    and_also: tuple[str, ...]
    it_is: tuple[str, ...]
    """Between a sum and a word of `available`."""
    makes_noun: tuple[str, ...]
    """Before a word of `getting` that may be a noun, as "order" is."""
    own_voice: tuple[str, ...]
    chosen: tuple[str, ...]
    """Behind a word of `own_voice`, or before it, these say what the assistant suggested."""
    i_chose: tuple[str, ...]
    """The same in one phrase."""
    because: tuple[str, ...]


APART = frozenset(
    {
        "periods",
        "topics",
        "promises",
        "order_done",
        "order_is",
        "part_off",
        "parts",
        "ahead",
        "seasons",
        "parts_of_month",
        "few_of",
        "off_by",
        "left_of",
        "named_days",
        "amounts",
        "units",
        "tens",
        "joined",
        "hundred",
        "hundreds",
        "after_hundreds",
    }
)
"""What of a catalogue is more than a list of words."""
