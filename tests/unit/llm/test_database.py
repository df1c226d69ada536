"""The records' file is made once, whatever else opens it at that moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aigchip.llm.database import connect


def test_writers_that_make_the_file_at_once_all_write(tmp_path: Path) -> None:
    """Each of eight threads opens a file that none has made yet; thirty files, as one would rarely show the race."""
    for number in range(30):
        path = tmp_path / str(number) / "records.sqlite"
        meet = threading.Barrier(8, timeout=10)

        def write(writer: int, path: Path = path, meet: threading.Barrier = meet) -> None:
            meet.wait()
            with connect(path, write=True) as database:
                database.execute("INSERT INTO outcomes VALUES (?, 'csim', 'right', '', '')", (str(writer),))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(write, range(8)))
        with connect(path) as database:
            assert database.execute("SELECT COUNT(*) FROM outcomes").fetchone()[0] == 8
            assert database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert not list(path.parent.glob("*.new"))


def test_an_empty_file_that_a_full_disk_left_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.touch()
    with connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == 1
