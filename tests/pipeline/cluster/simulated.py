"""A Ray cluster whose machines are processes of this one."""

from __future__ import annotations

import contextlib

import pytest


@contextlib.contextmanager
def machines(*lacks):
    """Machines with a processor each; the first one of them leads.

    Args:
        lacks: for each machine, the variables of this environment that it does not have.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        from ray.cluster_utils import Cluster

        small = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
        cluster = Cluster()
        try:
            for missing in lacks:
                with environment.context() as poorer:
                    for name in missing:
                        poorer.delenv(name)
                    cluster.other = cluster.add_node(include_dashboard=False, **small)
            yield cluster
        finally:
            cluster.shutdown()
