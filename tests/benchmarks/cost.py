"""What many pictures cost on many machines: formulas, and a simulation that checks them (docs/cost.md).

    python -m tests.benchmarks.cost            # the tables of docs/cost.md, in Markdown
    python -m tests.benchmarks.cost --check    # each cell simulated beside its formula

A machine fetches pictures ahead, enlarges one at a time on all its cores (or on its GPU, while its cores
decode and encode), and sends results behind. The line of each machine takes one transfer at a time; all lines
share the store. How pictures differ, and how many each machine's part has, is left to chance.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from dataclasses import dataclass, replace

PICTURES = 1_000_000
AHEAD, BEHIND = 4, 2
"""Pictures that a machine fetches before they are asked for, and results that may wait to be sent."""


@dataclass(frozen=True)
class Job:
    """What one picture takes.

    Attributes:
        inference_core_s: seconds of one core for the generator.
        other_core_s: seconds of one core for all else: decoding, blending, encoding, the store's client.
        operations: of the generator, for a GPU.
        input_bytes: what is fetched.
        output_bytes: what is sent.
    """

    inference_core_s: float
    other_core_s: float
    operations: float
    input_bytes: float
    output_bytes: float


@dataclass(frozen=True)
class Fleet:
    """Machines of one kind, and the store that they share.

    Attributes:
        machines: how many.
        cores: of each.
        line_bytes_s: what the network of each carries.
        store_bytes_s: what the store carries in all.
        gpu_operations_s: what the GPU of each computes; 0 where cores compute.
    """

    machines: int
    cores: int = 16
    line_bytes_s: float = 1.25e9
    store_bytes_s: float = 12.5e9
    gpu_operations_s: float = 0.0


def seconds_a_picture(job: Job, fleet: Fleet) -> dict[str, float]:
    """What a picture takes of each thing, divided by how much of it there is: the largest decides."""
    moved = job.input_bytes + job.output_bytes
    on_gpu = fleet.gpu_operations_s > 0
    cores = fleet.machines * fleet.cores
    found = {
        "inference": job.operations / fleet.gpu_operations_s / fleet.machines
        if on_gpu
        else job.inference_core_s / cores,
        "coding": job.other_core_s / cores,
        "network": moved / (fleet.machines * fleet.line_bytes_s),
        "store": moved / fleet.store_bytes_s,
    }
    if not on_gpu:
        # The same cores do both.
        found["inference"] += found["coding"]
    return found


def bottleneck(job: Job, fleet: Fleet) -> tuple[str, float]:
    """What a run waits for, and its seconds a picture."""
    found = seconds_a_picture(job, fleet)
    name = max(found, key=lambda each: found[each])
    if name == "inference" and fleet.gpu_operations_s == 0 and job.other_core_s > job.inference_core_s:
        name = "coding"
    return name, max(found.values())


def unevenness(pictures: int, machines: int) -> float:
    """How much larger the largest of the parts is that chance makes than an equal one, about."""
    return 1 + math.sqrt(2 * math.log(machines) / (pictures / machines)) if machines > 1 else 1.0


def run_seconds(job: Job, fleet: Fleet, pictures: int) -> float:
    """Seconds until the last picture lies in the store."""
    longest = unevenness(pictures, fleet.machines)
    # What idle machines leave of the store goes to the others; cores and lines can't be lent.
    found = seconds_a_picture(job, fleet).items()
    return pictures * max(each_s * (1.0 if name == "store" else longest) for name, each_s in found)


class Simulation:
    """Machines, each a pipeline with few places, that share a store fairly.

    The clock of transfers is ``self.carried``, what a line that was always busy has carried since the start:
    a transfer ends when that has grown by its size. Other work ends at a time.
    """

    def __init__(self, job: Job, fleet: Fleet, pictures: int, *, spread: float, seed: int) -> None:
        self._job, self._fleet, self._spread = job, fleet, spread
        self._chance = random.Random(seed)
        parts = [0] * fleet.machines
        for _ in range(pictures):
            parts[self._chance.randrange(fleet.machines)] += 1
        self._machines = [_Machine(count) for count in parts]
        self.now_s, self.carried = 0.0, 0.0
        self._works: list[tuple[float, int, str]] = []
        self._transfers: list[tuple[float, int, str]] = []

    def run(self) -> float:
        """Seconds until all is done."""
        for number in range(len(self._machines)):
            self._start(number)
        while self._works or self._transfers:
            number, what = self._next()
            self._machines[number].finish(what)
            self._start(number)
        assert all(machine.is_done for machine in self._machines)
        return self.now_s

    def _rate(self) -> float:
        active = len(self._transfers)
        return min(self._fleet.line_bytes_s, self._fleet.store_bytes_s / active) if active else 0.0

    def _next(self) -> tuple[int, str]:
        rate = self._rate()
        transfer_s = self.now_s + (self._transfers[0][0] - self.carried) / rate if rate else math.inf
        work_s = self._works[0][0] if self._works else math.inf
        until_s = min(transfer_s, work_s)
        self.carried += (until_s - self.now_s) * rate
        self.now_s = until_s
        _, number, what = heapq.heappop(self._transfers if transfer_s <= work_s else self._works)
        return number, what

    def _start(self, number: int) -> None:
        machine, job, fleet = self._machines[number], self._job, self._fleet
        on_gpu = fleet.gpu_operations_s > 0
        while what := machine.begin(on_gpu=on_gpu):
            if what in ("fetch", "send"):
                size = job.input_bytes if what == "fetch" else job.output_bytes
                heapq.heappush(self._transfers, (self.carried + self._about(size), number, what))
            elif what == "infer":
                seconds = job.operations / fleet.gpu_operations_s
                heapq.heappush(self._works, (self.now_s + self._about(seconds), number, what))
            else:
                core_s = job.other_core_s + (0.0 if on_gpu else job.inference_core_s)
                heapq.heappush(self._works, (self.now_s + self._about(core_s / fleet.cores), number, what))

    def _about(self, mean: float) -> float:
        """A value that differs from picture to picture."""
        if self._spread == 0 or mean == 0:
            return mean
        shape = 1 / self._spread**2
        return self._chance.gammavariate(shape, mean / shape)


class _Machine:
    """How many pictures are where: to fetch, fetched, inferred (with a GPU), coded, sent."""

    def __init__(self, pictures: int) -> None:
        self._to_fetch, self._fetched, self._inferred, self._coded, self._left = pictures, 0, 0, 0, pictures
        self._busy: set[str] = set()

    @property
    def is_done(self) -> bool:
        return self._left == 0 and not self._busy

    def begin(self, *, on_gpu: bool) -> str | None:
        """What can begin now, or nothing."""
        if "line" not in self._busy:
            # What is finished goes first, so that its place is free again.
            if self._coded:
                return self._take("send")
            if self._to_fetch and self._fetched < AHEAD:
                return self._take("fetch")
        if on_gpu and "infer" not in self._busy and self._fetched and self._inferred < BEHIND:
            return self._take("infer")
        waiting = self._inferred if on_gpu else self._fetched
        if "code" not in self._busy and waiting and self._coded < BEHIND:
            return self._take("code", from_gpu=on_gpu)
        return None

    def _take(self, what: str, *, from_gpu: bool = False) -> str:
        self._busy.add("line" if what in ("send", "fetch") else what)
        if what == "send":
            self._coded -= 1
        elif what == "fetch":
            self._to_fetch -= 1
        elif what == "infer" or not from_gpu:
            self._fetched -= 1
        else:
            self._inferred -= 1
        return what

    def finish(self, what: str) -> None:
        """Something has ended."""
        self._busy.discard("line" if what in ("send", "fetch") else what)
        if what == "fetch":
            self._fetched += 1
        elif what == "infer":
            self._inferred += 1
        elif what == "code":
            self._coded += 1
        else:
            self._left -= 1


GPU_OPERATIONS_S = 20e12
"""Assumed, not measured: a third of what data sheets promise of small GPUs for servers at half precision."""
JOBS = {
    "x2, `plain` in int8, JPEG": Job(10.1, 2.2, 2.3e12, 5e6, 13e6),
    "x2, `fast`, JPEG": Job(42.4, 2.2, 3.5e12, 5e6, 13e6),
    "x4, `fast`, JPEG": Job(45.4, 8.2, 3.8e12, 5e6, 36e6),
    "x4, `fast`, PNG": Job(45.4, 8.7, 3.8e12, 5e6, 126e6),
}
"""As measured; tests/benchmarks/NOTES.md tells how."""
FLEETS = {
    "16 cores": Fleet(1),
    "16 cores and a GPU": Fleet(1, gpu_operations_s=GPU_OPERATIONS_S),
}
COUNTS = (1, 16, 256)
STORES = {"an object store, 12.5 GB/s": 12.5e9, "a file server, 1.25 GB/s": 1.25e9}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="simulate each cell with 100 pictures a machine")
    chosen = parser.parse_args(words)
    for place, bandwidth in STORES.items():
        print(f"\n**{place}**\n")
        columns = [f"{count} x {kind}" for kind in FLEETS for count in COUNTS]
        print(f"| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
        for name, job in JOBS.items():
            fleets = [
                replace(fleet, machines=count, store_bytes_s=bandwidth)
                for fleet in FLEETS.values()
                for count in COUNTS
            ]
            cells = [checked(job, fleet) if chosen.check else told(job, fleet) for fleet in fleets]
            print(f"| {name} | {' | '.join(cells)} |")


def told(job: Job, fleet: Fleet) -> str:
    """Time, machine hours and bottleneck of a million pictures."""
    hours = run_seconds(job, fleet, PICTURES) / 3600
    time = f"{hours / 24:.1f} d" if hours >= 48 else f"{hours:.1f} h"
    return f"{time}, {hours * fleet.machines:,.0f} machine h: {bottleneck(job, fleet)[0]}"


def checked(job: Job, fleet: Fleet, spread: float = 0.3) -> str:
    """Simulated seconds of a run of 100 pictures a machine, as a multiple of the formula's."""
    pictures = 100 * fleet.machines
    took_s = Simulation(job, fleet, pictures, spread=spread, seed=1).run()
    return f"{took_s / run_seconds(job, fleet, pictures):.2f}"


if __name__ == "__main__":
    main()
