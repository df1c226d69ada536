"""Faults are asked for by a file; a busy lock is held by a real process."""

import fcntl
import json
import time

import pytest

from aigchip.core.errors import InputError
from aigchip.simboard import faults


def is_free(lock):
    with lock.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_busy_lock_is_held_until_it_is_cleared_and_says_by_whom(tmp_path):
    lock = tmp_path / "work" / "board.lock"
    faults.ask(tmp_path, "busy-lock", lock=lock)
    try:
        assert not is_free(lock)
        holder = json.loads(lock.read_text())
        assert (holder["user"], holder["pid"]) == (
            "somebody",
            json.loads((tmp_path / "fault.json").read_text())["holder"],
        )
    finally:
        faults.clear(tmp_path)
    limit = time.monotonic() + 5
    while not is_free(lock) and time.monotonic() < limit:
        time.sleep(0.02)
    assert is_free(lock) and faults.asked(tmp_path) == ""


def test_asking_for_another_fault_ends_the_first(tmp_path):
    faults.ask(tmp_path, "hang", lock=tmp_path / "lock")
    faults.ask(tmp_path, "slow-clock", lock=tmp_path / "lock")
    assert faults.asked(tmp_path) == "slow-clock"
    assert not (tmp_path / "lock").exists()


def test_an_unknown_fault_is_refused(tmp_path):
    with pytest.raises(InputError) as refused:
        faults.ask(tmp_path, "disk-ful", lock=tmp_path / "lock")
    assert str(refused.value) == "fault=disk-ful: 'disk-ful' is not a fault. Did you mean disk-full?"
