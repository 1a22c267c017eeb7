"""What workers are given, and what becomes of it when they are lost, are slow, or never come."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from srcli.core.errors import MachineError, SrcliError
from srcli.core.outcome import Failure
from srcli.pipeline.cluster import dispatch
from srcli.pipeline.cluster.dispatch import MOST_IN_CHUNK, MOST_LOSSES, Dispatcher
from srcli.pipeline.cluster.machines import Answered, Joined, Lost, Refused
from srcli.pipeline.cluster.orders import Enlarged, Unseen


@dataclass(frozen=True)
class Order:
    key: int
    number: int
    again: bool
    data: bytes | None = None

    @property
    def sent_bytes(self):
        return len(self.data or b"")


@dataclass
class Task:
    number: int
    data: bytes = b""
    done: list[int] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    folder = Path("in")
    goes_alone: bool = False

    @property
    def name(self):
        return f"picture {self.number}"

    def order(self, key, *, with_data, again):
        return Order(key, self.number, again, self.data if with_data else None)

    def take(self, answer):
        self.done.append(answer.key)

    def fail(self, error):
        self.failures.append(error)


class Script:
    """Plays happenings; a function in it is called with what was sent by then, and gives some."""

    starting = 0

    def __init__(self, *scenes):
        self._scenes = list(scenes)
        self.sent = []

    def send(self, worker, orders):
        self.sent.append((worker, list(orders)))

    def happenings(self, limit_s):
        scene = self._scenes.pop(0)
        yield from scene(self.sent) if callable(scene) else scene

    def close(self):
        pass


def numbers(sent):
    return [(worker, [order.number for order in orders]) for worker, orders in sent]


def answered(index, *, only=None):
    """A scene: the chunk of this number is done, or its first orders."""

    def scene(sent):
        worker, orders = sent[index]
        return [Answered(worker, [Enlarged(order.key, None) for order in orders[:only]])]

    return scene


def all_of(*workers):
    """A scene to play again and again: what these workers have is done."""
    done = set()

    def scene(sent):
        for index, (worker, orders) in enumerate(list(sent)):
            if worker in workers and index not in done:
                done.add(index)
                yield Answered(worker, [Enlarged(order.key, None) for order in orders])

    return scene


def dispatched(script, most, told=None, **options):
    tasks = [Task(number) for number in range(most)]
    told = [] if told is None else told
    Dispatcher(script, told.append, **options).run(iter(tasks), most)
    return tasks


def test_two_chunks_at_most_and_none_behind_another_at_the_end():
    script = Script(
        [Joined(1, "anna"), Joined(2, "bert")], [], *(answered(index) for index in (0, 1, 2, 3, 4, 5))
    )
    tasks = dispatched(script, 6)
    assert [len(task.done) for task in tasks] == [1] * 6
    # After both have one under way and one waiting, two are left for two workers: they wait.
    assert numbers(script.sent)[:4] == [(1, [0]), (2, [1]), (1, [2]), (2, [3])]


def test_first_chunks_are_as_wide_as_a_worker_and_shares_get_smaller():
    script = Script([Joined(1, "anna")], *(answered(index) for index in range(40)))
    tasks = dispatched(script, 30, side_by_side=4)
    assert all(len(task.done) == 1 for task in tasks)
    sizes = [len(orders) for _, orders in script.sent]
    assert sizes[0] == 4
    assert max(sizes) <= MOST_IN_CHUNK
    assert sizes[-1] == 1


def test_what_is_added_meanwhile_goes_first_and_alone():
    tasks, added = (
        [Task(number) for number in range(8)],
        [Task(100 + number, goes_alone=True) for number in range(3)],
    )
    script = Script([Joined(1, "anna")], *[all_of(1)] * 20)
    dispatcher = Dispatcher(script, print, side_by_side=4)
    for task in added:
        dispatcher.add(task)
    dispatcher.run(iter(tasks), len(tasks), more=iter([True] * 3 + [False] * 40).__next__)
    assert all(len(task.done) == 1 for task in (*tasks, *added))
    sent = [[order.number for order in orders] for _, orders in script.sent]
    assert sent[:3] == [[100], [101], [102]]


def test_tasks_of_a_lost_worker_come_first_and_again():
    script = Script(
        [Joined(1, "anna"), Joined(2, "bert")],
        [Lost(1, "is gone", by_itself=False)],
        *(answered(index) for index in (1, 2, 3, 4)),
    )
    tasks = dispatched(script, 4)
    assert all(len(task.done) == 1 for task in tasks)
    again = [order.number for _, orders in script.sent for order in orders if order.again]
    assert again == [0]


def test_suspects_go_alone():
    script = Script(
        [Joined(1, "anna"), Joined(2, "bert")],
        [Lost(1, "died", by_itself=True), Joined(3, "anna")],
        *[all_of(2, 3)] * 20,
    )
    tasks = dispatched(script, 12, side_by_side=3)
    assert all(len(task.done) == 1 and not task.failures for task in tasks)
    first = script.sent[0][1]
    later = [[order.number for order in orders] for _, orders in script.sent[1:]]
    assert len(first) == 3
    assert all([order.number] in later for order in first)


def test_a_task_that_is_lost_too_often_is_given_up():
    losses = (
        [Lost(worker, "is gone", by_itself=False), Joined(worker + 1, "anna")]
        for worker in range(MOST_LOSSES)
    )
    (task,) = dispatched(Script([Joined(0, "anna")], *losses), 1)
    assert task.done == []
    assert f"lost with {MOST_LOSSES} workers" in str(task.failures[0])


def test_a_machine_that_does_not_see_a_folder_is_sent_the_files_of_it():
    def unseen(sent):
        worker, orders = sent[0]
        return [Answered(worker, [Unseen(order.key) for order in orders])]

    script = Script([Joined(1, "anna")], unseen, *(answered(index) for index in range(1, 9)))
    tasks = [Task(number, b"data") for number in range(3)]
    Dispatcher(script, print).run(iter(tasks), 3)
    assert [len(task.done) for task in tasks] == [1] * 3
    assert script.sent[0][1][0].data is None
    assert all(order.data == b"data" for _, orders in script.sent[2:] for order in orders)


def test_a_chunk_that_is_sent_as_bytes_is_bounded(monkeypatch):
    monkeypatch.setattr(dispatch, "MOST_CHUNK_BYTES", 8)

    def unseen(sent):
        worker, orders = sent[0]
        return [Answered(worker, [Unseen(order.key) for order in orders])]

    script = Script([Joined(1, "anna")], unseen, *(answered(index) for index in range(1, 40)))
    tasks = [Task(number, b"12345") for number in range(20)]
    Dispatcher(script, print, side_by_side=6).run(iter(tasks), 20)
    assert all(len(task.done) == 1 for task in tasks)
    assert max(len(orders) for _, orders in script.sent[2:]) == 2


def test_tasks_that_turn_out_to_be_done_or_impossible_need_no_worker():
    class Settled(Task):
        def order(self, key, **_):
            if self.number % 2:
                raise SrcliError("gone")

    tasks = [Settled(number) for number in range(100)]
    Dispatcher(Script([Joined(1, "anna")], [], []), print).run(iter(tasks), 100)
    assert [len(task.failures) for task in tasks] == [0, 1] * 50


def test_machines_that_refuse_are_told_and_others_do_the_work():
    told = []
    script = Script(
        [Refused("bert", Failure("it has srcli 0.0")), Joined(1, "anna")], answered(0), answered(1)
    )
    assert all(task.done for task in dispatched(script, 2, told))
    assert told == ["bert takes no part: it has srcli 0.0"]


def test_where_all_refuse_the_run_ends_with_their_reason():
    script = Script([Refused("bert", Failure("it has srcli 0.0", "install 0.1", 3))])
    with pytest.raises(SrcliError, match="bert: it has srcli") as caught:
        dispatched(script, 1)
    assert (caught.value.exit_code, caught.value.hint) == (3, "install 0.1")


def test_a_cluster_that_never_has_a_worker_is_given_up(monkeypatch):
    # A second passes whenever somebody looks at the clock.
    monkeypatch.setattr(dispatch, "time", SimpleNamespace(monotonic=count().__next__))
    told = []
    with pytest.raises(MachineError, match="no worker to offer"):
        dispatched(Script(*[[]] * 1000), 1, told)
    assert told == ["the cluster has no worker to offer yet, waiting for one"]
