"""Kills `srcli video` at random moments and goes on with --resume; see NOTES.md.

    python -m tests.benchmarks.video_kills --kills 50 > kills.jsonl
    python -m tests.benchmarks.video_kills --kills 50 --each > kills.jsonl

A clip of changing rate with sound is enlarged once undisturbed. Then runs are killed with SIGKILL, each at a
random moment between its first event and its end, one in five while it starts, and the next one goes on,
until one comes to its end: its file must be the same, byte for byte, frame by frame and tick by tick, and
nothing else may be left beside it. With --each, nobody disturbs the run that goes on, so that every kill
gives a file.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import moving

FRAMES, SEGMENT = 90, 7
EARLY_SHARE = 0.2
"""Of the runs that are killed before they tell anything."""


def main() -> None:
    """Kill, go on, compare, and print a line for each finished file and one in the end."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="bicubic")
    parser.add_argument("--each", action="store_true", help="let the run behind each kill come to its end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="srcli-kills-") as folder:
        found = kill_often(Path(folder), options.kills, options.seed, options.model, each=options.each)
    print(json.dumps(found))
    whole = found["equal"] == found["same_frames"] == found["finished"]
    sys.exit(0 if whole and not found["left"] else 1)


def kill_often(folder: Path, kills: int, seed: int, model: str, *, each: bool = False) -> dict[str, int]:
    """Kill so many runs.

    Returns:
        The number of kills, of finished files, of those that equal the undisturbed one, of those whose frames
        and packets of sound do, with their times, of files that were left beside them, of runs that went on
        behind finished segments, and of frames that these saved.
    """
    chance = random.Random(seed)
    clip = moving.clip(folder / "in" / "clip.mp4", frames=FRAMES, uneven=True, sound=True)
    out = folder / "out"
    command = [sys.executable, "-m", "srcli", "video", str(clip), "-o", f"{out}/", "-m", model, "--json"]
    command += ["--segment", str(SEGMENT), "--preset", "ultrafast", "--resume"]
    starting_s, working_s = time_undisturbed(command)
    result = out / "clip_x2.mp4"
    expected = folder / "undisturbed.mp4"
    result.rename(expected)
    words = ("kills", "finished", "equal", "same_frames", "left", "resumed", "saved_frames")
    found = dict.fromkeys(words, 0)
    clear(out)
    while found["kills"] < kills:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        early = chance.random() < EARLY_SHARE
        first = b"" if early else process.stdout.readline()
        try:
            process.wait(timeout=chance.uniform(0, starting_s if early else working_s))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        resumed = resumed_frames(first + said)
        found["resumed"] += bool(resumed)
        found["saved_frames"] += resumed
        if process.returncode == -signal.SIGKILL:
            found["kills"] += 1
            if each:
                resumed = resumed_frames(run_to_the_end(command))
                found["resumed"] += bool(resumed)
                found["saved_frames"] += resumed
                judge(found, result, expected)
        elif process.returncode == 0:
            judge(found, result, expected)
    if each:
        return found
    run_to_the_end(command)
    # Once more: a run may have been killed between giving the file its name and clearing up behind it.
    run_to_the_end(command)
    judge(found, result, expected)
    return found


def time_undisturbed(command: list[str]) -> tuple[float, float]:
    """Seconds of a run until its first event, and from there to its end."""
    started_s = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        first_s = time.monotonic()
        process.communicate()
    assert process.returncode == 0, "an undisturbed run failed"
    return first_s - started_s, time.monotonic() - first_s


def judge(found: dict[str, int], result: Path, expected: Path) -> None:
    """Count a finished file, and make room for the next."""
    found["finished"] += 1
    found["equal"] += result.read_bytes() == expected.read_bytes()
    found["same_frames"] += shown(result) == shown(expected)
    others = [path for path in result.parent.iterdir() if path != result and "manifest" not in path.name]
    found["left"] += len(others)
    clear(result.parent)


def shown(path: Path) -> object:
    """What a file shows and plays, and when."""
    frames = [(pts, pixels.tobytes()) for pts, pixels in moving.frames_of(path)]
    return frames, moving.packets(path, "video"), moving.packets(path, "audio")


def run_to_the_end(command: list[str]) -> bytes:
    """Run undisturbed, and give what is said; what fails then is no matter of kills."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def resumed_frames(said: bytes) -> int:
    """The frames that a run found finished, by its first event."""
    for line in said.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            # The last line of a killed run may be torn.
            continue
        if event["event"] == "start":
            return int(event["resumed"])
    return 0


def clear(folder: Path) -> None:
    """Remove all files of a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    main()
