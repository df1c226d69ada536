"""The worker processes that the threads of one command share."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aigchip.tasks import session


@pytest.fixture(autouse=True)
def _closed():
    yield
    session.close()


def test_two_threads_that_need_the_workers_first_at_once_get_the_same_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(session, "usable_folder", lambda *_: time.sleep(0.2))  # a slow disk
    together = threading.Barrier(2)

    def first(_):
        together.wait()
        return session.workers()

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(first, range(2))
    assert one is other


def test_after_close_a_command_gets_workers_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path))
    before = session.workers()
    session.close()
    assert session.workers() is not before
