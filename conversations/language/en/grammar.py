"""English small words."""

from conversations.language.tongue import Grammar, word_set

GRAMMAR = Grammar(
    definite=frozenset({"the", "my"}),
    demonstrative_one=frozenset({"that", "this"}),
    demonstrative_many=frozenset({"those", "these"}),
    indefinite=frozenset(
        {"a", "an", "any", "some", "something", "anything", "no", "more", "what", "which", "other"}
    ),
    both=frozenset({"both"}),
    all_of=frozenset({"all", "each", "every"}),
    pronoun_one=frozenset({"it", "its", "itself"}),
    pronoun_many=frozenset({"them", "they", "their", "theirs"}),
    standin_one=frozenset({"one", "item", "product", "thing", "pair", "option", "model", "piece", "choice"}),
    standin_many=frozenset(
        {"ones", "items", "products", "things", "pairs", "options", "models", "pieces", "choices"}
    ),
    other=frozenset({"other", "others"}),
    another=frozenset({"another"}),
    conjunctions=frozenset({"and", "or", "&", "plus", "vs", "versus", ","}),
    prepositions=frozenset({"of", "from", "by", "in", "with", "for", "on", "at", "to", "than", "like", "as"}),
    paired=word_set(
        "jeans pants trousers slacks shorts leggings tights joggers chinos sweatpants pyjamas pajamas "
        "overalls shoes boots sneakers trainers sandals heels slippers loafers flats socks gloves "
        "mittens earrings glasses sunglasses goggles headphones earphones earbuds speakers scissors "
        "pliers tongs tweezers binoculars scales clothes curtains drapes blinds skis skates cufflinks "
        "shelves"
    ),
    relative=frozenset(
        {"that", "which", "with", "from", "by", "in", "made", "who", "having", "featuring", "of"}
    ),
    copulas=frozenset({"is", "are", "was", "were", "that's", "comes", "come", "be"}),
    auxiliaries=frozenset({"do", "does", "did", "will", "would", "can", "could"}),
    acquiring=word_set(
        "add buy take get order purchase put toss throw keep grab want like pick choose reserve"
    ),
    taking=frozenset({"add", "buy", "take", "purchase", "order", "get", "put", "grab"}),
    searching=word_set(
        "show find search look looking recommend suggest have got need want sell carry stock see "
        "offer offers pull any anything something wanna browse bring seeking shopping hunting"
    ),
    aspects=word_set(
        "price prices cost costs rating ratings review reviews brand brands size sizes sizing color "
        "colour colors colours material materials pattern patterns style styles fabric length width "
        "height weight score scores feedback maker manufacturer availability stock sleeve sleeves "
        "specs details dimensions warranty quality design look cut fit range pricing"
    ),
    fact_questions=(
        "how much",
        "who makes",
        "who made",
        "who produces",
        "who designed",
        "made of",
        "made out of",
        "how big",
        "how large",
        "how heavy",
        "how tall",
        "how wide",
        "how long",
        "how good",
        "how popular",
        "rated",
    ),
    qualifying=frozenset({"with"}),
    places={
        "left": 0,
        "leftmost": 0,
        "right": -1,
        "rightmost": -1,
        "top": 0,
        "bottom": -1,
        "middle": 1,
        "center": 1,
        "centre": 1,
    },
    place_openers=word_set(
        "on in at near under behind beside to next by up above below over between inside along "
        "hanging against from towards underneath atop beneath across folded sitting displayed"
    ),
    loose_openers=frozenset({"to", "in", "from"}),
    place_joints=word_set(
        "of very far side end row up down over there here back front out second third first all the"
    ),
    bags=frozenset({"cart", "basket", "bag", "trolley"}),
    putting=word_set("put add place throw pop toss stick drop pack"),
    towards=frozenset({"to", "into"}),
    leaving=frozenset({"out"}),
    bought=frozenset({"bought", "ordered", "purchased"}),
    beginnings=frozenset({"start", "beginning", "outset"}),
    denying=frozenset({"no", "nope", "nah"}),
    too=frozenset({"too"}),
    buyers=frozenset({"i", "i've", "i'd", "we", "we've", "we'd"}),
    purchases=frozenset({"order", "orders", "purchase", "purchases"}),
    earlier_orders=word_set("last latest newest most recent previous past earlier older old first"),
    newest=frozenset({"last", "latest", "newest", "recent", "previous"}),
    shown=word_set(
        "showed shown saw seen mentioned suggested recommended pointed described listed offered show "
        "presented said told"
    ),
    speakers=frozenset({"i", "i've", "we", "you", "you've", "we've", "you'd"}),
    earlier=frozenset({"earlier", "before", "previously", "just", "already", "ago"}),
    memory_noise=frozenset({"me", "us", "to", "out", "at", "a", "moment", "minute"}),
    articles=frozenset({"a", "an"}),
    possessives=frozenset({"my"}),
    of_somebody=frozenset({"he", "she", "him", "her", "his", "wears", "takes"}),
    field_names=frozenset({"size", "color", "colour", "brand"}),
    verbs=word_set(
        "compare compares cost costs come comes look looks fit fits go goes add put buy take get show "
        "tell give make makes match matches work works sell differ differs measure please compared "
        "versus"
    ),
    similar=frozenset({"same", "similar"}),
    utmost={
        "most": "high",
        "highest": "high",
        "greatest": "high",
        "largest": "high",
        "biggest": "high",
        "longest": "high",
        "least": "low",
        "lowest": "low",
        "fewest": "low",
        "smallest": "low",
        "shortest": "low",
    },
    measuring_out=frozenset({"most", "least", "much", "enough", "little"}),
    suiting=frozenset({"fit", "fits", "work", "works", "suit", "suits", "match", "matches", "go", "goes"}),
    fussy=frozenset({"limit", "narrow", "switch", "change", "keep", "sure", "restrict", "mix", "is", "call"}),
    before_that=word_set(
        "take add buy want get like love on of for about with than is are was does do much size sizes "
        "brand color order purchase keep see put to cost both by compare or in reviews review rating "
        "return ratings price how throw toss grab choose pick reserve wear"
    ),
    after_idle_that=word_set(
        "won't wouldn't can't don't doesn't isn't aren't has have had "
        "can can't cannot sounds seems works would will should could might matters said case way helps being means "
        "matches match goes fits comes costs"
    ),
    dropping=frozenset({"scratch", "strike", "disregard", "forget", "ignore"}),
    none_of=frozenset({"none", "neither"}),
    before_idle_it=frozenset({"make", "forget", "that's", "worth", "sure"}),
    after_idle_it=frozenset(
        {"possible", "ok", "okay", "matter", "over", "matters", "for", "fine", "alright", "a"}
    ),
    shopkeeping=frozenset({"ship", "deliver", "accept", "sell", "refund", "charge", "restock"}),
    before_weather=frozenset({"when", "if", "because", "while", "once", "though", "as", "since"}),
    weather=word_set(
        "cold hot warm wet rainy raining rains snowing snows snowy freezing icy windy stormy sunny dark late early "
        "winter summer spring autumn christmas"
    ),
    asking=frozenset({"what", "which", "how", "and"}),
    about=frozenset({"about"}),
    negated=frozenset({"doesn't", "don't", "not"}),
    easing=frozenset({"needn't", "need"}),
    needing=frozenset({"have", "need", "matter", "necessarily"}),
    must=frozenset({"should", "must", "would", "needs", "has", "ought", "can't", "shouldn't"}),
    landmarks=(
        "next to",
        "beside",
        "behind",
        "in front of",
        "left of",
        "right of",
        "near",
        "below",
        "above",
        "under",
        "between",
        "opposite",
        "closest to",
        "by the",
        "adjacent to",
        "over",
    ),
    having=frozenset({"has", "have", "costs", "weighs"}),
    comparing=frozenset({"compare", "comparison", "difference", "differences", "differ", "versus", "vs"}),
    idle_about=frozenset({"think", "thinking", "thought", "know", "sure", "sorry"}),
    subjects=frozenset({"it", "i", "you", "he", "she", "we", "they", "there", "i'd", "i'll", "you'd"}),
    each=frozenset({"each"}),
    something=frozenset({"something", "anything", "present", "gift"}),
    wishers=frozenset({"am", "i'm", "im", "we're"}),
    wishing=frozenset({"looking", "need", "want", "searching", "like"}),
    leading_up=frozenset({"and", "so", "but", ","}),
    part_of=frozenset({"of"}),
    adding=frozenset({"and"}),
    either=frozenset({"or"}),
    excluding=(
        "not",
        "except",
        "without",
        "no",
        "n't",
        "nor",
        "other than",
        "but not",
        "except for",
        "apart from",
    ),
    replacing=("instead of", "rather than", "in place of"),
    to_be_had=frozenset({"available", "offered"}),
    also=frozenset({"also", "too"}),
    standing_by=frozenset({"beside", "behind", "near", "opposite"}),
    plain_relative=frozenset({"in", "of", "by", "from"}),
    counting_noun=frozenset({"one"}),
    one_other=frozenset({"other"}),
    elsewhere=frozenset({"something", "anything", "else", "similar", "others", "alternatives"}),
    before_each=frozenset({"of", "if", "for"}),
    benefiting=frozenset({"for"}),
    inside=frozenset({"in"}),
    thanks=frozenset({"thanks", "you", "thank", "cheers"}),
    giving=frozenset({"give", "giving"}),
    choosing=frozenset({"any", "which", "none", "some"}),
    modal_noise=word_set(
        "very really nice same lovely pretty cute great whole actual exact particular specific new good just"
    ),
)

