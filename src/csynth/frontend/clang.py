"""The confined C++ compiler: clang's `-cc1` from the zig wheel, closed off from the machine it runs on.

Source code that reaches this module may come from a language model, so nothing in it may reach a file, an environment
variable or more than its share of time and memory:

- an overlay file system without fallthrough holds the source, the files of the include folders and a few of clang's own
  freestanding headers, all under invented names; `#include`, `#embed`, `__has_include` and `#import` see nothing else;
- inline assembly is refused (`.incbin` reads files behind the overlay's back);
- constexpr steps, template and bracket depth, CPU time, wall time, address space and output size are bounded;
- the process gets an empty environment and its own process group, and `-cc1` starts no further process and writes no
  crash report;
- diagnostics are parsed, cut to known file names and carry no source text, so no foreign line and
  no path of the machine leaves.
"""

from __future__ import annotations

import errno
import functools
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SOURCE_ROOT = "/source"
INCLUDE_ROOT = "/include"
BUILTIN_ROOT = "/builtin"

X86_64 = ("-triple", "x86_64-unknown-linux-gnu")
WASM32 = (
    *("-triple", "wasm32-unknown-wasi", "-target-feature", "+bulk-memory", "-target-feature", "+sign-ext"),
    *("-mrelocation-model", "static", "-fexperimental-max-bitint-width=4096"),
)
PREPROCESS = ("-E",)
LLVM_IR = ("-emit-llvm",)
OBJECT = ("-emit-obj",)
CHECK = ("-fsyntax-only",)

