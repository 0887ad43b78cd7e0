"""What the first turn of a process would build: the patterns of every language, which take seconds."""

from functools import cache

from commerce_agent.agent.grounding import make_ready
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.language import Vocabulary
from conversations.state import ConversationState

_SAID = (
    "Show me a green lamp under 100 euros; what does the second cost, and do you have two in stock?",
    "Zeigen Sie mir eine grüne Lampe unter 100 Euro, und legen Sie zwei in den Warenkorb.",
    "Enséñame una lámpara verde por menos de 100 euros. ¿Cuánto cuesta el envío?",
    "Montrez-moi une lampe verte à moins de 100 euros, et la deuxième ?",
)


@cache
def build_patterns() -> None:
    """Reads a message in each language and checks a sentence, once a process; nobody hears of it."""
    words = ShopWords(vocabulary=Vocabulary())
    for said in _SAID:
        understand(said=said, state=ConversationState(), words=words)
    make_ready()
