import os
import threading
import time

import pytest

from srcli.core import locks

pytestmark = pytest.mark.skipif(not locks.AVAILABLE, reason="this system locks no files")


def hold_for_a_moment(path):
    """What a look for leftovers does with a file that was made a moment ago; returns once it is held."""
    held = threading.Event()

    def hold():
        handle = os.open(path, os.O_RDWR)
        locks._lock(handle)
        held.set()
        time.sleep(0.1)
        os.close(handle)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    return thread


def test_a_file_that_is_held_for_a_moment_is_waited_for(tmp_path):
    path = tmp_path / "file"
    path.touch()
    thread = hold_for_a_moment(path)
    handle = locks.open_locked(path, locks.ANY_FILE)
    thread.join()
    assert not locks.is_free(path)
    os.close(handle)
    assert locks.is_free(path)


def test_a_file_that_is_kept_is_an_error(tmp_path):
    first = locks.open_locked(tmp_path / "file", locks.NEW_FILE)
    with pytest.raises(BlockingIOError):
        locks.open_locked(tmp_path / "file", locks.ANY_FILE)
    os.close(first)


def test_a_file_that_was_removed_before_it_was_locked_is_made_again(tmp_path, monkeypatch):
    path, lock = tmp_path / "file", locks._lock

    def remove_once(handle):
        monkeypatch.setattr(locks, "_lock", lock)
        path.unlink()
        return lock(handle)

    monkeypatch.setattr(locks, "_lock", remove_once)
    handle = locks.open_locked(path, locks.NEW_FILE)
    assert os.path.samestat(path.stat(), os.fstat(handle))
    os.close(handle)


def test_a_folder_that_was_removed_before_it_was_locked_is_made_again(tmp_path):
    made = []

    def make():
        folder = tmp_path / f"folder{len(made)}"
        folder.mkdir()
        made.append(folder)
        if len(made) == 1:
            locks.remove_if_free(folder)
        return folder

    folder, handle = locks.make_locked_folder(make)
    assert made == [tmp_path / "folder0", tmp_path / "folder1"]
    assert folder == made[1]
    assert folder.is_dir()
    assert not locks.is_free(folder)
    os.close(handle)
