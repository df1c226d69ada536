"""Where a key comes from: the environment, else the person's keyring. It is written nowhere."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

KEYRING_SERVICE = "aigchip"


def find_key(environment: Mapping[str, str], host: str, *, azure: bool = False) -> str:
    """Return the key for an endpoint, or an empty text.

    Args:
        environment: The environment variables.
        host: The endpoint's host and port: the user name under which a keyring holds the key.
        azure: Whether AZURE_OPENAI_API_KEY goes before OPENAI_API_KEY.
    """
    names = ("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY") if azure else ("OPENAI_API_KEY",)
    for name in names:
        if environment.get(name, "").strip():
            return environment[name].strip()
    try:
        keyring = importlib.import_module("keyring")
        return (keyring.get_password(KEYRING_SERVICE, host) or "").strip()
    except Exception:  # not installed, locked, or no keyring on this machine: then there is no key
        return ""
