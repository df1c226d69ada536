"""The template's own code: the paper's manual-expert baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.hashing import digest_text
from aigchip.generate.errors import GenerateError
from aigchip.generate.request import GeneratedModule, ModuleRequest, Provenance, Rejected
from aigchip.generate.versions import versions
from aigchip.template import module as template


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertGenerator:
    """Render the template's expert code for the module's parameters.

    It cannot read, so it refuses an instruction that a person changed.

    Args:
        template_root: The template's folder.
    """

    template_root: Path = field(default_factory=paths.template_dir)
    name: str = field(default="expert", init=False)
    attempts: int = field(default=1, init=False)
    conversations: int = field(default=1, init=False)

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return what determines the code: the request and the code that the template gives for it.

        Raises:
            GenerateError: A person changed the instruction.
        """
        return {"generator": self.name, "request": request.content(), "code": digest_text(self._code(request))}

    def generate(
        self, request: ModuleRequest, rejected: tuple[Rejected, ...] = (), without: tuple[str, ...] = ()
    ) -> GeneratedModule:
        """Render the code.

        Raises:
            GenerateError: A person changed the instruction.
            TemplateError: The template is malformed.
        """
        provenance = Provenance(generator=self.name, versions=versions("aigchip"))
        return GeneratedModule(code=self._code(request), provenance=provenance)

    def judged(self, provenance: Provenance, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Do nothing: nobody replied."""

    def _code(self, request: ModuleRequest) -> str:
        if request.changed_by_person:
            raise GenerateError(
                request.instance,
                "the instruction was changed by a person, and the expert generator cannot read",
                "Use generator=llm, or remove the changed instruction.",
                code="instruction-changed",
            )
        return template.load(request.module, self.template_root).expert_code(request.parameters)
