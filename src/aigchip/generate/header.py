"""The header of a generated file: who made it, from what, under which licences."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from aigchip.generate.request import Provenance
from aigchip.prompt.library import Library

_WIDTH = 110
_HOW = {
    "first": "as it was first answered",
    "auto-corrected": "after automatic correction",
    "repaired": "after a repair by the model",
    "regenerated": "after another conversation",
    "by-hand": "finished by a person",
}


def licences(titles: Sequence[str], library: Library) -> dict[str, str]:
    """Return the licence of each demonstration by its title; one that is no longer there has an unknown one."""
    known = {demo.title: demo.licence for demo in library.demonstrations} if titles else {}  # reading it takes a while
    return {title: known.get(title, "unknown: the demonstration is no longer in the library") for title in titles}


def header(
    name: str,
    provenance: Provenance,
    *,
    parameters: Mapping[str, int | str],
    demonstrations: Mapping[str, str],
    tools: Sequence[str],
    checked: Sequence[str],
) -> str:
    """Write a header as comment lines of C++ and Verilog.

    Args:
        name: The module.
        provenance: Who made it.
        parameters: Its local parameters.
        demonstrations: Title to licence of each demonstration in the prompt.
        tools: The tools with their versions that made the file from what the generator wrote.
        checked: What it passed, one phrase each.
    """
    values = ", ".join(f"{key} {value}" for key, value in parameters.items())
    if provenance.model:
        how = _HOW.get(provenance.how, "")
        lines = [f"{name}: written by the model {provenance.model}" + (f", {how}" if how else "") + "."]
        lines.append(
            f"Reply to the request {provenance.request_hash}, received from: {provenance.endpoint or 'unknown'}."
        )
        shown = "; ".join(f"{title} ({licence})" for title, licence in demonstrations.items())
        lines.append(f"Demonstrations in the prompt: {shown or 'none'}.")
    elif provenance.how == "by-hand":
        lines = [f"{name}: written by a person."]
    else:
        lines = [f"{name}: the expert code of aigchip's template (Apache-2.0)."]
    lines.append(f"Parameters: {values}.")
    made = [*(f"{package} {version}" for package, version in provenance.versions.items()), *tools]
    if made:
        lines.append(f"Made with {', '.join(made)}.")
    if checked:
        lines.append(f"Passed {', '.join(checked)}.")
    wrapped = [part for line in lines for part in textwrap.wrap(_printable(line), _WIDTH)]
    return "".join(f"// {line}\n" for line in wrapped) + "\n"


def _printable(text: str) -> str:
    r"""Keep text from outside in its comment: no line end, and no backslash, which would join the next line to it."""
    return "".join(char if char.isprintable() and char != "\\" else " " for char in text)
