"""What a person types, and what another project's dodo.py imports.

`from aigchip.tasks import task_search, task_build` gives single tasks to a dodo.py; `globals().update(aigchip_tasks())`
gives all of them. They are made when they are first asked for, so that importing this package costs nothing.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Give a task creator by its name, or `aigchip_tasks`, which returns all of them."""
    if name == "aigchip_tasks" or name.startswith("task_"):
        from aigchip.tasks import public

        if name == "aigchip_tasks":
            return public.aigchip_tasks
        found = public.aigchip_tasks().get(name)
        if found is not None:
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
