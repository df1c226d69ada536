"""A host over SSH, by fabric: strict host keys, keys or the agent, a limit on every wait."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import fabric
import paramiko

from aigchip.core.atomic import storage_errors
from aigchip.core.errors import AigchipError
from aigchip.remote import faults, upload
from aigchip.remote.errors import RemoteError
from aigchip.remote.host import Finished, no_file, time_out
from aigchip.remote.target import Target

_GRACE_S = 5.0
_SUDO_REFUSED = re.compile(r"not in the sudoers|may not run|is not allowed to execute", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait [s]: for a connection to be made, and for a file transfer that stands still."""

    connect_s: float = 10.0
    transfer_s: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One open connection to a host.

    Attributes:
        target: The host.
        connection: fabric's connection.
        limits: How long to wait.
        password: Gives sudo's password when it is wanted; None where nobody can give it.
    """

    target: Target
    connection: fabric.Connection
    limits: Limits
    password: Callable[[], str | None]

    @property
    def where(self) -> str:
        """The host in error texts."""
        return self.target.where

    @property
    def name(self) -> str:
        """What error texts call the host."""
        return self.target.where

    @contextlib.contextmanager
    def connected(self) -> Iterator[Session]:
        """Give itself: it is the connection."""
        yield self

    @property
    def _transport(self) -> paramiko.Transport:
        transport = self.connection.transport
        if transport is None or not transport.is_active():
            raise faults.lost(self.where)
        return transport

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: str | None = None,
        timeout_s: float = 60.0,
        environment: Mapping[str, str] | None = None,
        sudo: bool = False,
    ) -> Finished:
        """Run a program; see `Host.run`. With `sudo`, as root.

        Raises:
            RemoteError: The connection is lost or stands still, the time is up, or sudo does not let us.
        """
        script = _script(words, cwd=cwd, timeout_s=timeout_s, environment=environment or {})
        command = f"exec sh -c {shlex.quote(script)}"
        started = time.monotonic()
        finished = self._root(command.removeprefix("exec "), timeout_s) if sudo else self._plain(command, timeout_s)
        if finished.exit_code in {124, 137} and time.monotonic() - started >= timeout_s:
            raise time_out(self.where, words, timeout_s)
        if 128 < finished.exit_code <= 128 + 64:
            return Finished(exit_code=128 - finished.exit_code, out=finished.out, err=finished.err)
        return finished

    def _plain(self, command: str, timeout_s: float) -> Finished:
        with faults.watched(self._transport, self.where, timeout_s + _GRACE_S):
            result = self.connection.run(command, hide=True, warn=True, pty=False, in_stream=False, encoding="utf-8")
        if result is None or result.exited == -1:
            raise faults.lost(self.where)
        return Finished(exit_code=result.exited, out=result.stdout, err=result.stderr)

    def _root(self, command: str, timeout_s: float) -> Finished:
        if self._plain("exec sudo -n true", 15.0).exit_code == 0:
            return self._plain(f"exec sudo -n {command}", timeout_s)
        password = self.password()
        if password is None:
            raise faults.no_sudo_password(self.where)
        with faults.watched(self._transport, self.where, timeout_s + _GRACE_S):
            result = self.connection.sudo(
                command, password=password, hide=True, warn=True, pty=False, in_stream=False, encoding="utf-8"
            )
        if result is None or result.exited == -1:
            raise faults.lost(self.where)
        err = result.stderr.replace(self.connection.config.sudo.prompt, "")
        if result.exited == 1 and _SUDO_REFUSED.search(err):
            raise RemoteError(
                self.where,
                f"{self.target.user} may not use sudo",
                "Log in as a user who may, with host=user@address.",
                code="sudo-refused",
            )
        return Finished(exit_code=result.exited, out=result.stdout, err=err.lstrip("\n"))

    @contextlib.contextmanager
    def _sftp(self) -> Iterator[paramiko.SFTPClient]:
        with faults.watched(self._transport, self.where, self.limits.connect_s):
            client = paramiko.SFTPClient.from_transport(self._transport)
        if client is None:
            raise faults.lost(self.where)
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(self.limits.transfer_s)
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.close()

    def put(self, path: Path, remote: str) -> None:
        """Copy a file to the host, whole or not at all; see `Host.put`."""
        self.put_all({remote: path})

    def put_all(self, files: Mapping[str, Path], *, tell: Callable[[str], None] = lambda _: None) -> None:
        """Copy files to the host: every one lies there under its name only when all arrived with the right hash.

        Args:
            files: Absolute path on the host to the file here.
            tell: Told of each file before it goes.

        Raises:
            RemoteError: The disk is full (`disk-full`), the connection is lost, or a hash differs (`damaged`); nothing
                half written is left, or it is named.
        """
        upload.upload(self, self._sftp, files, tell=tell)

    def get(self, remote: str, path: Path) -> None:
        """Copy a file from the host; see `Host.get`."""
        beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._sftp() as client, storage_errors(path):
                client.get(remote, str(beside))
                beside.replace(path)
        except FileNotFoundError as error:
            raise no_file(self.where, remote) from error
        except AigchipError:
            raise
        except Exception as error:
            named = faults.of_operation(error, self.where)
            raise named or RemoteError(self.where, f"{remote} cannot be read ({error})", code="copy") from error
        finally:
            beside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    """A host over SSH. Every call makes a connection of its own, so that none depends on an earlier one; `connected` shares one.

    Attributes:
        target: Where it is and who logs in.
        limits: How long to wait.
        password: Gives sudo's password when it is wanted: from AIGCHIP_SUDO_PASSWORD by default.
    """

    target: Target
    limits: Limits = field(default_factory=Limits)
    password: Callable[[], str | None] = field(default=lambda: os.environ.get("AIGCHIP_SUDO_PASSWORD") or None)

    @property
    def name(self) -> str:
        """What error texts call it."""
        return self.target.where

    @contextlib.contextmanager
    def connected(self) -> Iterator[Session]:
        """Open a connection for several calls.

        Raises:
            RemoteError: It cannot be made; the code names the fault.
        """
        connection = connect(self.target, self.limits)
        try:
            yield Session(target=self.target, connection=connection, limits=self.limits, password=self.password)
        finally:
            with contextlib.suppress(Exception):
                connection.close()

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: str | None = None,
        timeout_s: float = 60.0,
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run a program; see `Host.run`."""
        with self.connected() as session:
            return session.run(words, cwd=cwd, timeout_s=timeout_s, environment=environment)

    def put(self, path: Path, remote: str) -> None:
        """Copy a file to the host; see `Host.put`."""
        with self.connected() as session:
            session.put(path, remote)

    def put_all(self, files: Mapping[str, Path]) -> None:
        """Copy files to the host over one connection; see `Session.put_all`."""
        with self.connected() as session:
            session.put_all(files)

    def get(self, remote: str, path: Path) -> None:
        """Copy a file from the host; see `Host.get`."""
        with self.connected() as session:
            session.get(remote, path)


