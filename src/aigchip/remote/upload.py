"""Copy files to a host whole or not at all: beside, compared by hash, synced, renamed."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import paramiko

from aigchip.core.errors import AigchipError
from aigchip.remote import faults
from aigchip.remote.errors import RemoteError
from aigchip.remote.host import Finished

_SUFFIX = ".part"
_BATCH = 100  # files a command line
_SPARE_BYTES = 1 << 20


class Runner(Protocol):
    """What runs the host's own programs."""

    @property
    def where(self) -> str:
        """The host in error texts."""
        ...

    def run(self, words: Sequence[str], *, timeout_s: float = 60.0) -> Finished:
        """Run a program."""
        ...


def upload(
    host: Runner,
    sftp: Callable[[], AbstractContextManager[paramiko.SFTPClient]],
    files: Mapping[str, Path],
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Copy files to a host.

    Args:
        host: Runs sha256sum, sync and mv there.
        sftp: Opens the file channel.
        files: Absolute path on the host to the file here.
        tell: Told of each file before it goes.

    Raises:
        RemoteError: The disk is full (`disk-full`), the connection is lost or stands still, or what arrived has another
            hash (`damaged`). The files that were there before are as they were; no `.part` is left, or it is named.
    """
    if not files:
        return
    folders = sorted({posixpath.dirname(remote) for remote in files})
    made = host.run(["mkdir", "-p", "--", *folders])
    if made.exit_code:
        raise _refused(host.where, folders[0], made.err)
    try:
        _check_room(host, folders[0], files)
        with sftp() as client:
            for remote, path in files.items():
                tell(posixpath.basename(remote))
                _put(client, path, remote, host)
        _compare(host, files)
        names = list(files)
        for start in range(0, len(names), _BATCH):
            host.run(["sync", "--", *(name + _SUFFIX for name in names[start : start + _BATCH])], timeout_s=120.0)
        for remote in names:
            moved = host.run(["mv", "-f", "--", remote + _SUFFIX, remote])
            if moved.exit_code:
                raise _refused(host.where, remote, moved.err)
    except AigchipError as error:
        if error.code in faults.TRANSIENT:
            raise _with_leftover(error, folders) from error
        with contextlib.suppress(AigchipError):
            host.run(["rm", "-f", "--", *(remote + _SUFFIX for remote in files)])
        raise


def free_bytes(host: Runner, folder: str) -> int | None:
    """Ask how much room a folder of the host has for us [bytes]; None where df does not say."""
    told = host.run(["df", "-Pk", "--", folder])
    fields = told.out.splitlines()[-1].split() if told.exit_code == 0 and told.out.strip() else []
    return int(fields[3]) * 1024 if len(fields) >= 6 and fields[3].isdigit() else None


def _check_room(host: Runner, folder: str, files: Mapping[str, Path]) -> None:
    needed, free = sum(path.stat().st_size for path in files.values()) + _SPARE_BYTES, free_bytes(host, folder)
    if free is not None and free < needed:
        raise faults.disk_full(host.where, folder, needed_bytes=needed, free_bytes=free)


def _put(client: paramiko.SFTPClient, path: Path, remote: str, host: Runner) -> None:
    try:
        client.put(str(path), remote + _SUFFIX, confirm=True)
    except AigchipError:
        raise
    except PermissionError as error:
        raise _refused(host.where, remote, "permission denied") from error
    except Exception as error:
        named = faults.of_operation(error, host.where, 20.0)
        if named is not None:
            raise named from error
        free = free_bytes(host, posixpath.dirname(remote))  # a full disk is only called a failure
        size = path.stat().st_size
        if free is not None and free < size:
            raise faults.disk_full(host.where, posixpath.dirname(remote), needed_bytes=size, free_bytes=free) from error
        raise _refused(host.where, remote, str(error)) from error


def _compare(host: Runner, files: Mapping[str, Path]) -> None:
    names = list(files)
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        told = host.run(["sha256sum", "--", *(name + _SUFFIX for name in batch)], timeout_s=120.0)
        found = [line.split()[0].lstrip("\\") for line in told.out.splitlines() if line.strip()]
        wanted = [hashlib.sha256(files[name].read_bytes()).hexdigest() for name in batch]
        if found != wanted:
            differs = [
                name
                for name, one, other in zip(batch, [*found, *[""] * len(batch)], wanted, strict=False)
                if one != other
            ]
            raise RemoteError(
                host.where,
                f"{differs[0]} arrived damaged (its SHA-256 differs)",
                "Run the same command again; if it stays, look at the board's SD card.",
                code="damaged",
            )


def _refused(where: str, remote: str, text: str) -> RemoteError:
    said = " ".join(text.split()) or "no reason is given"
    return RemoteError(
        where, f"{remote} cannot be written ({said})", "Make its folder writable for the user there.", code="copy"
    )


def _with_leftover(error: AigchipError, folders: Sequence[str]) -> RemoteError:
    return RemoteError(
        error.where,
        f"{error.what} during an upload; files {', '.join(f'{folder}/*{_SUFFIX}' for folder in folders)} may be left",
        "Run the same command again, it replaces them; see whether the board is still on.",
        code=error.code,
    )
