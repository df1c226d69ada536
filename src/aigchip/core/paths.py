"""Where things are: the project, its outputs, and the cache that outlives them."""

from __future__ import annotations

import os
from pathlib import Path


def _checkout() -> Path | None:
    """Return the checkout that this package lies in; None where it is installed from a wheel."""
    folder = Path(__file__).resolve().parents[3]
    return folder if (folder / "dodo.py").is_file() and (folder / "src" / "aigchip").is_dir() else None


def _share() -> Path:
    """Return what a wheel carries: template, boards, demonstrations, records, benches."""
    return Path(__file__).resolve().parents[1] / "share"


def is_installed() -> bool:
    """Say whether aigchip is installed from a wheel, so that the project is somebody's own folder."""
    return _checkout() is None


def root() -> Path:
    """Return the project's folder: AIGCHIP_ROOT where set, else the checkout that this package lies in.

    Where aigchip is installed from a wheel, the project is the folder of the dodo.py that runs, the current one.
    """
    override = os.environ.get("AIGCHIP_ROOT")
    return Path(override).resolve() if override else _checkout() or Path.cwd()


def _shipped(name: str, mark: str) -> Path:
    """Return a folder of the project where it holds what marks it as ours, else the one that the wheel carries."""
    own, carried = root() / name, _share() / name
    return carried if carried.is_dir() and not any(own.glob(mark)) else own


def source_dir() -> Path:
    """Return the folder that holds the sources of aigchip and csynth."""
    return Path(__file__).resolve().parents[2]


def licence() -> Path:
    """Return the text of aigchip's licence."""
    checkout = _checkout()
    return (checkout or _share()) / "LICENSE"


def examples_dir() -> Path:
    """Return the folder of the designs that aigchip itself brings."""
    checkout = _checkout()
    return (checkout or _share()) / "designs"


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
    return _shipped("template", "top/graph.yaml")


def boards_dir() -> Path:
    """Return the folder of the boards, one folder a board."""
    return _shipped("boards", "*/board.yaml")


def demos_dir() -> Path:
    """Return the folder of the demonstration library."""
    return _shipped("demos", "*/*/demo.yaml")


def records_dir() -> Path:
    """Return the folder of a model's replies that ship."""
    return _shipped("records", "*.jsonl")


def testbench_dir() -> Path:
    """Return the folder of the C simulation harness and the co-simulation benches."""
    return _shipped("testbench", "cosim_accelerator.py")


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
