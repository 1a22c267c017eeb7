"""Pictures of stores, enlarged by the workers of a cluster, which fetch and deliver them themselves.

What only this machine can open, such as a local folder, it reads and writes for them.
"""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.pipeline.cluster.dispatch import Dispatcher
from srcli.pipeline.cluster.ledger import Ledger
from srcli.pipeline.cluster.orders import Enlarged, ParcelOrder
from srcli.upscaling.report import FileReport, Status, failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.core.cancel import CancelToken
    from srcli.core.events import Events
    from srcli.pipeline.cluster.machines import Cluster
    from srcli.pipeline.cluster.orders import Answer
    from srcli.pipeline.stores.parcels import Open, Parcel


class ParcelTask:
    """A picture of a store; see :class:`~srcli.pipeline.cluster.dispatch.Task`.

    Args:
        parcel: the picture.
        stores: gives the store of an address on this machine.
        report: takes how it ended.
    """

    folder = Path()
    goes_alone = False

    def __init__(self, parcel: Parcel, stores: Open, report: Callable[[FileReport], None]) -> None:
        self._parcel = parcel
        self._stores = stores
        self._report = report

    @property
    def name(self) -> str:
        """Its address."""
        return self._parcel.name

    def order(self, key: int, *, with_data: bool, again: bool) -> ParcelOrder:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        parcel, stores = self._parcel, self._stores
        data = parcel.wanted(stores).fetch() if stores(parcel.source).is_local else None
        # A worker that is gone may have delivered it before.
        parcel = replace(parcel, compares=parcel.compares or again)
        return ParcelOrder(key, parcel, data, returns=stores(parcel.target).is_local)

    def take(self, answer: Answer) -> None:
        """Deliver what came back, and report."""
        assert isinstance(answer, Enlarged), "a picture is answered by its report"
        report = answer.report
        if report.status is Status.DONE and answer.data is not None:
            try:
                self._parcel.deliver(self._stores, BytesIO(answer.data))
            except Exception as error:
                report = failed(self.name, self._parcel.result, error, report.seconds)
        self._report(report)

    def fail(self, error: Exception) -> None:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        self._report(failed(self.name, self._parcel.result, error))


class ClusterEnlarger:
    """Has pictures of stores enlarged by a cluster; see :class:`srcli.pipeline.stores.run.Enlarger`.

    Args:
        stores: gives the store of an address on this machine.
        connect: gives the cluster once there is work for it.
        tell: told of machines that come and go, in sentences.
        side_by_side: small pictures that a worker enlarges at a time.
    """

    def __init__(
        self,
        stores: Open,
        connect: Callable[[], Cluster],
        tell: Callable[[str], None],
        *,
        side_by_side: int = 1,
    ) -> None:
        self._stores = stores
        self._connect = connect
        self._tell = tell
        self._side_by_side = side_by_side

    def __call__(
        self, pages: Iterator[list[Parcel]], events: Events[FileReport], cancel: CancelToken | None
    ) -> None:
        """Work through pages of pictures, which are listed a little ahead of their turn.

        Raises:
            MachineError: there is no cluster, or none of its machines can do the work.
            Cancelled: the run was cancelled.
        """
        parcels = chain.from_iterable(pages)
        first = next(parcels, None)
        if first is None:
            return
        with closing(self._connect()) as cluster:
            dispatcher = Dispatcher(cluster, self._tell, side_by_side=self._side_by_side)
            # How many there are is known when the listing is at its end.
            dispatcher.run(self._tasks(chain([first], parcels), Ledger(events)), sys.maxsize, cancel)

    def _tasks(self, parcels: Iterator[Parcel], ledger: Ledger) -> Iterator[ParcelTask]:
        for number, parcel in enumerate(parcels):
            yield ParcelTask(parcel, self._stores, partial(ledger.settle, number))
