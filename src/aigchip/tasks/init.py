"""`aigchip init`: what an empty folder needs so that plain `doit search` works there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_text
from aigchip.core.errors import AigchipError, InputError

_DODO = '''\
"""The tasks of this project: those of aigchip, and your own."""

from aigchip.tasks import aigchip_tasks

globals().update(aigchip_tasks())  # task_search, task_build, task_export, ...

DOIT_CONFIG = {"default_tasks": ["search"], "verbosity": 2}
'''

_SETTINGS = """\
# Settings of aigchip; every line may be left out. Keys of services never stand here: they are in the environment.
# llm:
#   model: gpt-4o            # who writes the modules with generator=llm
#   base_url: http://127.0.0.1:8000/v1
#   max_requests: 100
"""

_IGNORED = """\
/build/
/.doit.db*
__pycache__/
"""

_USAGE = """\
Usage: aigchip init [folder]     make a project: dodo.py, aigchip.yaml, designs/, .gitignore
       aigchip help [task]       what the tasks are, and every argument that one takes
       aigchip --version
Then, in that folder: doit list, doit search, doit build design=example, doit export design=example."""


def files() -> dict[str, str]:
    """Return what a new project holds, by path."""
    example = paths.examples_dir() / "example" / "design.yaml"
    return {
        "dodo.py": _DODO,
        "aigchip.yaml": _SETTINGS,
        "designs/example/design.yaml": example.read_text(encoding="utf-8"),
        ".gitignore": _IGNORED,
    }


def make(folder: Path) -> list[str]:
    """Write a new project; return what was written.

    Raises:
        InputError: A file is there already; nothing is written then.
    """
    found = files()
    there = [name for name in found if (folder / name).exists()]
    if there:
        raise InputError(
            str(folder / there[0]),
            "the file is there already; init overwrites nothing",
            "Name an empty folder, or import the tasks in your own dodo.py: from aigchip.tasks import aigchip_tasks.",
            code="exists",
        )
    with storage_errors(folder):
        for name, text in found.items():
            write_text(folder / name, text)
    return list(found)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `aigchip`.

    Returns:
        The exit code: 0, or 1 for a mistake.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] == ["--version"]:
            from importlib.metadata import version

            print(f"aigchip {version('aigchip')}")
        elif words[:1] == ["init"] and len(words) <= 2 and not words[-1].startswith("-"):
            folder = Path(words[1] if len(words) == 2 else ".").resolve()
            print(f"{folder}: {', '.join(make(folder))}. Next: doit list, doit search.")
        elif not words or words[0] in {"-h", "--help"}:
            print(_USAGE)
        elif words[0] == "help":
            from aigchip.tasks import overview, public

            with public.as_typed():
                overview.print_help(words[1:])
        else:
            raise InputError(
                " ".join(words), "aigchip has no such command", "See aigchip --help; tasks are run by doit."
            )
    except AigchipError as error:
        from aigchip.tasks.public import in_words_typed_here

        print(f"aigchip: {in_words_typed_here(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
