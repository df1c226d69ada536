"""Correct refused code by the passes of `aigchip.correct`, judged by the validator that refused it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from aigchip.correct.model import Context
from aigchip.correct.run import Corrected, correct
from aigchip.generate.request import ModuleRequest
from aigchip.generate.validate import Validator, Verdict
from aigchip.template import module as template
from aigchip.toolchain.contract import Contract, include_dirs
from aigchip.toolchain.errors import ValidationError


@cache
def _headers() -> Mapping[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for folder in include_dirs() for path in folder.glob("*.h")}


def corrected(
    code: str, verdict: Verdict, request: ModuleRequest, validator: Validator, callees: Mapping[str, str]
) -> tuple[Corrected, Verdict]:
    """Return what the passes make of refused code, and what the validator says about it.

    Args:
        code: The code as a model wrote it.
        verdict: Why it was refused.
        request: What was asked for.
        validator: Who judges it.
        callees: The source of each function of another module that it calls.
    """
    verdicts = {code: verdict}
    contract = Contract.of(template.load(request.module), request.parameters)
    context = Context(contract=contract, headers=_headers(), callees=contract.callees)

    def errors(text: str) -> tuple[ValidationError, ...]:
        if text not in verdicts:
            verdicts[text] = validator(text, request, callees)
        return verdicts[text].errors

    found = correct(code, verdict.errors, context, errors)
    return found, verdicts[found.code]
