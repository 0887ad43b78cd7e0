"""Servers that may be killed, a web server on them, and a model that answers when it is told to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.messages_api import MessagesApi, running_messages_api
from tests.chat.serving import serving
from tests.chat.shopper import Gate
from tests.faults.servers import OwnServers, running_servers
from tests.running import find_free_port


def get_environment(servers: OwnServers, api: MessagesApi) -> dict[str, str]:
    """A process on these servers whose Claude is the tests' own: a turn lasts until its answer is let go."""
    return {
        **servers.get_environment(),
        "DJANGO_SETTINGS_MODULE": "tests.chat.claude_settings",
        "ANTHROPIC_BASE_URL": api.url,
    }


@pytest.fixture(scope="session")
def servers(django_test_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    """Both servers; each test leaves them running."""
    with running_servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="session")
def messages_api() -> Iterator[MessagesApi]:
    """A Messages API that answers what a test scripts."""
    with running_messages_api() as api:
        yield api


@pytest.fixture
def api(messages_api: MessagesApi) -> MessagesApi:
    """The same with nothing scripted and nothing asked."""
    messages_api.replies.clear()
    messages_api.requests.clear()
    return messages_api


@pytest.fixture(scope="session")
def web_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What that web server says."""
    return tmp_path_factory.mktemp("web") / "web.log"


@pytest.fixture(scope="session")
def web(servers: OwnServers, messages_api: MessagesApi, web_log: Path) -> Iterator[str]:
    """The base URL of a web server that outlives the faults of the others."""
    with serving(port=find_free_port(), log=web_log, **get_environment(servers, messages_api)) as base:
        yield base


@pytest.fixture
def gate(web: str, servers: OwnServers) -> Gate:
    """Opens sockets to that server."""
    return Gate(base=web, key=servers.shop_key)
