"""Copy files to a host whole or not at all: beside, compared by hash, synced, renamed."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re
import shlex
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
_IS_FULL = re.compile(
    r"^Failure$|size mismatch|no space", re.IGNORECASE
)  # what SFTP has for a write that finds no room
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

    A file that is there already with the same hash is not sent again.
    """
    folders = sorted({posixpath.dirname(remote) for remote in files})
    for folder in folders:
        made = host.run(["mkdir", "-p", "--", folder])
        if made.exit_code:
            full = "No space left" in made.err
            raise faults.disk_full(host.where, folder) if full else _refused(host.where, folder, made.err)
    there = _hashes(host, list(files))
    files = {remote: path for remote, path in files.items() if there.get(remote) != _sha256(path)}
    if not files:
        return
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
        moves = "; ".join(f"mv -f -- {shlex.quote(name + _SUFFIX)} {shlex.quote(name)} || exit 1" for name in names)
        moved = host.run(["sh", "-c", moves])
        if moved.exit_code:
            raise _refused(host.where, folders[0], moved.err)
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
        named = faults.of_operation(error, host.where)
        if named is not None:
            raise named from error
        if _IS_FULL.search(str(error)):
            folder = posixpath.dirname(remote)
            raise faults.disk_full(
                host.where, folder, needed_bytes=path.stat().st_size, free_bytes=free_bytes(host, folder)
            ) from error
        raise _refused(host.where, remote, str(error)) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hashes(host: Runner, names: Sequence[str]) -> dict[str, str]:
    """Ask for the SHA-256 of files on the host; those that are not there are left out."""
    found: dict[str, str] = {}
    for start in range(0, len(names), _BATCH):
        told = host.run(["sha256sum", "--zero", "--", *names[start : start + _BATCH]], timeout_s=120.0)
        for line in told.out.split("\0"):
            value, _, name = line.partition("  ")
            found[name] = value
    return found


def _compare(host: Runner, files: Mapping[str, Path]) -> None:
    found = _hashes(host, [remote + _SUFFIX for remote in files])
    for remote, path in files.items():
        if found.get(remote + _SUFFIX) != _sha256(path):
            raise RemoteError(
                host.where,
                f"{remote} arrived damaged (its SHA-256 differs)",
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
