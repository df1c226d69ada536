"""The runner by itself, with small hand-written programs: WebAssembly text, no compiler."""

from __future__ import annotations

import pytest
import wasmtime

from aigchip.toolchain.sandbox import Instance, Program, RunLimits, RunResult

LIMITS = RunLimits(fuel=1_000_000, seconds=5.0, memory_bytes=1 << 20, output_bytes=100)


def program(run: str, *, memory: str = '(memory (export "memory") 1)', count: int = 4, message: str = "") -> Program:
    text = f"""(module {memory}
      (data (i32.const 64) "{message}\\00")
      (func (export "aigchip_csim_input") (param i32) (result i32) (i32.const 1024))
      (func $run (export "aigchip_csim_run") {run})
      (func (export "aigchip_csim_output") (result i32) (i32.const 1024))
      (func (export "aigchip_csim_output_count") (result i32) (i32.const {count}))
      (func (export "aigchip_csim_message") (result i32) (i32.const 64)))"""
    return Program(wasmtime.wat2wasm(text))


def call(of: Program, data: bytes = b"abcd", limits: RunLimits = LIMITS) -> RunResult:
    instance = of.start(limits)
    assert isinstance(instance, Instance)
    return instance.call(data)


def test_input_and_output_pass_through_memory():
    result = call(program("(i32.store8 (i32.const 1024) (i32.const 90))"))
    assert (result.outcome, result.output) == ("ok", b"Zbcd")
    assert result.fuel > 0


def test_a_program_with_imports_is_refused():
    wasm = wasmtime.wat2wasm('(module (import "wasi_snapshot_preview1" "path_open" (func)))')
    text = r"^simulation: the program imports wasi_snapshot_preview1.path_open; must import nothing$"
    with pytest.raises(ValueError, match=text):
        Program(wasm)


def test_what_is_no_program_is_refused():
    with pytest.raises(ValueError, match=r"^simulation: the program is not valid WebAssembly"):
        Program(b"\0asm\1\0\0\0garbage")


def test_a_program_that_is_too_large_is_refused():
    text = r"^simulation: the program has 20000000 bytes; must be at most 16777216$"
    with pytest.raises(ValueError, match=text):
        Program(bytes(20_000_000))


@pytest.mark.parametrize(
    ("run", "outcome", "message"),
    [
        ("(loop $l (br $l))", "timeout", ""),
        ("(call $run)", "trap", "stack overflow"),
        ("(drop (i32.load (i32.const -4)))", "trap", "memory out of bounds"),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", "trap", "integer division by zero"),
        ("unreachable", "trap", "unreachable"),
    ],
)
def test_every_end_has_its_outcome(run: str, outcome: str, message: str):
    result = call(program(run))
    assert (result.outcome, result.message) == (outcome, message)
    assert result.output == b""


def test_slow_instructions_meet_the_wall_clock():
    fill = "(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l))"
    limits = RunLimits(fuel=10**15, seconds=0.3, memory_bytes=1 << 20)
    result = call(program(fill), limits=limits)
    assert result.outcome == "timeout"
    assert result.seconds < 3


def test_an_abort_gives_its_message_in_one_printable_line():
    result = call(program("unreachable", message="stream \\1b[31m is\\0aempty"))
    assert (result.outcome, result.message) == ("abort", "stream  [31m is empty")


def test_an_abort_for_want_of_memory_is_of_its_own_class():
    assert call(program("unreachable", message="out of memory")).outcome == "memory"


def test_more_memory_than_allowed_is_refused_at_the_start():
    found = program("", memory='(memory (export "memory") 100)').start(LIMITS)
    assert isinstance(found, RunResult)
    assert found.outcome == "memory"


def test_memory_does_not_grow_beyond_the_limit():
    run = "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then (i32.store (i32.const 1024) (i32.const 7))))"
    assert call(program(run)).output == b"\7\0\0\0"


def test_an_output_that_is_too_large_or_elsewhere_is_refused():
    assert call(program("", count=101)).outcome == "output"
    limits = RunLimits(fuel=1_000_000, memory_bytes=1 << 20, output_bytes=1 << 30)
    assert call(program("", count=70_000), limits=limits).outcome == "invalid"
    assert call(program("", count=-1), limits=limits).outcome == "output"


def test_a_program_without_the_harness_is_invalid():
    assert call(Program(wasmtime.wat2wasm('(module (memory (export "memory") 1))'))).outcome == "invalid"


def test_a_fresh_instance_starts_anew():
    run = "(i32.store (i32.const 1028) (i32.add (i32.load (i32.const 1028)) (i32.const 1)))"
    counted = program(run, count=8)
    instance = counted.start(LIMITS)
    assert isinstance(instance, Instance)
    assert [instance.call(b"").output[4] for _ in range(2)] == [1, 2]
    assert call(counted, b"").output[4] == 1
