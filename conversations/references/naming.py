"""Products named outright, without an opening word: "Tell me about Meadow lamp"."""

from collections.abc import Sequence, Set

from conversations.references.mentions import Mention, Speech
from conversations.references.scene import Scene
from conversations.references.spans import Span


def list_named(speech: Speech, scene: Scene, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Answers the phrases with the names beside them that no phrase holds yet."""
    taken = {index for mention in mentions for index in range(mention.first, mention.after)}
    if taken.issuperset(speech.spans):
        # A name is made of spans; the words that are names need not be told from the others where none is left.
        return tuple(mentions)
    own = _list_own_words(scene, among={span.key for span in speech.spans.values()})
    named: list[Mention] = []
    at = 0
    while at < len(speech.tokens):
        run = _find_run(speech, at, own) if at not in taken else ()
        if run and not taken & set(range(run[0].first, run[-1].after)):
            named.append(
                Mention(kind="named", first=run[0].first, after=run[-1].after, wants=run, plural=False)
            )
            at = run[-1].after
        else:
            at += 1
    if not named:
        return tuple(mentions)
    kept = [mention for mention in mentions if mention.kind != "implied"]
    return tuple(sorted((*kept, *named), key=lambda mention: mention.first))


def _list_own_words(scene: Scene, *, among: Set[str]) -> frozenset[str]:
    """Those words that stand in the name of one product alone, and are no kind, colour or maker."""
    owners: dict[str, str] = {}
    shared: set[str] = set()
    for item in scene.known:
        shared |= among & item.common
        for word in among & item.name_words:
            product = item.group or item.ref.key
            if owners.setdefault(word, product) != product:
                shared.add(word)
    return frozenset(word for word in owners if word not in shared and len(word) > 2)


def _find_run(speech: Speech, at: int, own: frozenset[str]) -> tuple[Span, ...]:
    """The spans in a row from the token on, where they are a name: own words, and more than one word or a
    capital.
    """
    grammar = speech.known.tongue.grammar
    if speech.get_word(at - 1) in grammar.indefinite:
        return ()
    run: list[Span] = []
    while at in speech.spans:
        run.append(speech.spans[at])
        at = run[-1].after
    if not any(span.key in own for span in run):
        return ()
    start = speech.tokens[run[0].first].start
    capital = start > 0 and speech.text[start].isupper()
    return tuple(run) if len(run) > 1 or capital else ()
