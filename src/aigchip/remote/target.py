"""A board that is reached over SSH: where it is, who logs in, and what runs there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aigchip.core.errors import InputError

_ADDRESS = re.compile(
    r"(?:(?P<user>[A-Za-z_][A-Za-z0-9_.-]*)@)?(?P<address>\[[0-9A-Fa-f:.%a-z]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
)
_RULE = "user@address or user@address:port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Everything that a connection to a board, and a run on it, need.

    Attributes:
        name: What error texts call it.
        address: Host name or IP address.
        port: TCP port of its SSH server.
        user: Who logs in.
        key_file: The private key; None where the SSH agent has it.
        known_hosts: The file with the host keys that are trusted.
        python: Absolute path of the interpreter on the board that has pynq.
        sudo: Whether the runner needs root there.
        environment: Variables for the runner; sudo would drop them.
        folder: Absolute work folder on the board.
        simulated: Whether there is no hardware behind it.
    """

    name: str
    address: str
    port: int = 22
    user: str
    key_file: Path | None = None
    known_hosts: Path
    python: str
    sudo: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    folder: str
    simulated: bool = False

    def __post_init__(self) -> None:
        for name in ("python", "folder"):
            if not getattr(self, name).startswith("/"):
                raise InputError(
                    f"target {self.name}", f"{name} is {getattr(self, name)!r}; must be an absolute path", "Correct it."
                )

    @property
    def where(self) -> str:
        """The target in error texts, with the user and the place."""
        port = "" if self.port == 22 else f":{self.port}"
        return f"{self.name} ({self.user}@{self.address}{port})"

    def to_json(self) -> str:
        """Write it as JSON."""
        return json.dumps(
            {
                "name": self.name,
                "address": self.address,
                "port": self.port,
                "user": self.user,
                "key_file": None if self.key_file is None else str(self.key_file),
                "known_hosts": str(self.known_hosts),
                "python": self.python,
                "sudo": self.sudo,
                "environment": dict(self.environment),
                "folder": self.folder,
                "simulated": self.simulated,
            },
            indent=2,
        )

    @classmethod
    def from_json(cls, text: str, *, where: str = "target") -> Target:
        """Read what `to_json` wrote.

        Args:
            text: The JSON.
            where: The file's name for error texts.

        Raises:
            InputError: It is no JSON, or an entry is missing, unknown or of the wrong kind.
        """
        kinds: dict[str, type | tuple[type, ...]] = {
            "name": str,
            "address": str,
            "port": int,
            "user": str,
            "key_file": (str, type(None)),
            "known_hosts": str,
            "python": str,
            "sudo": bool,
            "environment": dict,
            "folder": str,
            "simulated": bool,
        }
        try:
            data: Any = json.loads(text)
        except ValueError as error:
            raise InputError(where, f"not JSON: {error}", "Start the board again.", code="malformed") from None
        if not isinstance(data, dict) or set(data) != set(kinds):
            raise InputError(
                where, f"the entries must be {', '.join(kinds)}", "Start the board again.", code="malformed"
            )
        for name, kind in kinds.items():
            if not isinstance(data[name], kind):
                raise InputError(where, f"{name} is {data[name]!r}", "Start the board again.", code="malformed")
        return cls(
            **{
                **data,
                "key_file": None if data["key_file"] is None else Path(data["key_file"]),
                "known_hosts": Path(data["known_hosts"]),
            }
        )


def parse_address(text: str, *, user: str, port: int = 22) -> tuple[str, str, int]:
    """Read `user@address:port`, of which user and port may be left out.

    Args:
        text: What a person wrote after `host=`; an IPv6 address stands in brackets.
        user: The user where none is written.
        port: The port where none is written.

    Returns:
        User, address and port.

    Raises:
        InputError: The text has another form, for example with a password in it.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        shown = "a text with a colon before the @" if re.match(r"[^@]*:[^@]*@", text) else repr(text)
        raise InputError(
            "host", f"host is {shown}; must be {_RULE}", "Passwords are not taken here; use a key or the SSH agent."
        )
    number = int(found["port"] or port)
    if not 1 <= number <= 65535:
        raise InputError(f"host={text}", f"port is {number}; must be 1 to 65535", f"Write {_RULE}.")
    return found["user"] or user, found["address"].strip("[]"), number
