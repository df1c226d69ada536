"""What aigchip.yaml says of the vendor's tools, in its section `vendor`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.core.config import FILE_NAME, section
from aigchip.core.errors import InputError
from aigchip.remote.host import Host, LocalHost
from aigchip.remote.target import Target, parse_address
from aigchip.vendor.licence import Patience
from aigchip.vendor.probe import ROOTS
from aigchip.vendor.run import Limits

_SCHEMA = {
    "vitis": str,
    "vivado": str,
    "root": str,
    "folder": str,
    "host": str,
    "key_file": str,
    "known_hosts": str,
    "timeout_s": int,
    "bitstream_timeout_s": int,
    "licence_wait_s": int,
    "jobs": int,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSettings:
    """Where the tools are and what they may take.

    Attributes:
        vitis: Folder of one Vitis or Vitis HLS installation; empty searches.
        vivado: The same of Vivado.
        roots: Folders that hold installations.
        folder: Work folder on the host, absolute; what we make in it is emptied by each run.
        host: Where the tools are, `user@address:port`; empty for this machine.
        key_file: The private key for the host; empty asks the SSH agent.
        known_hosts: The file with the host keys that are trusted.
        timeout_s: Time of one stage of Vitis HLS [s].
        bitstream_timeout_s: Time of Vivado from RTL to the bitstream [s].
        licence_wait_s: How long to wait for a licence [s].
        jobs: Processes of Vivado.
    """

    vitis: str = ""
    vivado: str = ""
    roots: tuple[str, ...] = ROOTS
    folder: str = ""
    host: str = ""
    key_file: str = ""
    known_hosts: str = ""
    timeout_s: int = 3600
    bitstream_timeout_s: int = 6 * 3600
    licence_wait_s: int = 1800
    jobs: int = 2

    def __post_init__(self) -> None:
        for name in ("vitis", "vivado", "folder"):
            value = getattr(self, name)
            if value and not value.startswith("/"):
                raise InputError(
                    f"{FILE_NAME}: vendor.{name}",
                    f"the folder is {value!r}; must be an absolute path",
                    "Write it from the root on.",
                )
        for name in ("timeout_s", "bitstream_timeout_s", "jobs"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"{FILE_NAME}: vendor.{name}",
                    f"the value is {getattr(self, name)}; must be at least 1",
                    "Correct it.",
                )

        if self.host:
            if not self.folder:
                raise InputError(
                    f"{FILE_NAME}: vendor.host",
                    "the work folder on the host is missing",
                    "Add folder: with an absolute path on it.",
                )
            if "@" not in self.host:
                raise InputError(
                    f"{FILE_NAME}: vendor.host", f"host is {self.host!r}; must name the user", "Write user@address."
                )
            parse_address(self.host, user="")

    def machine(self) -> Host:
        """Return the host that the tools are on."""
        if not self.host:
            return LocalHost()
        from aigchip.remote.ssh import SshHost  # noqa: PLC0415 - fabric takes time to import

        user, address, port = parse_address(self.host, user="")
        target = Target(
            name="vendor host",
            address=address,
            port=port,
            user=user,
            key_file=Path(self.key_file).expanduser() if self.key_file else None,
            known_hosts=Path(self.known_hosts or "~/.ssh/known_hosts").expanduser(),
            python="/usr/bin/python3",
            folder=self.folder,
        )
        return SshHost(target=target)

    @property
    def stage_limits(self) -> Limits:
        """Limits of a stage of Vitis HLS."""
        return Limits(stage_s=self.timeout_s, patience=Patience(total_s=self.licence_wait_s))

    @property
    def bitstream_limits(self) -> Limits:
        """Limits of Vivado."""
        return Limits(stage_s=self.bitstream_timeout_s, patience=Patience(total_s=self.licence_wait_s))

    def work_folder(self, name: str) -> str:
        """Return the folder on the host for one piece of work."""
        return f"{self.folder or paths.build_dir() / 'vendor'}/{name}"


def load() -> VendorSettings:
    """Read the section `vendor` of aigchip.yaml.

    Raises:
        InputError: It is malformed.
    """
    given = section("vendor", _SCHEMA)
    root = given.pop("root", None)
    return VendorSettings(**given, roots=ROOTS if root is None else (root,))
