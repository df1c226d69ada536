import sys

import pytest
from support import small_disk as disks

from aigchip.core import paths

sys.path.append(str(paths.boards_dir() / "runner"))  # as it is for a script that lies there


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few megabytes."""
    with disks.small_disk(tmp_path / "small") as disk:
        yield disk
