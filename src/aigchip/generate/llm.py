"""A model behind an endpoint as a generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aigchip.core.hashing import digest_text
from aigchip.generate.errors import UnusableReplyError
from aigchip.generate.extract import code_of, function_name
from aigchip.generate.request import GeneratedModule, ModuleRequest, Provenance, Rejected
from aigchip.generate.versions import versions
from aigchip.llm.completer import Completer
from aigchip.llm.completion import ChatMessage, ChatRequest, Purpose
from aigchip.prompt.library import Demonstration
from aigchip.prompt.render import Prompt, PromptWriter
from aigchip.prompt.selection import NoSelector, Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDemonstrations:
    """Choose as another strategy does, but none of the demonstrations that were shown already.

    Args:
        selector: The strategy.
        without: Titles of the demonstrations that were shown.
    """

    selector: Selector
    without: tuple[str, ...]

    @property
    def name(self) -> str:
        """The strategy's name."""
        return self.selector.name

    @property
    def asks(self) -> bool:
        """Whether the strategy asks an endpoint."""
        return self.selector.asks

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice."""
        return {**self.selector.settings(), "without": list(self.without)}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` of the others."""
        others = [demo for demo in candidates if demo.title not in self.without]
        return self.selector.select(instruction, others, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmGenerator:
    """Ask a model, with the two most similar demonstrations in the prompt; send an error back once.

    Args:
        client: How to reach the model, or its recorded replies.
        prompts: How prompts are written.
        attempts: Attempts in one conversation, the retry with the error included.
        conversations: Conversations about one module, each with other demonstrations.
        sample: Which of several replies to equal questions is asked for.
    """

    client: Completer
    prompts: PromptWriter = field(default_factory=PromptWriter)
    attempts: int = 2
    conversations: int = 1
    sample: int = 0
    name: str = "llm"

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return what determines the code: the whole prompt, the model and its sampling parameters.

        Endpoint, key, time and request limits are no part of it.
        """
        prompt = self._prompt_of_key(request)
        return {
            "generator": self.name,
            "request": request.content(),
            "prompt_format": self.prompts.format,
            "selection": {"name": self.prompts.selector.name, **self.prompts.selector.settings()},
            "demonstrations": self._demonstrations_of_key(request, prompt),
            "system_message": digest_text(prompt.system),
            "user_message": digest_text(prompt.user),
            "repair_message": digest_text(self.prompts.repair(module="", signature="", reason="")),
            "model": self.client.model,
            "sampling": self.client.parameters(),
            "attempts": self.attempts,
            "conversations": self.conversations,
            **({"sample": self.sample} if self.sample else {}),
        }

    def ask(
        self, request: ModuleRequest, rejected: tuple[Rejected, ...] = (), without: tuple[str, ...] = ()
    ) -> ChatRequest:
        """Return what is sent for a module: the prompt, then each rejected reply with the error that it got."""
        return self._chat(self._prompt(request, without), request, rejected)

    def generate(
        self, request: ModuleRequest, rejected: tuple[Rejected, ...] = (), without: tuple[str, ...] = ()
    ) -> GeneratedModule:
        """Get a completion and take the code out of it.

        Raises:
            LlmError: No completion.
            UnusableReplyError: A completion without code.
        """
        prompt = self._prompt(request, without)
        completion = self.client.complete(self._chat(prompt, request, rejected))
        try:
            code = code_of(completion.text, function=function_name(request.signature), where=request.instance)
        except UnusableReplyError as error:
            error.model = completion.model
            self.client.judge(completion.request_hash, {"code": error.code}, error.what)
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

    def judged(self, provenance: Provenance, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Write into the records what became of a reply."""
        self.client.judge(provenance.request_hash, verdicts, detail)

    def _prompt_of_key(self, request: ModuleRequest) -> Prompt:
        """Return the prompt, without its demonstrations where choosing them would ask an endpoint."""
        if not self.prompts.selector.asks:
            return self._prompt(request)
        return replace(self, prompts=replace(self.prompts, selector=NoSelector()))._prompt(request)

    def _demonstrations_of_key(self, request: ModuleRequest, prompt: Prompt) -> list[str]:
        """Return the demonstrations, or the content of all from which an endpoint chooses."""
        if not self.prompts.selector.asks:
            return list(prompt.demonstrations)
        candidates = self.prompts.candidates(request.module, request.parameters, request.instruction)
        most, limit = self.prompts.demonstrations, self.prompts.limit_tokens
        return [f"at most {most} within {limit} tokens of", *(digest_text(d.instruction + d.code) for d in candidates)]

    def _prompt(self, request: ModuleRequest, without: tuple[str, ...] = ()) -> Prompt:
        prompts = self.prompts
        if without:
            prompts = replace(prompts, selector=OtherDemonstrations(selector=prompts.selector, without=without))
        return prompts.write(
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
        purpose = Purpose(module=request.module, parameters=request.parameters, design=request.design)
        return self.client.request(tuple(messages), purpose=purpose, sample=self.sample)
