"""What SSH libraries raise, as one error with a code, one clear line and the smallest remedy."""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import shlex
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import paramiko
from invoke.exceptions import AuthFailure, CommandTimedOut, Failure, ThreadException
from paramiko.ssh_exception import (
    AuthenticationException,
    BadHostKeyException,
    NoValidConnectionsError,
    PasswordRequiredException,
    SSHException,
)

from aigchip.core.errors import AigchipError
from aigchip.remote.errors import RemoteError
from aigchip.remote.target import Target

TRANSIENT = frozenset({"lost", "frozen", "unreachable", "refused", "no-banner"})
"""Codes of faults that may be over when one tries again a little later."""


class UnknownHostKeyError(SSHException):
    """A server whose key is in no file of known hosts."""

    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__("unknown host key")
        self.key = key


class RejectUnknown(paramiko.RejectPolicy):
    """Refuse an unknown host as RejectPolicy does, and keep its key so that the refusal can show the fingerprint."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> NoReturn:
        """Refuse it."""
        raise UnknownHostKeyError(key)


def fingerprint(key: paramiko.PKey) -> str:
    """Return a key's fingerprint as `ssh-keygen -l` shows it."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def _known_as(target: Target) -> str:
    return target.address if target.port == 22 else f"[{target.address}]:{target.port}"


def _compare(key: paramiko.PKey) -> str:
    return f"Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_{_kind(key)}_key.pub` typed on the board itself"


def _kind(key: paramiko.PKey) -> str:
    return key.get_name().removeprefix("ssh-").partition("-")[0]


def _add(target: Target, key: paramiko.PKey) -> str:
    port = "" if target.port == 22 else f"-p {target.port} "
    return f"`ssh-keyscan {port}-t {_kind(key)} {target.address} >> {shlex.quote(str(target.known_hosts))}`"


def _unknown_host(target: Target, error: UnknownHostKeyError) -> RemoteError:
    return RemoteError(
        target.where,
        f"its host key {fingerprint(error.key)} is not in {target.known_hosts}",
        f"{_compare(error.key)}; if they are equal, trust it with {_add(target, error.key)}.",
        code="unknown-host",
    )


def _other_host_key(target: Target, error: BadHostKeyException) -> RemoteError:
    known, offered = error.expected_key, error.key
    if known.get_name() != offered.get_name():
        return RemoteError(
            target.where,
            f"it offers a host key of the kind {offered.get_name()} ({fingerprint(offered)}); {target.known_hosts} has "
            f"only one of the kind {known.get_name()}",
            f"{_compare(offered)}; if they are equal, trust it with {_add(target, offered)}.",
            code="wrong-host-key",
        )
    remove = f"`ssh-keygen -f {shlex.quote(str(target.known_hosts))} -R {shlex.quote(_known_as(target))}`"
    return RemoteError(
        target.where,
        f"its host key is {fingerprint(offered)}; {target.known_hosts} has {fingerprint(known)}: another machine answers, "
        "or the board's system was installed anew",
        f"{_compare(offered)}; if they are equal, drop the old key with {remove} and trust the new "
        f"one with {_add(target, offered)}.",
        code="wrong-host-key",
    )


def of_connection(error: BaseException, target: Target, timeout_s: float) -> AigchipError | None:
    """Name what went wrong while a connection was made.

    Args:
        error: What the library raised.
        target: The board.
        timeout_s: The limit on connecting [s].

    Returns:
        The error for a person, or None where this is no fault of a connection.
    """
    where = target.where
    key = "the SSH agent" if target.key_file is None else str(target.key_file)
    if isinstance(error, UnknownHostKeyError):
        return _unknown_host(target, error)
    if isinstance(error, BadHostKeyException):
        return _other_host_key(target, error)
    if isinstance(error, PasswordRequiredException):
        return RemoteError(
            where,
            f"the key {key} is encrypted",
            f"Run `ssh-add {key}` and leave key= out; the SSH agent is asked then.",
            code="encrypted-key",
        )
    if isinstance(error, AuthenticationException):
        said = str(error).lower()
        if "timeout" in said:
            return _frozen(where)
        if "eof" in said or "transport shut down" in said:  # cut off in the middle of it: no word on the key
            return lost(where)
        return RemoteError(
            where,
            f"it does not let {target.user} in with {'a key of ' * (target.key_file is None)}{key}",
            "Give the user with host=user@address and the key with key=, or put the public key on the board with "
            f"`ssh-copy-id -p {target.port} {target.user}@{target.address}`.",
            code="not-let-in",
        )
    if isinstance(error, NoValidConnectionsError):
        return RemoteError(
            where,
            f"nothing listens on port {target.port}",
            "Start the board's SSH server, or correct host=.",
            code="refused",
        )
    if isinstance(error, socket.gaierror):
        return RemoteError(
            where,
            f"the name {target.address} is not known",
            "Correct host=, or give the IP address.",
            code="unknown-name",
        )
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return RemoteError(
            where,
            f"the key {error.filename or key} cannot be read ({error.strerror})",
            "Correct key=, or leave it out to use the SSH agent.",
            code="no-key-file",
        )
    if isinstance(error, SSHException):
        return _of_protocol(error, target, timeout_s)
    if isinstance(error, TimeoutError) or getattr(error, "errno", 0) in {
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ETIMEDOUT,
    }:
        return RemoteError(
            where,
            f"no answer within {timeout_s:g} s",
            "See whether the board is on and in this network, and whether a firewall is between.",
            code="unreachable",
        )
    if isinstance(error, ValueError) and "key" in str(error).lower():
        return _unusable_key(where, key, error)
    if isinstance(error, OSError | EOFError):
        return lost(where)
    return None


