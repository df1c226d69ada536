"""Recorded replies of a model as a generator: no key, no network, the same code on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aigchip.core.hashing import digest_text
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.request import GeneratedModule, ModuleRequest, Provenance, Rejected
from aigchip.llm.completion import ChatRequest
from aigchip.llm.replay import MissingReplyError, Replay
from aigchip.prompt.render import PromptWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedGenerator:
    """Replay a model's replies; prompts, attempts and repairs are those of `LlmGenerator`.

    Args:
        replay: Where the replies are, and whose.
        prompts: How prompts are written; they have to be those that were answered.
        attempts: Attempts in one conversation, the retry with the error included.
        conversations: Conversations about one module, each with other demonstrations.
        sample: Which of several replies to equal questions is replayed.
    """

    replay: Replay
    prompts: PromptWriter = field(default_factory=PromptWriter)
    attempts: int = 2
    conversations: int = 1
    sample: int = 0
    name: str = field(default="recorded", init=False)

    @property
    def _asking(self) -> LlmGenerator:
        return LlmGenerator(
            client=self.replay,
            prompts=self.prompts,
            attempts=self.attempts,
            conversations=self.conversations,
            sample=self.sample,
            name=self.name,
        )

    def ask(self, request: ModuleRequest, rejected: tuple[Rejected, ...] = ()) -> ChatRequest:
        """Return a request for a module: the first one, or that for a repair of what was rejected."""
        return self._asking.ask(request, rejected)

    def has(self, request: ModuleRequest) -> bool:
        """Say whether the first request for a module is answered."""
        try:
            return self.replay.find(self.ask(request)) is not None
        except MissingReplyError:  # who shall be shown is not answered
            return False

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return what determines the code: the prompt, the model's label and its first reply."""
        reply = self.replay.find(self.ask(request))
        return {**self._asking.inputs(request), "reply": None if reply is None else digest_text(reply.text)}

    def generate(
        self, request: ModuleRequest, rejected: tuple[Rejected, ...] = (), without: tuple[str, ...] = ()
    ) -> GeneratedModule:
        """Find the recorded reply and take the code out of it.

        Raises:
            MissingReplyError: Nobody has answered this request.
            UnusableReplyError: A reply without code.
        """
        return self._asking.generate(request, rejected, without)

    def judged(self, provenance: Provenance, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Write into the records what became of a reply."""
        self._asking.judged(provenance, verdicts, detail)