_FREESTANDING_HEADERS = (
    *("stddef.h", "stdint.h", "stdbool.h", "limits.h", "float.h", "stdarg.h", "iso646.h", "stdalign.h"),
    *("__stddef_*.h", "__stdarg_*.h", "__float_*.h"),
)
_HEADER_SUFFIXES = frozenset({".h", ".hpp", ".hh", ".inc", ".def", ""})
_DIAGNOSTIC = re.compile(
    r"^(?:(?P<file>[^:\n]+):(?P<line>\d+):(?:(?P<column>\d+):)? )?"
    r"(?P<severity>fatal error|error|warning|note|remark): (?P<text>.*)$"
)
_OPTION = re.compile(r" \[(-W[^\]\s]*)\]$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PATH = re.compile(r"(?<![\w./<])(?:/|(?:\.{1,2}/)+)(?:[\w.+@~-]+/)+[\w.+@~-]*")
_MESSAGE_CHARACTERS = 500
_SHELL_FAILURES = frozenset({126, 127})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one compilation may use."""

    cpu_seconds: int = 20
    wall_seconds: float = 40.0
    memory_bytes: int = 3 << 30
    output_bytes: int = 64 << 20
    source_bytes: int = 8 << 20
    constexpr_steps: int = 500_000
    template_depth: int = 512
    bracket_depth: int = 256
    errors: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One scrubbed message of the compiler.

    Attributes:
        severity: "error", "warning" or "note" (a fatal error is an "error").
        file: the name given for the source, or a header's name inside its include folder; "" when clang gave no place.
        line: 1-based; 0 = unknown.
        column: 1-based; 0 = unknown.
        message: clang's sentence; one line, no source text, no path.
        code: the warning group such as "-Wunused-variable", or "".
    """

    severity: str
    file: str
    line: int
    column: int
    message: str
    code: str = ""

    def __str__(self) -> str:
        """Give the message in the compiler's own form."""
        place = f"{self.file}:{self.line}:{self.column}: " if self.file and self.line else ""
        return f"{place}{self.severity}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClangResult:
    """What one compilation gave.

    Attributes:
        status: "ok"; "errors" (the source is wrong: see diagnostics); "timeout", "memory", "output" or "source" (a
            limit was exceeded); "crash" (the compiler itself gave up).
        output: the object, IR text or preprocessed text; empty unless status is "ok".
        diagnostics: in clang's order; with a status other than "ok" the first error says what happened.
        seconds: wall time.
    """

    status: str
    output: bytes
    diagnostics: tuple[Diagnostic, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Say whether there is an output."""
        return self.status == "ok"

    @property
    def text(self) -> str:
        """Give the output as text."""
        return self.output.decode("utf-8", errors="replace")

    @property
    def first_error(self) -> Diagnostic | None:
        """Give the message that matters most."""
        return next((d for d in self.diagnostics if d.severity == "error"), None)


_MISSING = "clang: the wheel 'ziglang' is missing; must be installed. Run ./doit doctor, or pip install ziglang."


class ClangMissingError(RuntimeError):
    """The ziglang wheel, which holds clang, is not installed."""


@functools.cache
def zig_folder() -> Path:
    """Find the folder of the ziglang wheel, which holds `zig` and clang's headers.

    Raises:
        ClangMissingError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("ziglang")
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    if folder is None or not (folder / "zig").is_file():
        raise ClangMissingError(_MISSING)
    return folder


@functools.cache
def clang_version() -> str:
    """Give the compiler's version, such as "22.1.8"; part of the key of every result."""
    out = subprocess.run(
        [str(zig_folder() / "zig"), "clang", "--version"], capture_output=True, text=True, check=True, env={}
    )
    found = re.search(r"version (\S+)", out.stdout)
    return found.group(1) if found else "unknown"


@functools.cache
def _builtin_headers() -> tuple[tuple[str, str], ...]:
    folder = zig_folder() / "lib" / "include"
    found = {p.name: str(p) for pattern in _FREESTANDING_HEADERS for p in sorted(folder.glob(pattern))}
    return tuple((f"{BUILTIN_ROOT}/{name}", path) for name, path in found.items())


def _include_files(include_dirs: Sequence[Path], headers: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Map virtual names to real files: headers given as text first, then each include folder's files in order."""
    files: dict[str, str] = {}
    for number, (name, text) in enumerate(headers.items()):
        real = scratch / f"header{number}"
        real.write_text(text)
        files[f"{INCLUDE_ROOT}/text/{name}"] = str(real)
    for number, folder in enumerate(include_dirs):
        root = Path(folder).resolve()
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix in _HEADER_SUFFIXES and path.resolve().is_relative_to(root):
                files[f"{INCLUDE_ROOT}/{number}/{path.relative_to(root).as_posix()}"] = str(path)
    return files


def _command(
    source: str, overlay: Path, output: Path, *, args: Sequence[str], include_dirs: int, limits: Limits
) -> list[str]:
    includes = [f"{INCLUDE_ROOT}/text", *(f"{INCLUDE_ROOT}/{n}" for n in range(include_dirs)), BUILTIN_ROOT]
    return [
        *(str(zig_folder() / "zig"), "clang", "-cc1"),
        *args,
        *("-ivfsoverlay", str(overlay), "-nostdsysteminc", "-nobuiltininc"),
        *(part for folder in includes for part in ("-isystem", folder)),
        *("-ffreestanding", "-fgnuc-version=4.2.1", "-fno-threadsafe-statics"),
        *("-fdebug-compilation-dir=/source", "-source-date-epoch", "0"),
        *("-fno-gnu-inline-asm", "-fno-caret-diagnostics", "-fno-spell-checking", "-Wno-unknown-pragmas"),
        f"-fconstexpr-steps={limits.constexpr_steps}",
        f"-ftemplate-depth={limits.template_depth}",
        *("-fbracket-depth", str(limits.bracket_depth), "-ferror-limit", str(limits.errors)),
        *("-o", str(output), "-x", "c++", source),
    ]


def _bounded(command: list[str], limits: Limits) -> list[str]:
    """Set the limits in a shell that then becomes the compiler: safe in threads, where a preexec function is not."""
    script = 'ulimit -c 0; ulimit -v "$1"; ulimit -t "$2"; ulimit -f "$3"; shift 3; exec "$@"'
    figures = (limits.memory_bytes >> 10, limits.cpu_seconds, (limits.output_bytes >> 9) + 1)
    return ["/bin/sh", "-c", script, "sh", *map(str, figures), *command]


_SCARCE_BYTES = 64 << 20
"""So little must be left before a message about a full disk is believed: a source can write such a message itself."""


def _run(command: list[str], scratch: Path, limits: Limits) -> tuple[int | None, str]:
    """Run to the end or to the wall-clock limit; the whole process group ends either way.

    Returns:
        The return code, None after a timeout, and the messages.

    Raises:
        ClangMissingError: there was nothing to start.
        OSError: the disk is full; no fault of the source.
    """
    log = scratch / "messages"
    environment = {"LC_ALL": "C", "TMPDIR": str(scratch), "HOME": str(scratch)}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            _bounded(command, limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sink,
            env=environment,
            cwd=scratch,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    with log.open("rb") as kept:
        text = kept.read(1 << 20).decode("utf-8", errors="replace")
    if code in _SHELL_FAILURES:
        raise ClangMissingError(_MISSING)
    if code and os.strerror(errno.ENOSPC) in text and shutil.disk_usage(scratch).free < _SCARCE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(scratch))
    return code, text


def _scrub(text: str) -> str:
    """Make one line without control characters and without absolute paths, of bounded length."""
    text = text.replace(f"{SOURCE_ROOT}/", "").replace(f"{BUILTIN_ROOT}/", "")
    text = re.sub(rf"{INCLUDE_ROOT}/(?:\d+|text)/", "", text)
    text = _PATH.sub(lambda m: f"<path>/{PurePosixPath(m.group(0)).name}", _CONTROL.sub(" ", text))
    return text if len(text) <= _MESSAGE_CHARACTERS else text[:_MESSAGE_CHARACTERS] + "..."


def _file_name(presumed: str | None, name: str, known: frozenset[str]) -> str:
    """Map a presumed file name, which `#line` lets the source invent, to the source or a known header."""
    if presumed is None:
        return ""
    short = presumed.removeprefix(f"{BUILTIN_ROOT}/")
    short = re.sub(rf"^{INCLUDE_ROOT}/(?:\d+|text)/", "", short)
    return short if presumed != short and short in known else name


def parse_diagnostics(text: str, name: str, headers: frozenset[str] = frozenset()) -> tuple[Diagnostic, ...]:
    """Read clang's messages and drop everything else (crash dumps, totals, source lines).

    Args:
        text: what clang wrote.
        name: the source's name for people.
        headers: names of the headers that may be named.
    """
    found = []
    for line in text.splitlines():
        match = _DIAGNOSTIC.match(line)
        if match is None:
            continue
        severity = match["severity"].removeprefix("fatal ")
        message, code = match["text"], ""
        if option := _OPTION.search(message):
            message, code = message[: option.start()], option.group(1)
        found.append(
            Diagnostic(
                severity="note" if severity == "remark" else severity,
                file=_file_name(match["file"], name, headers),
                line=int(match["line"] or 0),
                column=int(match["column"] or 0),
                message=_scrub(message),
                code=code,
            )
        )
    return tuple(found)


def _limit_status(code: int | None, text: str) -> str:
    """Classify an end that no diagnostic of the source explains."""
    died = -code if code is not None and code < 0 else (code or 0) - 128
    if code is None or died in {signal.SIGXCPU, signal.SIGKILL}:
        return "timeout"
    if died == signal.SIGXFSZ or "File too large" in text:
        return "output"
    if "out of memory" in text.lower() or "bad_alloc" in text or "allocation failed" in text.lower():
        return "memory"
    return "crash"


_LIMIT_MESSAGES = {
    "timeout": "the compiler ran out of time; look for unbounded constexpr loops, template recursion or unrolling",
    "memory": "the compiler ran out of memory; look for huge arrays with initialisers, template recursion or unrolling",
    "output": "the compiler's output is too large; look for huge initialised arrays",
    "crash": "the compiler gave up on this source; look for very deep nesting or unusual pragmas",
}


def run_clang(
    source_text: str,
    name: str,
    args: Sequence[str],
    include_dirs: Sequence[Path] = (),
    limits: Limits | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> ClangResult:
    """Compile one untrusted source.

    Args:
        source_text: the C++ source, or preprocessed text.
        name: what messages call it, such as "mac.cpp"; no path is opened by this name.
        args: options of `clang -cc1` (not of the driver): a target (`X86_64`, `WASM32`), an action (`PREPROCESS`,
            `LLVM_IR`, `OBJECT`) and for example "-std=c++14", "-O2", "-disable-llvm-passes",
            "-frewrite-includes", "-DNAME=1".
        include_dirs: trusted folders whose headers the source may include, in search order.
        limits: bounds; the default suits the template's modules.
        headers: further headers given as text, name to content; found before those of the folders.

    Returns:
        The result; a wrong or hostile source never raises.

    Raises:
        ClangMissingError: the ziglang wheel is not installed.
        OSError: the disk is full.
    """
    limits = limits or Limits()
    started = time.monotonic()

    def refused(status: str, message: str, diagnostics: tuple[Diagnostic, ...] = ()) -> ClangResult:
        own = Diagnostic(severity="error", file=name, line=0, column=0, message=message, code="limit")
        return ClangResult(
            status=status, output=b"", diagnostics=(own, *diagnostics), seconds=time.monotonic() - started
        )

    encoded = source_text.encode("utf-8", errors="surrogatepass")
    if len(encoded) > limits.source_bytes:
        return refused("source", f"the source has {len(encoded)} bytes; must be at most {limits.source_bytes}")
    scratch = Path(tempfile.mkdtemp(prefix="clang-"))
    try:
        virtual = f"{SOURCE_ROOT}/{PurePosixPath(name).name or 'source.cpp'}"
        real, output, overlay = scratch / "source", scratch / "output", scratch / "overlay"
        real.write_bytes(encoded)
        output.touch()  # a check of the source alone writes none
        files = {virtual: str(real), **_include_files(include_dirs, headers or {}, scratch), **dict(_builtin_headers())}
        roots = [{"type": "file", "name": key, "external-contents": path} for key, path in files.items()]
        rules = {"version": 0, "fallthrough": False, "use-external-names": False, "case-sensitive": True}
        overlay.write_text(json.dumps({**rules, "roots": roots}))
        known = frozenset(re.sub(rf"^({INCLUDE_ROOT}/[^/]+|{BUILTIN_ROOT})/", "", key) for key in files)
        code, text = _run(
            _command(virtual, overlay, output, args=args, include_dirs=len(include_dirs), limits=limits),
            scratch,
            limits,
        )
        diagnostics = parse_diagnostics(text, name, known)
        if code == 0:
            if output.stat().st_size > limits.output_bytes:
                return refused("output", _LIMIT_MESSAGES["output"], diagnostics)
            return ClangResult(
                status="ok",
                output=output.read_bytes(),
                diagnostics=diagnostics,
                seconds=time.monotonic() - started,
            )
        if code == 1 and any(d.severity == "error" for d in diagnostics):
            return ClangResult(status="errors", output=b"", diagnostics=diagnostics, seconds=time.monotonic() - started)
        status = _limit_status(code, text)
        return refused(status, _LIMIT_MESSAGES[status], diagnostics)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def link_wasm(objects: Sequence[bytes], *, options: Sequence[str] = (), limits: Limits | None = None) -> ClangResult:
    """Link objects that `run_clang` made for `WASM32` into one module that imports nothing.

    Args:
        objects: the first definition of a weak symbol wins, so trusted objects come first.
        options: further options of `wasm-ld`, such as "-zstack-size=65536".
        limits: bounds.

    Returns:
        The module; with status "errors" the diagnostics name symbols that are missing or defined twice.

    Raises:
        ClangMissingError: the ziglang wheel is not installed.
        OSError: the disk is full.
    """
    limits = limits or Limits()
    started = time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix="link-"))
    try:
        names = [f"{number}.o" for number in range(len(objects))]
        for name, data in zip(names, objects, strict=True):
            (scratch / name).write_bytes(data)
        command = [
            str(zig_folder() / "zig"),
            "wasm-ld",
            "--no-entry",
            "--no-demangle",
            *options,
            "-o",
            "output",
            *names,
        ]
        code, text = _run(command, scratch, limits)
        output = scratch / "output"
        good = code == 0 and output.is_file() and output.stat().st_size <= limits.output_bytes
        messages = [_scrub(line.partition("error: ")[2]) for line in text.splitlines() if "error: " in line]
        diagnostics = tuple(
            Diagnostic(severity="error", file="", line=0, column=0, message=message, code="link")
            for message in messages
        )
        status = "ok" if good else "errors" if diagnostics and code == 1 else _limit_status(code, text)
        return ClangResult(
            status=status,
            output=output.read_bytes() if good else b"",
            diagnostics=diagnostics,
            seconds=time.monotonic() - started,
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
