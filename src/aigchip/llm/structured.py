"""Answers in a given form: by the endpoint's structured output where it has one, else by a schema in the prompt.

Either way the reply is checked against the form, and goes back to the model once with what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import pydantic

from aigchip.llm.completion import ChatMessage, ChatRequest, Completion, Purpose
from aigchip.llm.errors import LlmError

Form = TypeVar("Form", bound=pydantic.BaseModel)

ATTEMPTS = 2
"""Replies that are asked for: the first one, and one with the error."""

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)


class FormCompleter(Protocol):
    """What is needed of a client; `aigchip.llm.client.Client` has it."""

    @property
    def model(self) -> str:
        """The model's label."""
        ...

    @property
    def takes_schema(self) -> bool:
        """Whether the endpoint takes a JSON schema."""
        ...

    def request(
        self,
        messages: tuple[ChatMessage, ...],
        *,
        purpose: Purpose | None = None,
        sample: int = 0,
        parameters: Mapping[str, Any] | None = None,
    ) -> ChatRequest:
        """Build the request for a conversation; `parameters` are further ones."""
        ...

    def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of a request."""
        ...


def ask(client: FormCompleter, form: type[Form], *, system: str, user: str, purpose: Purpose) -> Form:
    """Ask for an answer in a form.

    Args:
        client: How to reach the model.
        form: The answer's fields; every one of them is required in the schema, as strict structured output wants.
        system: The system message.
        user: The question.
        purpose: What it is about.

    Raises:
        LlmError: No usable completion, or neither reply has the form (`malformed-reply`).
    """
    schema = strict_schema(form)
    if not client.takes_schema:
        system = (
            f"{system.rstrip()}\n\nAnswer with one JSON object of this schema and nothing else:\n{json.dumps(schema)}"
        )
    messages = (ChatMessage(role="system", content=system), ChatMessage(role="user", content=user))
    wrong = where = model = ""
    for _ in range(ATTEMPTS):
        form_sent = {"schema": {"name": form.__name__.lower(), "schema": schema}} if client.takes_schema else None
        completion = client.complete(client.request(messages, purpose=purpose, parameters=form_sent))
        where, model = f"llm ({completion.endpoint})", completion.model
        try:
            return form.model_validate(json_of(completion.text))
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the answer"
            wrong = f"{place}: {first['msg']}"
        except ValueError as error:
            wrong = str(error)
        messages += (
            ChatMessage(role="assistant", content=completion.text),
            ChatMessage(role="user", content=f"This does not have the form: {wrong}. Answer again, with JSON alone."),
        )
    raise LlmError(
        where,
        f"the reply of {model} does not have the form that was asked for ({wrong})",
        "Use a model that keeps a JSON schema, or no model.",
        code="malformed-reply",
    )


def json_of(text: str) -> Any:
    """Find the JSON value of a reply: the whole, the one fenced block, or what stands between the outer braces.

    Raises:
        ValueError: There is none.
    """
    candidates = [text, *(_FENCED.findall(text)[-1:])]
    opening, closing = text.find("{"), text.rfind("}")
    if 0 <= opening < closing:
        candidates.append(text[opening : closing + 1])
    for candidate in candidates:
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    raise ValueError("it is not JSON")


def strict_schema(form: type[pydantic.BaseModel]) -> dict[str, Any]:
    """Return a form's JSON schema as strict structured output wants it: closed, every property required."""

    def closed(node: Any) -> Any:
        if isinstance(node, list):
            return [closed(item) for item in node]
        if not isinstance(node, dict):
            return node
        made = {key: closed(value) for key, value in node.items() if key not in {"default", "title"}}
        if made.get("type") == "object" and "properties" in made:
            made |= {"additionalProperties": False, "required": list(made["properties"])}
        return made

    return closed(form.model_json_schema())
