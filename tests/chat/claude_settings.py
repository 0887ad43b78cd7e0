"""The test settings with a key of Claude's, for a server whose Claude is one of the tests' own."""

import os

from commerce_agent.settings.test import *  # noqa: F403

ANTHROPIC_API_KEY = "key-of-the-tests"
# A turn that waits for its Claude has a deadline, which a busy machine would spend on building patterns.
WARM_UP = True
ANTHROPIC_BASE_URL = os.environ["ANTHROPIC_BASE_URL"]
