"""Write the prompt for one module."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aigchip.core import paths
from aigchip.core.errors import AigchipError, unknown
from aigchip.prompt import tokens
from aigchip.prompt.library import Demonstration, Library
from aigchip.prompt.links import numbered_lines
from aigchip.prompt.selection import LexicalSelector, Selector

if TYPE_CHECKING:
    import jinja2

log = logging.getLogger(__name__)

DEMO_AUGMENTED = "demo-augmented"
HIGH_LEVEL = "high-level"
NO_DEMO = "no-demo"

FORMATS: Mapping[str, str] = {
    DEMO_AUGMENTED: "demonstrations, then the whole instruction: the paper's prompt",
    NO_DEMO: "the whole instruction alone",
    HIGH_LEVEL: "what the module is for and its parameters, without the lines of the instruction or a demonstration",
}

MOST_DEMONSTRATIONS = 5


class PromptError(AigchipError):
    """Report a prompt that cannot be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt, ready to be sent.

    Args:
        system: The system message: the dialect's rules.
        user: The user message: demonstrations, then the task.
        demonstrations: Titles of the demonstrations in it, the one that the strategy ranks first first.
        dropped: Titles of those that were left out to keep the prompt under the model's limit.
        tokens: Upper estimate of its length. [tokens]
    """

    system: str
    user: str
    demonstrations: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWriter:
    """Write prompts from the templates and the demonstration library.

    Args:
        templates: Folder of system.md.j2, user.md.j2 and repair.md.j2.
        library: Where demonstrations come from.
        selector: How they are chosen.
        demonstrations: How many a prompt shows at most, 0 to 5.
        format: One of `FORMATS`.
        limit_tokens: How long a prompt may be, the reply not counted; None for no limit. [tokens]
    """

    templates: Path = field(default_factory=lambda: paths.template_dir() / "prompts")
    library: Library = field(default_factory=lambda: Library(root=paths.demos_dir()))
    selector: Selector = field(default_factory=LexicalSelector)
    demonstrations: int = 2
    format: str = DEMO_AUGMENTED
    limit_tokens: int | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise unknown("prompt", "format", self.format, FORMATS)
        if not 0 <= self.demonstrations <= MOST_DEMONSTRATIONS:
            raise PromptError(
                "prompt",
                f"demonstrations is {self.demonstrations}; must be 0 to {MOST_DEMONSTRATIONS}",
                "Use 2, as the paper does.",
            )

    def write(
        self,
        *,
        module: str,
        parameters: Mapping[str, int | str],
        instruction: str,
        signature: str,
        interface: str,
    ) -> Prompt:
        """Write the prompt for one module; equal arguments and files give equal text.

        The demonstration that ranks first stands last, next to the task. Where the prompt is longer than the limit, the
        one that ranks last is left out, then the next, and the log says so.

        Raises:
            PromptError: A template is missing or names something that does not exist, or the prompt is longer than the
                limit without any demonstration.
            DemonstrationError: The library is malformed.
        """
        chosen = self._chosen(module, parameters, instruction)
        high_level = self.format == HIGH_LEVEL
        values: dict[str, object] = {
            "module": module,
            "instruction": (instruction.strip().split("\n\n")[0] if high_level else instruction).strip(),
            "numbered": not high_level and bool(numbered_lines(instruction)),
            "parameters": _described(module, parameters) if high_level else (),
            "signature": signature.strip(),
            "interface": interface.strip(),
            "demonstrations": (),
        }
        system = self._render("system.md.j2", values)
        shown, dropped, user, length = chosen, (), "", 0
        for count in range(len(chosen), -1, -1):
            shown, dropped = chosen[:count], chosen[count:]
            user = self._render("user.md.j2", {**values, "demonstrations": tuple(reversed(shown))})
            length = tokens.estimate((system, user))
            if self.limit_tokens is None or length <= self.limit_tokens:
                break
        else:
            raise PromptError(
                module,
                f"the prompt has about {length} tokens without a demonstration; must be at most {self.limit_tokens}",
                "Use a model with a longer context, or raise the limit.",
                code="prompt-too-long",
            )
        if dropped:
            log.warning(
                "%s: left out %s to keep the prompt under %d tokens (about %d now)",
                module,
                ", ".join(demo.title for demo in reversed(dropped)),
                self.limit_tokens,
                length,
            )
        return Prompt(
            system=system,
            user=user,
            demonstrations=tuple(demo.title for demo in shown),
            dropped=tuple(demo.title for demo in dropped),
            tokens=length,
        )

    def repair(self, *, module: str, signature: str, reason: str) -> str:
        """Write the message that sends an error back to the model."""
        return self._render(
            "repair.md.j2", {"module": module, "signature": signature.strip(), "reason": reason.strip()}
        )

    def _chosen(self, module: str, parameters: Mapping[str, int | str], instruction: str) -> tuple[Demonstration, ...]:
        candidates = self.candidates(module, parameters, instruction)
        return self.selector.select(instruction, candidates, self.demonstrations) if candidates else ()

    def candidates(
        self, module: str, parameters: Mapping[str, int | str], instruction: str
    ) -> tuple[Demonstration, ...]:
        """Return the demonstrations that a strategy chooses from for a module; none where the format shows none."""
        if self.format != DEMO_AUGMENTED or not self.demonstrations:
            return ()
        return self.library.candidates(
            module, parameters=parameters, instruction=instruction, wanted=self.demonstrations
        )

    def _render(self, name: str, values: Mapping[str, object]) -> str:
        import jinja2  # noqa: PLC0415 - a build that has nothing to ask does not need it

        environment = _environment(self.templates)
        where = paths.relative(self.templates / name)
        try:
            return environment.get_template(name).render(values)
        except jinja2.TemplateNotFound:
            raise PromptError(where, "the prompt template is missing", "Restore the file.") from None
        except jinja2.TemplateSyntaxError as error:
            raise PromptError(f"{where}:{error.lineno}", f"{error.message}", "Correct the template.") from error
        except jinja2.UndefinedError as error:
            names = ", ".join(sorted(values))
            raise PromptError(where, f"{error.message}", f"Use only {names}.") from error


@functools.lru_cache(maxsize=8)  # it keeps the compiled templates, and reads a file that changed again
def _environment(templates: Path) -> jinja2.Environment:
    import jinja2  # noqa: PLC0415 - see above

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - the result is plain text for a model
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _described(module: str, parameters: Mapping[str, int | str]) -> tuple[dict[str, object], ...]:
    from aigchip.template import module as template  # noqa: PLC0415 - only this format needs it

    declared = template.load(module).spec.parameters
    return tuple(
        {"name": name, "value": value, "meaning": declared[name].meaning} for name, value in parameters.items()
    )
