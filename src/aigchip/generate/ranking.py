"""Have the model itself say which demonstrations are most similar to an instruction: the paper's selection.

Reference: Fu et al., ICCAD 2023, section on the demo-augmented prompt generator.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydantic

from aigchip.llm import structured
from aigchip.llm.completion import Purpose
from aigchip.llm.errors import LlmError
from aigchip.prompt.library import Demonstration
from aigchip.prompt.selection import LexicalSelector

log = logging.getLogger(__name__)

SYSTEM = """\
You compare the instruction for one hardware module with the instructions of a library. Two instructions are similar if
code written for one could be turned into code for the other with few changes: the same module first, then equal
properties, then close numbers.
"""


class Ranking(pydantic.BaseModel):
    """The titles of the most similar instructions, the most similar one first."""

    most_similar: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingSelector:
    """Choose what a model ranks first; where it names too few of the library, the most similar by text follow.

    Args:
        client: How to reach the model.
    """

    client: structured.FormCompleter
    name: str = "llm-ranked"
    asks: bool = True

    def settings(self) -> dict[str, Any]:
        """Return what determines the ranking beside the texts."""
        return {"model": self.client.model, "system": SYSTEM}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` candidates, the most similar one first.

        Raises:
            LlmError: No usable completion; a ranking without the asked form is none, the text decides then.
        """
        if not count or not candidates:
            return ()
        by_text = LexicalSelector().select(instruction, candidates, len(candidates))
        if len(candidates) <= 1:
            return by_text
        by_title = {demo.title: demo for demo in candidates}
        module = candidates[0].module
        try:
            said = structured.ask(
                self.client,
                Ranking,
                system=SYSTEM,
                user=question(instruction, sorted(candidates, key=lambda demo: demo.title), count),
                purpose=Purpose(module="ranking", parameters={"of": module}),
            ).most_similar
        except LlmError as error:
            if error.code != "malformed-reply":
                raise
            log.warning("%s: the model gave no ranking; the demonstrations are chosen by their text", module)
            said = []
        ranked = [by_title[title] for title in dict.fromkeys(said) if title in by_title]
        return tuple([*ranked, *(demo for demo in by_text if demo not in ranked)][:count])


def question(instruction: str, candidates: Sequence[Demonstration], count: int) -> str:
    """Return the user's message."""
    library = "\n\n".join(f"### {demo.title}\n{demo.instruction.strip()}" for demo in candidates)
    return (
        f"# The instruction\n\n{instruction.strip()}\n\n# The library\n\n{library}\n\n"
        f"Name the {count} most similar of the library by their titles (`{candidates[0].title}`), the most similar first."
    )
