"""The example design, synthesised once for all workers."""

import pickle

import pytest
from support import exported

from aigchip.core.lock import file_lock


@pytest.fixture(scope="session")
def description(tmp_path_factory):
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # pytest-xdist: one folder a worker
    kept = shared / "exported-example.pickle"
    with file_lock(shared / "exported-example.lock"):
        if not kept.is_file():
            kept.write_bytes(pickle.dumps(exported.describe(shared / "exported-example")))
    return pickle.loads(kept.read_bytes())
