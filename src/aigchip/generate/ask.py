"""Turn a module of a design into a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from aigchip.generate.request import ModuleRequest, Parameter
from aigchip.template import module as template

_STRUCT = re.compile(r"^((?://[^\n]*\n)*)struct (\w+) \{\n.*?^\};\n", re.MULTILINE | re.DOTALL)


def module_request(
    instance: str, parameters: Mapping[str, Parameter], *, instruction: str | None = None, root: Path | None = None
) -> ModuleRequest:
    """Build the request for one module of a design.

    Args:
        instance: The module's name in the design, for example `arbiter_a`.
        parameters: Its local parameters.
        instruction: What a person wrote instead of the template's instruction; None if nobody did.
        root: The template's folder; the project's by default.

    Raises:
        InputError: The module does not exist.
        TemplateError: The template is malformed, or does not have these parameters.
    """
    module = template.load(instance, root)
    rendered = module.instruction(parameters)
    signature = module.signature(parameters)
    return ModuleRequest(
        module=module.name,
        instance=instance,
        parameters=dict(parameters),
        instruction=rendered if instruction is None else instruction,
        template_instruction=rendered,
        signature=signature,
        interface=interface(
            _headers(template.include_dir(root)),
            ports={port.name: port.meaning for port in module.ports(parameters)},
            instruction=rendered + (instruction or ""),
            callees=module.callees(parameters),
        ),
    )


def interface(headers: str, *, ports: Mapping[str, str], instruction: str, callees: tuple[str, ...]) -> str:
    """Collect what a module must know beside its signature, as C++ text.

    It is the meaning of its ports, the command words that instruction or ports name, and the functions that it calls.

    Args:
        headers: The text of the template's headers.
        ports: Name to meaning.
        instruction: Text in which the names of the structures stand as words.
        callees: Signatures of functions of other modules that it calls, without a final semicolon.
    """
    words = set(re.findall(r"\w+", " ".join([instruction, *ports.values()])))
    meanings = [f"// {name}: {meaning}" for name, meaning in ports.items()]
    structs = [match[0].strip() for match in _STRUCT.finditer(headers) if match[2] in words]
    includes = ['#include "aigchip_commands.h"  // it holds:'] if structs else []
    calls = [f"// made before this module, declared here, not defined here\n{callee};" for callee in callees]
    return "\n".join([*meanings, *includes, *structs, *calls])


def _headers(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.h")))
