"""Which endpoint answers, with which model and limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aigchip.core import config
from aigchip.core.errors import InputError, unknown
from aigchip.llm.errors import LlmError
from aigchip.llm.keys import find_key
from aigchip.llm.limits import Limits

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"
"""Sent to an endpoint of the user's own that wants no key."""
APIS = ("chat", "responses")

SCHEMA: dict[str, type | tuple[type, ...]] = {
    "base_url": str,
    "model": str,
    "embedding_model": str,
    "api": str,
    "azure_api_version": str,
    "temperature": (int, float),
    "seed": int,
    "max_output_tokens": int,
    "context_tokens": int,
    "timeout_s": (int, float),
    "tries": int,
    "concurrency": int,
    "stream": bool,
    "structured_output": bool,
    "max_requests": int,
    "budget_usd": (int, float),
    "budget_tokens": int,
    "prices": (dict, str),
}
"""The keys of the `llm` section of aigchip.yaml. The key (a secret) is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is needed to reach an endpoint.

    Args:
        model: The model's name, as the endpoint knows it (for Azure, the deployment).
        embedding_model: The model that turns texts into vectors, for selection=embeddings.
        base_url: The endpoint's address, up to and with the version, for example `http://localhost:8000/v1`; for Azure
            the resource's address.
        api: `chat` for chat completions, `responses` for the responses API.
        azure_api_version: Set for Azure only, for example `2024-10-21`.
        api_key: The secret; shown nowhere.
        temperature: Sent when set; some models accept only their default.
        seed: Sent when set, plus the sample's number; the responses API knows none.
        max_output_tokens: Longest completion; the endpoint's own limit when unset. [tokens]
        context_tokens: Longest prompt; demonstrations that do not fit are left out, the least similar first. [tokens]
        timeout_s: Longest wait for one reply; with `stream`, for its next piece. [s]
        tries: How often one completion is asked for when faults are transient, the first time counted.
        concurrency: How many requests are under way at once at this endpoint, over all processes.
        stream: Have the reply come in pieces and show how long it is.
        structured_output: Whether the endpoint takes a JSON schema; if not, the schema goes into the prompt.
        max_requests: How many requests one study may send, restarts included.
        budget_usd: What one study may cost. [USD]
        budget_tokens: Tokens that one study may use. [tokens]
        prices: The person's price table, or the file that holds it.
    """

    model: str
    embedding_model: str | None = None
    base_url: str = OPENAI_URL
    api: str = "chat"
    azure_api_version: str | None = None
    api_key: str = field(default=NO_KEY, repr=False)
    temperature: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    context_tokens: int | None = None
    timeout_s: float = 180.0
    tries: int = 4
    concurrency: int = 4
    stream: bool = False
    structured_output: bool = True
    max_requests: int = 100
    budget_usd: float | None = None
    budget_tokens: int | None = None
    prices: Mapping[str, Any] | str | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not _has_valid_port(parts):
            raise InputError(
                "llm.base_url",
                f"the address is {self.base_url!r}; must be http:// or https:// with a host, and a port up to 65535",
                "Write for example http://localhost:8000/v1.",
            )
        if parts.username or parts.password:
            raise InputError(
                "llm.base_url",
                f"the address of {parts.hostname} holds a user name or password; it would reach records and logs",
                "Put the secret into the environment variable OPENAI_API_KEY.",
            )
        if not self.api_key.isascii() or not self.api_key.isprintable() or " " in self.api_key:
            raise LlmError(
                "OPENAI_API_KEY",
                "the key holds a character that no key has (a space, a line end, or one outside ASCII)",
                "Copy it again.",
                code="wrong-key",
            )
        if self.api not in APIS:
            raise unknown("llm.api", "api", self.api, APIS)
        rules: tuple[tuple[str, float | None, float, float], ...] = (
            ("temperature", self.temperature, 0, 2),
            ("max_output_tokens", self.max_output_tokens, 1, 10_000_000),
            ("context_tokens", self.context_tokens, 100, 100_000_000),
            ("timeout_s", self.timeout_s, 0.01, 3600),
            ("tries", self.tries, 1, 20),
            ("concurrency", self.concurrency, 1, 256),
            ("max_requests", self.max_requests, 0, 1_000_000),
            ("budget_usd", self.budget_usd, 0, 1_000_000),
            ("budget_tokens", self.budget_tokens, 0, 10**12),
        )
        for name, value, low, high in rules:
            if value is not None and not low <= value <= high:
                raise InputError(f"llm.{name}", f"the value is {value}; must be {low} to {high}", "Correct it.")

    @property
    def endpoint(self) -> str:
        """Host and port, for messages and records."""
        return urlsplit(self.base_url).netloc

    @property
    def limits(self) -> Limits:
        """What one study may use."""
        return Limits(max_requests=self.max_requests, budget_tokens=self.budget_tokens, budget_usd=self.budget_usd)

    def parameters(self) -> dict[str, Any]:
        """Return the sampling parameters that determine a reply; what is unset is left to the endpoint."""
        values = {"temperature": self.temperature, "seed": self.seed, "max_output_tokens": self.max_output_tokens}
        return {name: value for name, value in values.items() if value is not None}


def _has_valid_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings: overrides, then the environment, then aigchip.yaml, then defaults.

    Args:
        environment: Environment variables; the process's own by default. OPENAI_API_KEY, OPENAI_BASE_URL and
            AIGCHIP_MODEL are read, for Azure AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT and OPENAI_API_VERSION.
        overrides: Fields of Settings from the command line; None counts as not given.

    Raises:
        InputError: A value is wrong, or aigchip.yaml is.
        LlmError: No model is named, or the endpoint needs a key and none is set.
    """
    variables = os.environ if environment is None else environment
    values = config.section("llm", {**SCHEMA, "api_key": object, "key": object})
    for secret in ("api_key", "key"):
        if secret in values:
            raise InputError(
                f"{config.FILE_NAME}: llm.{secret}",
                "a key in a file ends up in a repository",
                "Remove the line and set the environment variable OPENAI_API_KEY.",
                code="key-in-file",
            )
    for name, variable in (
        ("base_url", "AZURE_OPENAI_ENDPOINT"),
        ("azure_api_version", "OPENAI_API_VERSION"),
        ("base_url", "OPENAI_BASE_URL"),
        ("model", "AIGCHIP_MODEL"),
    ):
        if variables.get(variable, "").strip():
            values[name] = variables[variable].strip()
    values.update({name: value for name, value in overrides.items() if value is not None})
    if not values.get("model"):
        raise LlmError(
            "llm.model",
            "no model is named",
            f"Set AIGCHIP_MODEL, or `model:` in the llm section of {config.FILE_NAME}, or use generator=expert.",
            code="no-model",
        )
    base_url = str(values.get("base_url", OPENAI_URL)).rstrip("/")
    settings = Settings(**{**values, "base_url": base_url})
    azure = settings.azure_api_version is not None
    key = find_key(variables, settings.endpoint, azure=azure)
    if not key and (base_url == OPENAI_URL or azure):
        name = "AZURE_OPENAI_API_KEY" if azure else "OPENAI_API_KEY"
        raise LlmError(
            name,
            f"no key is set, and {settings.endpoint} wants one",
            f"Set {name}, or OPENAI_BASE_URL for an endpoint of your own, or use generator=expert.",
            code="no-key",
        )
    return Settings(**{**values, "base_url": base_url, "api_key": key or NO_KEY})