def connect(target: Target, limits: Limits) -> fabric.Connection:
    """Open a connection: only to a host whose key is known, only with the key or the agent that the target names.

    Raises:
        RemoteError: It cannot be made; the code names the fault.
    """
    faults.key_is_there(target.key_file, target)
    config = fabric.Config(
        lazy=True,  # no configuration of fabric or ssh of the person's takes part
        overrides={"load_ssh_configs": False, "run": {"in_stream": False}, "sudo": {"prompt": "[aigchip sudo] "}},
    )
    config.merge()
    connection = fabric.Connection(
        target.address,
        user=target.user,
        port=target.port,
        config=config,
        connect_timeout=limits.connect_s,
        connect_kwargs={
            **({} if target.key_file is None else {"key_filename": str(target.key_file)}),
            "look_for_keys": False,
            "allow_agent": target.key_file is None,
            "banner_timeout": limits.connect_s,
            "auth_timeout": limits.connect_s,
            "channel_timeout": limits.connect_s,
        },
    )
    client = connection.client
    assert client is not None  # noqa: S101 - fabric makes it in the constructor
    if target.known_hosts.is_file():
        client.load_host_keys(str(target.known_hosts))
    client.set_missing_host_key_policy(faults.RejectUnknown())  # fabric's own policy would add any key
    try:
        connection.open()
    except Exception as error:
        with contextlib.suppress(Exception):
            connection.close()
        named = faults.of_connection(error, target, limits.connect_s)
        if named is None:
            raise
        raise named from error
    return connection


def _script(words: Sequence[str], *, cwd: str | None, timeout_s: float, environment: Mapping[str, str]) -> str:
    """Write the shell text of a program: its folder, its variables, and a limit that the host itself keeps.

    The shell stays the parent, so that a program that a signal ends gives 128 + its number and only a lost connection
    gives none.
    """
    given = [f"{name}={value}" for name, value in environment.items()]
    program = shlex.join([*(["env", *given] if given else []), *words])
    go = f"cd {shlex.quote(cwd)} && " if cwd is not None else ""
    return f"{go}timeout -k 2 {timeout_s:g} {program}; exit $?"
