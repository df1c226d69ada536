"""Errors of hosts: what a person can put right about a connection, a file or a command on another machine."""

from __future__ import annotations

from aigchip.core.errors import AigchipError


class RemoteError(AigchipError):
    """Report a host that cannot be reached or does not do what is asked. `code` names the fault."""
