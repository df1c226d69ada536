"""One request to one endpoint through the `openai` package."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from aigchip.llm import faults, wire
from aigchip.llm.completion import ChatRequest, Completion
from aigchip.llm.database import now
from aigchip.llm.settings import Settings

LONGEST_STREAM = 10
"""A streamed reply may take so many times `timeout_s` as a whole."""


def silent(_characters: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint that speaks chat completions or the responses API.

    Args:
        settings: Its address, key and limits.
        told: Called with the length of a streamed reply as it grows. [characters]
    """

    settings: Settings
    told: Callable[[int], None] = silent

    def client(self) -> Any:
        """Return a client of the `openai` package, to be closed by the caller; it does not try again by itself."""
        import openai  # noqa: PLC0415 - takes half a second; a recorded completion does not need it

        settings = self.settings
        common: dict[str, Any] = {"api_key": settings.api_key, "timeout": settings.timeout_s, "max_retries": 0}
        if settings.azure_api_version:
            return openai.AzureOpenAI(
                azure_endpoint=settings.base_url, api_version=settings.azure_api_version, **common
            )
        return openai.OpenAI(base_url=settings.base_url, **common)

    def send(self, request: ChatRequest) -> Completion:
        """Send a request once.

        Raises:
            TransientError: Trying again may help.
            FinalError: Trying again does not help.
        """
        reply = self.call(lambda client: self._reply(client, request))
        return Completion(
            text=faults.without_key(self.settings, reply.text),
            finish_reason=reply.finish_reason,
            model=faults.without_key(self.settings, reply.model) or request.model,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            request_hash=request.hash,
            endpoint=self.settings.endpoint,
            received=now(),
        )

    def call(self, action: Callable[[Any], Any]) -> Any:
        """Do something with a client of the `openai` package and turn its faults into ours.

        Raises:
            TransientError: Trying again may help.
            FinalError: Trying again does not help.
        """
        import openai  # noqa: PLC0415 - as above

        settings = self.settings
        try:
            with self.client() as client:
                return action(client)
        except openai.APITimeoutError:
            raise faults.timeout(settings) from None
        except openai.APIStatusError as fault:
            raise faults.status(settings, fault) from None
        except openai.APIConnectionError as fault:
            raise faults.connection(settings, fault) from None
        except openai.APIError as fault:
            if type(fault) is openai.APIError:  # neither a status nor a broken connection
                raise faults.within_stream(settings, fault) from None
            raise faults.other(settings, fault) from None
        except openai.OpenAIError as fault:
            raise faults.other(settings, fault) from None
        except Exception as fault:
            names = {kind.__name__ for kind in type(fault).__mro__}  # of httpx or httpx2, in the middle of a stream
            if "TimeoutException" in names:
                raise faults.timeout(settings) from None
            if "TransportError" in names:
                raise faults.connection(settings, fault) from None
            raise

    def _reply(self, client: Any, request: ChatRequest) -> wire.Reply:
        settings = self.settings
        if (request.parameters or {}).get(wire.EMBEDDING):
            raw = client.embeddings.with_raw_response.create(**wire.embeddings_body(request))
            try:
                return wire.parse_embeddings(raw.http_response.text)
            except ValueError:
                raise faults.malformed(settings, raw.http_response.text) from None
        chat = settings.api == "chat"
        resource = client.chat.completions if chat else client.responses
        body = wire.body(settings, request)
        if settings.stream:
            return self._streamed(resource, body, chat=chat)
        raw = resource.with_raw_response.create(**body)
        text = raw.http_response.text
        try:
            return wire.parse(settings, text)
        except ValueError:
            raise faults.malformed(settings, text) from None

    def _streamed(self, resource: Any, body: dict[str, Any], *, chat: bool) -> wire.Reply:
        settings = self.settings
        options = {"stream_options": {"include_usage": True}} if chat else {}
        length = 0

        def told(characters: int) -> None:
            nonlocal length
            length = characters
            self.told(characters)

        with resource.create(**body, **options, stream=True) as stream:
            gather = wire.gather_chat if chat else wire.gather_response
            try:
                reply, whole = gather(self._in_time(stream), told)
            except (json.JSONDecodeError, AttributeError, TypeError, ValueError) as fault:
                raise faults.malformed(settings, getattr(fault, "doc", "") or str(fault)) from None
        if not whole:
            raise faults.cut_stream(settings, length)
        return reply

    def _in_time(self, stream: Iterable[Any]) -> Iterator[Any]:
        until = time.monotonic() + LONGEST_STREAM * self.settings.timeout_s
        for piece in stream:
            if time.monotonic() > until:
                raise faults.timeout(self.settings)
            yield piece