def _unusable_key(where: str, key: str, error: Exception) -> RemoteError:
    return RemoteError(
        where, f"the key {key} cannot be used ({error})", "Name a private key with key=.", code="no-key-file"
    )


def _of_protocol(error: SSHException, target: Target, timeout_s: float) -> RemoteError:
    text = str(error)
    if "banner" in text or "No existing session" in text:  # the second where both waits end at once
        return RemoteError(
            target.where,
            f"what listens on port {target.port} does not speak SSH, or does not answer within {timeout_s:g} s",
            "Correct the port in host=, or restart the board's SSH server.",
            code="no-banner",
        )
    if "private key" in text or "unpack" in text or "key file" in text:
        return _unusable_key(target.where, str(target.key_file), error)
    if "No authentication methods" in text:
        return RemoteError(
            target.where,
            "the SSH agent has no key",
            "Run `ssh-add`, or name a key with key=.",
            code="not-let-in",
        )
    if "imeout" in text:
        return _frozen(target.where)
    return lost(target.where)


def lost(where: str) -> RemoteError:
    """Build the error for a connection that broke off."""
    return RemoteError(
        where, "the connection was lost", "Run the same command again; see whether the board is still on.", code="lost"
    )


def _frozen(where: str) -> RemoteError:
    return RemoteError(
        where,
        "it stopped answering",
        "See whether the board is still on; run the same command again.",
        code="frozen",
    )


def of_operation(error: BaseException, where: str) -> AigchipError | None:
    """Name what went wrong on a connection that stood; None where this is no fault of a connection."""
    if isinstance(error, AuthFailure):
        return wrong_sudo_password(where)
    if isinstance(error, CommandTimedOut | TimeoutError) or (
        isinstance(error, SSHException) and "imeout" in str(error)
    ):
        return _frozen(where)
    if isinstance(error, Failure | ThreadException | SSHException | EOFError | ConnectionError):
        return lost(where)
    if isinstance(error, OSError) and "closed" in str(error).lower():
        return lost(where)
    return None


def wrong_sudo_password(where: str) -> RemoteError:
    """Build the error for a password that sudo refuses."""
    return RemoteError(
        where,
        "sudo does not accept the password",
        "Correct AIGCHIP_SUDO_PASSWORD, or run without it at a terminal to be asked.",
        code="sudo-password",
    )


def no_sudo_password(where: str) -> RemoteError:
    """Build the error for a password that sudo wants and nobody gave."""
    return RemoteError(
        where,
        "sudo wants a password",
        "Put it into the environment variable AIGCHIP_SUDO_PASSWORD, or run at a terminal to be asked.",
        code="sudo-password",
    )


def disk_full(
    where: str, folder: str, *, needed_bytes: int | None = None, free_bytes: int | None = None
) -> RemoteError:
    """Build the error for a disk of the host that is full.

    Args:
        where: The host in error texts.
        folder: What could not be written.
        needed_bytes: How much room is needed [bytes].
        free_bytes: How much there is [bytes]; where that would be enough, a quota is to blame.
    """
    what = f"the disk with {folder} is full"
    if needed_bytes is not None and free_bytes is not None:
        if free_bytes < needed_bytes:
            what += f": {needed_bytes / 1e6:,.1f} MB are needed, {free_bytes / 1e6:,.1f} MB are free"
        else:
            what = f"{folder} takes no more, although the disk has {free_bytes / 1e6:,.1f} MB free: a quota is used up"
    return RemoteError(
        where,
        what,
        f"Free some space there, for example by removing old folders below {folder}, and run the same command again.",
        code="disk-full",
    )


@contextlib.contextmanager
def watched(transport: paramiko.Transport, where: str, timeout_s: float) -> Iterator[None]:
    """Close a connection whose block does not end in time, and name every fault of it.

    The library waits without a limit at several points (an answer to a request for a channel, for a command); closing
    the connection ends every wait.

    Args:
        transport: The connection.
        where: The host in error texts.
        timeout_s: Limit on the block [s].

    Raises:
        RemoteError: `frozen` where the limit was reached, `lost` where the connection broke off.
    """
    fired = threading.Event()

    def close() -> None:
        fired.set()
        transport.close()

    timer = threading.Timer(timeout_s, close)
    timer.daemon = True
    timer.start()
    try:
        yield
    except AigchipError:
        if fired.is_set():
            raise _frozen(where) from None
        raise
    except Exception as error:
        if fired.is_set():
            raise _frozen(where) from error
        named = of_operation(error, where)
        if named is None:
            raise
        raise named from error
    finally:
        timer.cancel()
    if fired.is_set():
        raise _frozen(where)


def key_is_there(path: Path | None, target: Target) -> None:
    """See that a key that is named is a file, before a connection is made.

    Raises:
        RemoteError: It is not.
    """
    if path is not None and not path.is_file():
        raise RemoteError(
            target.where,
            f"the key {path} cannot be read (No such file or directory)",
            "Correct key=, or leave it out to use the SSH agent.",
            code="no-key-file",
        )
