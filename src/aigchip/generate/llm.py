"""A model behind an endpoint as a generator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aigchip.core.hashing import digest_text
from aigchip.generate.errors import UnusableReplyError
from aigchip.generate.extract import code_of, function_name
from aigchip.generate.request import GeneratedModule, ModuleRequest, Provenance, Rejected
from aigchip.generate.versions import versions
from aigchip.llm.client import Client
from aigchip.llm.completion import ChatMessage, ChatRequest
from aigchip.prompt.render import FORMAT, Prompt, PromptWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmGenerator:
    """Ask a model, with the two most similar demonstrations in the prompt; send an error back once.

    Args:
        client: How to reach the model.
        prompts: How prompts are written.
        attempts: Attempts at one module, the retry with the error included.
    """

    client: Client
    prompts: PromptWriter = field(default_factory=PromptWriter)
    attempts: int = 2
    name: str = field(default="llm", init=False)

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return what determines the code: the whole prompt, the model and its sampling parameters.

        Endpoint, key, time and request limits are no part of it.
        """
        prompt = self._prompt(request)
        settings = self.client.settings
        return {
            "generator": self.name,
            "request": request.content(),
            "prompt_format": FORMAT,
            "selection": self.prompts.selector.name,
            "demonstrations": list(prompt.demonstrations),
            "system_message": digest_text(prompt.system),
            "user_message": digest_text(prompt.user),
            "repair_message": digest_text(self.prompts.repair(module="", signature="", reason="")),
            "model": settings.model,
            "sampling": settings.parameters(),
            "attempts": self.attempts,
        }

    def ask(self, request: ModuleRequest, rejected: tuple[Rejected, ...] = ()) -> ChatRequest:
        """Return what is sent for a module: the prompt, then each rejected reply with the error that it got."""
        return self._chat(self._prompt(request), request, rejected)

    def generate(self, request: ModuleRequest, rejected: tuple[Rejected, ...] = ()) -> GeneratedModule:
        """Get a completion and take the code out of it.

        Raises:
            LlmError: No completion.
            UnusableReplyError: A completion without code.
        """
        prompt = self._prompt(request)
        completion = self.client.complete(self._chat(prompt, request, rejected))
        try:
            code = code_of(completion.text, function=function_name(request.signature), where=request.instance)
        except UnusableReplyError as error:
            error.model = completion.model
            raise
        provenance = Provenance(
            generator=self.name,
            model=completion.model,
            endpoint=completion.endpoint,
            request_hash=completion.request_hash,
            demonstrations=prompt.demonstrations,
            attempt=len(rejected) + 1,
            versions=versions("aigchip", "openai"),
        )
        return GeneratedModule(code=code, provenance=provenance, reply=completion.text)

    def _prompt(self, request: ModuleRequest) -> Prompt:
        return self.prompts.write(
            module=request.module,
            parameters=request.parameters,
            instruction=request.instruction,
            signature=request.signature,
            interface=request.interface,
        )

    def _chat(self, prompt: Prompt, request: ModuleRequest, rejected: tuple[Rejected, ...]) -> ChatRequest:
        messages = [ChatMessage(role="system", content=prompt.system), ChatMessage(role="user", content=prompt.user)]
        for attempt in rejected:
            answer = self.prompts.repair(module=request.module, signature=request.signature, reason=attempt.reason)
            messages += [
                ChatMessage(role="assistant", content=attempt.reply),
                ChatMessage(role="user", content=answer),
            ]
        return self.client.request(tuple(messages))
