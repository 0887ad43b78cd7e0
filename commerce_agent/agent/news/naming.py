"""The ids of facts that no turn mints: those of news, and of what a checkout charged."""

from hashlib import blake2b

import msgspec

from conversations.events.facts import Fact

_DIGEST_BYTES = 8


def name_answer(fact: Fact) -> Fact:
    """The fact under an id of its own: no turn in flight mints it too, and no answer that differs in anything has it.
    Two systems that a shop has had may give one version to what they say, one that numbers nothing gives none, and
    one that numbers wrongly says two things under one.
    """
    version = f"{fact.teller}.{fact.version}" if isinstance(fact.teller, int) else str(fact.version)
    nameless = fact if not fact.id else msgspec.structs.replace(fact, id="")
    digest = blake2b(msgspec.json.encode(nameless), digest_size=_DIGEST_BYTES).hexdigest()
    return msgspec.structs.replace(fact, id=f"{fact.subject.key}/{fact.name}@{version}/{digest}")
