"""Worker processes: results, errors, deaths, and the end."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aigchip.core.errors import AigchipError
from aigchip.core.workers import WorkerError, Workers


def double(value):
    return 2 * value


def refuse(what):
    raise AigchipError("here", what, "Do better.", code="refused")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def sleep_and_mark(path):
    path.with_suffix(".begun").touch()
    try:
        time.sleep(60)
    finally:
        path.write_text("unwound")


@pytest.fixture
def workers():
    with Workers(2) as made:
        yield made


def test_results_come_back_to_their_threads(workers):
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda value: workers.run(double, value), range(8))) == [2 * v for v in range(8)]


def test_an_error_comes_back_whole(workers):
    with pytest.raises(AigchipError) as caught:
        workers.run(refuse, "it is bad")
    assert (str(caught.value), caught.value.code) == ("here: it is bad. Do better.", "refused")
    assert "in a worker process" in caught.value.__notes__[0]


def test_a_dead_worker_is_one_clear_line_and_is_replaced(workers):
    with pytest.raises(WorkerError, match=r"the process ended by signal 9 in the middle of a step\. Free some memory"):
        workers.run(die)
    assert [workers.run(double, value) for value in (1, 2, 3)] == [2, 4, 6]


def test_closing_unwinds_what_runs(tmp_path):
    workers, path = Workers(1), tmp_path / "mark"
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(workers.run, sleep_and_mark, path)
        deadline = time.monotonic() + 60
        while not path.with_suffix(".begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        workers.close()
        with pytest.raises(WorkerError):
            waiting.result(10)
    assert path.read_text() == "unwound"


def test_nothing_starts_after_the_end():
    workers = Workers(1)
    workers.close()
    with pytest.raises(WorkerError, match="worker: the workers are closed"):
        workers.run(double, 1)
