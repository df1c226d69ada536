"""Texts as vectors, from an endpoint's embeddings service; recorded, limited and paid once like completions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aigchip.llm.client import Client
from aigchip.llm.completion import ChatMessage, Purpose
from aigchip.llm.errors import LlmError
from aigchip.llm.wire import EMBEDDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedder:
    """Ask for embeddings through a client whose model is the embedding model.

    Args:
        client: How to reach the endpoint.
    """

    client: Client

    @property
    def model(self) -> str:
        """The embedding model."""
        return self.client.model

    def vectors(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text, in one request.

        Raises:
            LlmError: No usable reply.
        """
        request = self.client.request(
            tuple(ChatMessage(role="user", content=text) for text in texts),
            purpose=Purpose(module="embedding"),
            parameters={EMBEDDING: True},
        )
        completion = self.client.complete(request)
        vectors = json.loads(completion.text)
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise LlmError(
                f"llm ({completion.endpoint})",
                f"{len(vectors)} embeddings of {len(texts)} texts came back, or of unequal length",
                "Use another embedding_model, or selection=lexical.",
                code="malformed-reply",
            )
        return vectors
