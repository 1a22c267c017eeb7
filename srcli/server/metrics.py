"""Figures for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from srcli.server.jobs import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from srcli.server.service import Service

MEDIA_TYPE = CONTENT_TYPE_LATEST


def describe(service: Service) -> bytes:
    """All figures as they are now, in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Collector(service))
    return generate_latest(registry)


class _Collector:
    """Reads figures where they are, instead of keeping them twice."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """The figures."""
        service, workshop, registry = self._service, self._service.workshop, self._service.registry
        jobs = CounterMetricFamily("srcli_jobs", "Pictures that ended, by outcome.", labels=["outcome"])
        for status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELED):
            jobs.add_metric([status], registry.outcomes[status])
        yield jobs
        yield CounterMetricFamily("srcli_pixels", "Pixels of results.", value=registry.pixels)
        yield CounterMetricFamily(
            "srcli_waiting_seconds", "Waiting of all pictures.", value=registry.waiting_s
        )
        yield CounterMetricFamily("srcli_working_seconds", "Work on all pictures.", value=registry.working_s)
        yield CounterMetricFamily(
            "srcli_worker_deaths", "Worker processes that died.", value=workshop.deaths + service.crew_deaths
        )
        yield GaugeMetricFamily("srcli_queue_length", "Pictures that wait.", value=len(workshop.turns))
        yield GaugeMetricFamily("srcli_running", "Pictures that are worked on.", value=len(workshop.running))
        yield GaugeMetricFamily(
            "srcli_workers_ready", "Worker processes that are ready.", value=workshop.ready
        )
        yield GaugeMetricFamily("srcli_kept_jobs", "Pictures that are known.", value=len(registry))
        yield GaugeMetricFamily(
            "srcli_disk_bytes", "Files, kept or promised.", value=service.storage.taken_bytes
        )
        rss = psutil.Process().memory_info().rss
        yield GaugeMetricFamily("srcli_web_memory_bytes", "Resident memory of the web process.", value=rss)
