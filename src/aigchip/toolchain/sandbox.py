"""Runs untrusted WebAssembly: no imports, hence no files, clock or network; time, memory and output are bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

import wasmtime

Outcome = Literal["ok", "trap", "abort", "timeout", "memory", "output", "invalid"]

_WASM_BYTES = 16 << 20
_MESSAGE_BYTES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may use.

    Attributes:
        fuel: WebAssembly instructions, about 3e8 a second; decides alike on every machine.
        seconds: wall time of one call, for instructions that take long; a backstop.
        memory_bytes: linear memory.
        output_bytes: what may be read back.
    """

    fuel: int = 3_000_000_000
    seconds: float = 20.0
    memory_bytes: int = 256 << 20
    output_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How one call ended.

    Attributes:
        outcome: "ok"; "abort" (the code itself gave up, see message); "trap" (a fault of the machine); "timeout";
            "memory"; "output" (more than may be read back); "invalid" (not a module of our harness).
        output: what the run gave back; empty unless ok.
        message: text of an abort or name of a trap; printable, one line.
        fuel: instructions used.
        seconds: wall time.
    """

    outcome: Outcome
    output: bytes = b""
    message: str = ""
    fuel: int = 0
    seconds: float = 0.0


@cache
def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    config.wasm_threads = False
    config.wasm_memory64 = False
    config.cranelift_opt_level = "speed"
    return wasmtime.Engine(config)


_running = threading.Lock()


@contextmanager
def _deadline(store: wasmtime.Store, seconds: float) -> Iterator[None]:
    """Interrupt the run after a time. One run at a time: the epoch belongs to the whole engine."""
    with _running:
        store.set_epoch_deadline(1)
        timer = threading.Timer(seconds, _engine().increment_epoch)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _printable(raw: bytes) -> str:
    text = raw.split(b"\0", 1)[0].decode("utf-8", errors="replace")
    return "".join(character if character.isprintable() else " " for character in text)


class Program:
    """A compiled module; every instance of it starts from the same state."""

    def __init__(self, wasm: bytes) -> None:
        """Compile a module.

        Raises:
            ValueError: it is not a module of our harness: invalid, too large, or with imports.
        """
        if len(wasm) > _WASM_BYTES:
            msg = f"simulation: the program has {len(wasm)} bytes; must be at most {_WASM_BYTES}"
            raise ValueError(msg)
        try:
            self._module = wasmtime.Module(_engine(), wasm)
        except wasmtime.WasmtimeError as error:
            msg = f"simulation: the program is not valid WebAssembly ({str(error).splitlines()[0]})"
            raise ValueError(msg) from error
        if self._module.imports:
            names = ", ".join(f"{one.module}.{one.name}" for one in self._module.imports)
            msg = f"simulation: the program imports {names}; must import nothing"
            raise ValueError(msg)

    def start(self, limits: RunLimits | None = None) -> Instance | RunResult:
        """Make a fresh instance, or say why there is none."""
        limits = limits or RunLimits()
        store = wasmtime.Store(_engine())
        store.set_limits(memory_size=limits.memory_bytes)
        store.set_fuel(limits.fuel)
        try:
            with _deadline(store, limits.seconds):
                return Instance(store, wasmtime.Instance(store, self._module, []), limits)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            text = str(error)
            return RunResult(outcome="memory" if "memory" in text else "invalid", message=text.splitlines()[0])


class Instance:
    """A running module with its memory; calls follow one another in the same state until one does not end well."""

    def __init__(self, store: wasmtime.Store, instance: wasmtime.Instance, limits: RunLimits) -> None:
        self._store, self._limits = store, limits
        self._exports = instance.exports(store)

    def call(self, data: bytes) -> RunResult:
        """Hand over the input, run once, and read the output.

        Args:
            data: the harness's input record.
        """
        started = time.monotonic()
        self._store.set_fuel(self._limits.fuel)
        outcome: Outcome = "ok"
        message, output = "", b""
        try:
            with _deadline(self._store, self._limits.seconds):
                self._write(self._invoke("aigchip_csim_input", len(data)), data)
                self._invoke("aigchip_csim_run")
                count = self._invoke("aigchip_csim_output_count") & 0xFFFFFFFF
                if count > self._limits.output_bytes:
                    outcome, message = "output", f"{count} bytes"
                else:
                    output = self._read(self._invoke("aigchip_csim_output"), count)
        except wasmtime.Trap as trap:
            outcome, message = self._classify(trap)
        except (wasmtime.WasmtimeError, LookupError) as error:
            outcome, message = "invalid", str(error).splitlines()[0] if str(error) else type(error).__name__
        used = self._limits.fuel - self._store.get_fuel()
        return RunResult(outcome=outcome, output=output, message=message, fuel=used, seconds=time.monotonic() - started)

    def set(self, name: str, value: int) -> None:
        """Call an exported function of one argument before the first run.

        Raises:
            LookupError: the program exports no such function.
        """
        with _deadline(self._store, self._limits.seconds):
            self._invoke(name, value)

    def _invoke(self, name: str, *args: int) -> int:
        function = self._exports[name]
        if not isinstance(function, wasmtime.Func):
            raise LookupError(name)
        return function(self._store, *args)

    def _memory(self) -> wasmtime.Memory:
        memory = self._exports["memory"]
        if not isinstance(memory, wasmtime.Memory):
            raise LookupError("memory")
        return memory

    def _write(self, address: int, data: bytes) -> None:
        address &= 0xFFFFFFFF
        if address + len(data) > self._memory().data_len(self._store):
            raise LookupError("input buffer")
        self._memory().write(self._store, data, address)

    def _read(self, address: int, count: int) -> bytes:
        address &= 0xFFFFFFFF
        if address + count > self._memory().data_len(self._store):
            raise LookupError("output buffer")
        return bytes(self._memory().read(self._store, address, address + count))

    def _classify(self, trap: wasmtime.Trap) -> tuple[Outcome, str]:
        code = trap.trap_code
        if code in {wasmtime.TrapCode.OUT_OF_FUEL, wasmtime.TrapCode.INTERRUPT} or "fuel" in trap.message:
            return "timeout", ""
        said = ""
        if code == wasmtime.TrapCode.UNREACHABLE:
            try:
                self._store.set_fuel(1_000_000)
                address = self._invoke("aigchip_csim_message") & 0xFFFFFFFF
                end = min(address + _MESSAGE_BYTES, self._memory().data_len(self._store))
                said = _printable(self._read(address, max(0, end - address)))
            except (wasmtime.WasmtimeError, wasmtime.Trap, LookupError):
                said = ""
        if said.startswith("out of memory"):
            return "memory", said
        return ("abort", said) if said else ("trap", code.name.lower().replace("_", " ") if code else "fault")
