"""So many requests at once and no more, over all processes of a machine."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aigchip.core.lock import file_lock

_LOOK_EVERY_S = 0.2


@contextmanager
def slot(folder: Path, count: int) -> Iterator[int]:
    """Hold one of `count` slots while the block runs; wait while all are held. A holder that dies lets go.

    Args:
        folder: Where the slots' lock files are; one folder an endpoint.
        count: How many there are.
    """
    order = list(range(count))
    random.shuffle(order)
    while True:
        for number in order:
            with ExitStack() as stack:
                if stack.enter_context(file_lock(folder / f"{number}.lock", blocking=False)):
                    yield number
                    return
        time.sleep(_LOOK_EVERY_S)
