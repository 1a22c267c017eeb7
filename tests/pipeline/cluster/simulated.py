"""A Ray cluster whose machines are processes of this one."""

from __future__ import annotations

import contextlib

import pytest


@contextlib.contextmanager
def two_machines(second_lacks=()):
    """Two machines with a processor each; the first one of them leads.

    Args:
        second_lacks: variables of this environment that the second one does not have.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        from ray.cluster_utils import Cluster

        small = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
        cluster = Cluster(initialize_head=True, head_node_args={"include_dashboard": False, **small})
        try:
            with environment.context() as poorer:
                for name in second_lacks:
                    poorer.delenv(name)
                cluster.other = cluster.add_node(**small)
            yield cluster
        finally:
            cluster.shutdown()
