"""What a generator is asked for, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from aigchip.core.hashing import digest

Parameter = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRequest:
    """Ask for one module of one design.

    Two requests with the same fields get the same code, so designs share modules; `instance` only serves messages.

    Args:
        module: The template's folder, for example `pe_array`.
        instance: The module's name in the design, for example `load_a`; names the request to a person.
        parameters: The module's local parameters, and no others.
        instruction: What the code must do, in plain language; a person may have changed it.
        template_instruction: What the template itself says for these parameters.
        signature: The C++ declaration that the code must define.
        interface: The text of the template's headers that the signature refers to.
        design: The design that asks; no part of any key.
    """

    module: str
    instance: str
    parameters: Mapping[str, Parameter]
    instruction: str
    template_instruction: str
    signature: str
    interface: str = ""
    design: str = ""

    @property
    def changed_by_person(self) -> bool:
        """Whether the instruction differs from the template's in more than white space."""
        return self.instruction.split() != self.template_instruction.split()

    def content(self) -> dict[str, Any]:
        """Return what the request says, JSON-able: the part of a key that does not depend on the generator."""
        return {
            "module": self.module,
            "parameters": dict(self.parameters),
            "instruction": self.instruction,
            "signature": self.signature,
            "interface": digest(self.interface),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Say who made a module's code and from what.

    Args:
        generator: `expert` or `llm`.
        model: The model that answered, as the endpoint names it; empty for the expert.
        endpoint: Host and port of the endpoint, never with credentials; empty for the expert.
        request_hash: The hash of the whole request that the completion answers; empty for the expert.
        demonstrations: The demonstrations in the prompt, as `<module>/<name>`.
        attempt: 1 for the first attempt, 2 for the retry with the error, counted over all conversations.
        how: `first`, `auto-corrected`, `repaired` (after an error was sent back), `regenerated` (with other
            demonstrations), `by-hand`; empty where nobody judged it.
        versions: Package versions that took part.
    """

    generator: str
    model: str = ""
    endpoint: str = ""
    request_hash: str = ""
    demonstrations: tuple[str, ...] = ()
    attempt: int = 1
    how: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, JSON-able."""
        return {**asdict(self), "demonstrations": list(self.demonstrations), "versions": dict(self.versions)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """Read what `to_dict` wrote."""
        return cls(**{**data, "demonstrations": tuple(data["demonstrations"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedModule:
    """A module's C++ text with its provenance.

    Args:
        code: The text of the source file, nothing else.
        provenance: Who made it and from what.
        reply: The whole reply that the code was taken from; empty for the expert.
    """

    code: str
    provenance: Provenance
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An attempt that did not pass, as the next attempt needs it.

    Args:
        reply: The whole reply that was rejected.
        reason: What is wrong with it, in text that may be shown to a model.
        code: A stable word for programs: the stage and class of the error, or what the reply lacks.
    """

    reply: str
    reason: str
    code: str = ""


class Generator(Protocol):
    """Make a module's code.

    Implementations are frozen dataclasses that can be pickled and hold no state between calls.
    """

    @property
    def name(self) -> str:
        """`expert` or `llm`."""
        ...

    @property
    def attempts(self) -> int:
        """How many attempts one conversation gets, the first one counted."""
        ...

    @property
    def conversations(self) -> int:
        """How many conversations about one module there may be, each with other demonstrations."""
        ...

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return everything that determines the code for `request`, JSON-able: the key of a store step.

        Secrets are not part of it.
        """
        ...

    def generate(
        self, request: ModuleRequest, rejected: tuple[Rejected, ...] = (), without: tuple[str, ...] = ()
    ) -> GeneratedModule:
        """Make the code.

        Args:
            request: What is asked for.
            rejected: The attempts of this conversation before this one, oldest first.
            without: Titles of demonstrations that were shown in earlier conversations and are not shown again.

        Raises:
            AigchipError: The code cannot be made; one clear line.
            UnusableReplyError: A model replied, but not with code; the reply can go back to it as an attempt.
        """
        ...

    def judged(self, provenance: Provenance, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Take note of what became of code that it made.

        Args:
            provenance: The code's provenance.
            verdicts: Stage to `passed` or the class of the error.
            detail: The first error's text.
        """
        ...
