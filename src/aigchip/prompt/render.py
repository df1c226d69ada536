"""Write the prompt for one module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.prompt.library import Demonstration, Library
from aigchip.prompt.selection import LexicalSelector, Selector

FORMAT = "demo-augmented"
"""The paper's prompt: demonstrations before the task."""


class PromptError(AigchipError):
    """Report a prompt template that cannot be rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt, ready to be sent.

    Args:
        system: The system message: the dialect's rules.
        user: The user message: demonstrations, then the task.
        demonstrations: Titles of the demonstrations in it, the most similar one first.
    """

    system: str
    user: str
    demonstrations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWriter:
    """Write prompts from the templates and the demonstration library.

    Args:
        templates: Folder of system.md.j2, user.md.j2 and repair.md.j2.
        library: Where demonstrations come from.
        selector: How they are chosen.
        demonstrations: How many a prompt shows at most.
    """

    templates: Path = field(default_factory=lambda: paths.template_dir() / "prompts")
    library: Library = field(default_factory=lambda: Library(root=paths.demos_dir()))
    selector: Selector = field(default_factory=LexicalSelector)
    demonstrations: int = 2

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

        The most similar demonstration stands last, next to the task.

        Raises:
            PromptError: A template is missing or names something that does not exist.
            DemonstrationError: The library is malformed.
        """
        candidates = self.library.candidates(
            module, parameters=parameters, instruction=instruction, wanted=self.demonstrations
        )
        chosen: tuple[Demonstration, ...] = ()
        if self.demonstrations:
            chosen = self.selector.select(instruction, candidates, self.demonstrations)
        values = {
            "module": module,
            "instruction": instruction.strip(),
            "signature": signature.strip(),
            "interface": interface.strip(),
            "demonstrations": tuple(reversed(chosen)),
        }
        return Prompt(
            system=self._render("system.md.j2", values),
            user=self._render("user.md.j2", values),
            demonstrations=tuple(demo.title for demo in chosen),
        )

    def repair(self, *, module: str, signature: str, reason: str) -> str:
        """Write the message that sends an error back to the model."""
        return self._render(
            "repair.md.j2", {"module": module, "signature": signature.strip(), "reason": reason.strip()}
        )

    def _render(self, name: str, values: Mapping[str, object]) -> str:
        import jinja2  # noqa: PLC0415 - a build that has nothing to ask does not need it

        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self.templates),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 - the result is plain text for a model
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
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
