"""Where things are: the project, its outputs, and the cache that outlives them."""

from __future__ import annotations

import os
from pathlib import Path


def root() -> Path:
    """Return the project's folder: AIGCHIP_ROOT where set, else the checkout that this package lies in."""
    override = os.environ.get("AIGCHIP_ROOT")
    return Path(override).resolve() if override else Path(__file__).resolve().parents[3]


def build_dir() -> Path:
    """Return the folder of all outputs: AIGCHIP_BUILD_DIR where set, else `build/` of the project."""
    override = os.environ.get("AIGCHIP_BUILD_DIR")
    return Path(override).resolve() if override else root() / "build"


def store_dir() -> Path:
    """Return the folder of the content-addressed store."""
    return build_dir() / "store"


def studies_dir() -> Path:
    """Return the folder of the studies, one folder a study."""
    return build_dir() / "studies"


def designs_dir() -> Path:
    """Return the folder of designs that people wrote: inputs, never outputs."""
    return root() / "designs"


def template_dir() -> Path:
    """Return the folder of the template's modules."""
    return root() / "template"


def boards_dir() -> Path:
    """Return the folder of the boards, one folder a board."""
    return root() / "boards"


def demos_dir() -> Path:
    """Return the folder of the demonstration library."""
    return root() / "demos"


def records_dir() -> Path:
    """Return the folder of a model's replies that ship."""
    return root() / "records"


def testbench_dir() -> Path:
    """Return the folder of the C simulation harness and the co-simulation benches."""
    return root() / "testbench"


def cache_dir() -> Path:
    """Return the person's cache for what every checkout can share: AIGCHIP_CACHE_DIR where set.

    Where the home folder cannot be written (a container, a service account), it is in the project's outputs instead.
    """
    override = os.environ.get("AIGCHIP_CACHE_DIR")
    if override:
        return Path(override).resolve()
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("aigchip", appauthor=False))
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    return folder if os.access(there, os.W_OK | os.X_OK) else build_dir() / "cache"


def relative(path: Path) -> str:
    """Write a path as a person would: relative to the project where it lies inside it."""
    try:
        return str(path.resolve().relative_to(root()))
    except ValueError:
        return str(path)
