"""A Redis Cluster that fails as one server does.

The keys of one conversation share a hash tag, so every script has its keys on one node of a Redis Cluster.
tests/conversations/keeping runs state, tail, lease and hints on a real one of three nodes, and loses one.
`STATE_CLUSTER_URL` puts them on one; the API's throttle, the catalogue's caches, the hints and the broker stay on
`REDIS_URL`, which is one server.
"""

from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.exceptions import ConnectionError as RedisOutOfReach
from redis.exceptions import RedisClusterException
from typing_extensions import override


class Cluster(RedisCluster):
    """A client whose every failure is a `RedisError`; that no node can be reached is none by itself."""

    @override
    async def initialize(self, *args: Any, **options: Any) -> RedisCluster:
        """Finds the nodes. Raises `RedisError`."""
        before = self._list_nodes()
        try:
            return await super().initialize(*args, **options)
        except RedisClusterException as error:
            raise RedisOutOfReach(str(error)) from error
        finally:
            # The node that was asked for the others is forgotten with its connection still open.
            for node in before - self._list_nodes():
                await node.disconnect()

    def _list_nodes(self) -> set[ClusterNode]:
        known = self.nodes_manager
        return {*known.startup_nodes.values(), *known.nodes_cache.values()}

    @override
    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Runs a command where its keys are. Raises `RedisError`."""
        try:
            return await super().execute_command(*args, **options)
        except RedisClusterException as error:
            raise RedisOutOfReach(str(error)) from error