STOPWORDS: frozenset[str] = word_set(
    "a an the this that these those i i'm i'd i'll i've im id ill me my mine we we're us our you "
    "your you're he she it its they them their is are was were be been being am do does did done "
    "don't doesn't didn't have has had haven't hasn't can can't could couldn't would wouldn't "
    "will won't shall should may might must and or but nor if then than so as at by for from in "
    "into of off on onto out over to up with about what which who whom whose when where why how "
    "there here please thanks thank hi hello hey ok okay yes yeah yep no not well just also too "
    "very really actually now again some any something anything one ones thing things item items "
    "product products want wants wanted need needs needed like likes looking look looks search "
    "searching find finding show shows showing see get got give gimme buy buying shop shopping "
    "sell sells stock carry recommend suggest help let let's lets maybe perhaps kind sort type "
    "good nice great best other another else more most much many lot bit pls plz lol haha hm hmm um uh oops whoops "
    "idea ideas suggestion suggestions recommendation recommendations "
    "oh ah well wow hiya yo after everything all stuff got gotta gonna wanna seeking today mate dear pretty "
    "love loves loved enjoy enjoys possible possibly ideally preferably him her his hers he's she's myself come "
    "comes coming next only anyway though together "
    "quite rather therefore besides btw anyway anyways still yet bye goodbye cheap inexpensive affordable expensive "
    "pricey way even u ur r thinking considering wondering guess suppose reckon hoping though prefer preferred"
)

BEFORE_NUMBERS: frozenset[str] = word_set("a an the of : is to be just only like for it at ,")

SPENDING: frozenset[str] = word_set(
    "pay paying spend spending go going cost costs costing priced price to anything that is be at much apiece "
    "piece total together altogether overall per"
)

TURNING: frozenset[str] = frozenset({"for", "of"})

CONTAINING: frozenset[str] = word_set("contains contain containing includes including with has")

INTRODUCING: frozenset[str] = word_set(
    "from by with be is are in only has have having featuring that's being"
)

ADJECTIVES: frozenset[str] = word_set(
    "round square oval slim wide narrow long short tall soft hard firm thick thin light heavy vegan raw fresh dry "
    "sweet salty sour spicy mild hot cold warm cool smart quiet loud fast slow new used old modern vintage classic "
    "plain matte matt glossy clear dark bright strong sturdy flat curved deep shallow loose tight eco recycled "
    "kosher halal decaf unisex safe stiff smooth rough open closed double single"
)

ADJECTIVE_ENDINGS: tuple[str, ...] = (
    "proof", "less", "able", "ible", "free", "ic", "ous", "ive", "ful", "resistant", "friendly", "ular",
    "ed", "tight",
)  # fmt: skip
