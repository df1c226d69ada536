import pytest
from support import small_disk as disks


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few megabytes."""
    with disks.small_disk(tmp_path / "small") as disk:
        yield disk
