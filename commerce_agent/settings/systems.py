"""Where merchants' systems are, and which of them may be called."""

import environ

env = environ.Env()

# Where the built-in store's merchant API is; empty: the store is read in each process.
MERCHANT_API_URL: str = env.str("MERCHANT_API_URL", default="")
MERCHANT_API_KEY: str = env.str("MERCHANT_API_KEY", default="")
# Private networks that merchants' connectors may call, such as 10.2.0.0/16.
CONNECTOR_PRIVATE_NETWORKS: list[str] = env.list("CONNECTOR_PRIVATE_NETWORKS", default=[])

# Asks more of clients that have drawn on much of a budget; see commerce_agent.chat.budgets.StepUp.
CHAT_STEP_UP: str = env.str("CHAT_STEP_UP", default="")
