"""Count LUTs, FFs, DSPs and RAMs of modules with yosys, each distinct module once.

A module is identified by the hash of its text, in which every instance's type is replaced by the instantiated module's own hash: two
designs that share a module share its count, and a changed child changes its parents. Known modules come from `cache_dir`; each unknown
one gets a yosys process of its own, because a count in company depends by some LUTs on which others are in the process, and with that on
what was known before. Processes that share `cache_dir` do not count one module twice: each waits for those that another has begun.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from csynth.dsp.cells import CELLS
from csynth.report.model import Resources
from csynth.resources.cells import BRAM_CELLS, BRAM_LIBRARY, bram_map, cells_verilog
from csynth.resources.yosys import locked, run, tool

_FORMAT = 6  # of the cache; raise when the flow or the counting changes
_LIBRARY = frozenset({"csynth_fifo", "csynth_maxi", *CELLS})  # counted with the parameters that their users give
_MODELS = frozenset({"DSP48E2"})  # for simulation only
_INSTANCE = re.compile(r"^  (?P<type>\\?\w+) +(?:#\((?P<parameters>.*)\) )?(?P<name>\\?\w+) +\($", re.MULTILINE)
_MODULE = re.compile(r"^module (?P<name>\\?\w+) +(?P<rest>[(#])", re.MULTILINE)
_LUTRAM_LUTS = {
    "RAM32X1S": 1, "RAM32X1D": 2, "RAM64X1S": 1, "RAM64X1D": 2, "RAM128X1S": 2, "RAM128X1D": 4, "RAM256X1S": 4, "RAM256X1D": 8,
    "RAM512X1S": 8, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "SRL16E": 1, "SRLC32E": 1, "SRLC16E": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Counts of each module without its instances, and of the whole hierarchy below the top."""

    modules: dict[str, Resources]
    total: Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    key: str
    text: str
    children: tuple[str, ...]  # keys, one for each instance


def _plain(name: str) -> str:
    return name.strip().lstrip("\\")


def _entries(verilog: Mapping[str, str]) -> dict[str, _Entry]:
    """Entries of every module of a design, by key; the modules by name are found under their names too."""
    found: dict[str, _Entry] = {}

    def resolve(name: str, parameters: str | None) -> str:
        label = f"{name} {parameters}" if parameters else name
        if label in found:
            return found[label].key
        text = verilog[name]
        for parameter, value in re.findall(r"\.(\w+)\(([^)]*)\)", parameters or ""):
            text = re.sub(rf"(parameter {parameter} = )[^,\n]+", rf"\g<1>{value}", text, count=1)
        children: list[str] = []
        own = dict(re.findall(r"parameter (\w+) = ([^,\n]+)", text))  # an instance may hand its parameters on

        def instance(match: re.Match[str]) -> str:
            child = _plain(match["type"])
            if child not in verilog or child == name:
                return match[0]
            given = re.sub(r"(?<=\()\w+(?=\))", lambda m: own.get(m[0], m[0]), match["parameters"] or "")
            key = resolve(child, given or None)
            children.append(key)
            return f"  {key} {match['name']} ("

        text = _INSTANCE.sub(instance, text)
        text = re.sub(r"[ \t]*//[^\n]*|\n(?=\n)", "", text).lstrip()  # source lines do not change hardware
        body = _MODULE.sub(lambda match: f"module @NAME@ {match['rest']}", text, count=1)
        key = "m_" + hashlib.sha256(f"{_FORMAT}\n{tool()}\n{body}".encode()).hexdigest()[:24]
        entry = _Entry(key=key, text=body.replace("@NAME@", key), children=tuple(children))
        found[label] = entry
        return key

    for name in verilog:
        if name not in _LIBRARY | _MODELS:
            resolve(name, None)
    return found


def _stub(entry: _Entry) -> str:
    """The entry's interface, for parents whose child is known already."""
    head = entry.text[entry.text.index("module ") : entry.text.index(");") + 2]
    return f"(* blackbox *)\n{head}\nendmodule\n"


_SCRIPT = """\
read_verilog -lib -specify cells.v
read_verilog design.v
read_verilog -lib stubs.v
hierarchy
synth_xilinx -family xcup -noiopad -noclkbuf -run prepare:map_memory
{memory}
synth_xilinx -family xcup -noiopad -noclkbuf -run map_ffram:map_luts
opt_expr -mux_undef -noclkinv
abc -luts 2:2,3,6:5,10,20 -script +strash;&get,-n;&fraig,-x;&put;dc2;strash;if;mfs2
clean
tee -q -o stat.json stat -json
"""
_MEMORY_SCRIPT = """\
memory_libmap -lib +/xilinx/lutrams_xcu.txt -lib +/xilinx/brams_xc4v.txt {uram_lib}{flags}
techmap -map +/xilinx/lutrams_xc5v_map.v -map brams.v{uram_map}
"""


def _script(design: str) -> str:
    """The yosys script for `design`; reading memory maps costs most, so it is left out without memories."""
    if not re.search(r"\breg [^;\n]*\w \[0:", design):
        return _SCRIPT.format(memory="")
    uram = 'ram_style = "ultra"' in design
    memory = _MEMORY_SCRIPT.format(
        flags="-D HAS_SIZE_36 -D HAS_CASCADE -D HAS_MIXWIDTH_SDP -D HAS_ADDRCE",
        uram_lib="-lib +/xilinx/urams.txt " if uram else "",
        uram_map=" -map +/xilinx/urams_map.v" if uram else "",
    )
    return _SCRIPT.format(memory=memory)


def _count(cells: Mapping[str, int]) -> Resources:
    lut = ff = dsp = bram18 = uram = 0
    for name, number in cells.items():
        if re.fullmatch(r"LUT[1-6]|INV|\$lut", name):
            lut += number
        elif name in _LUTRAM_LUTS:
            lut += number * _LUTRAM_LUTS[name]
        elif re.fullmatch(r"FD[RSCP]E(_1)?|LD[CP]E", name):
            ff += number
        elif name.startswith("DSP48"):
            dsp += number
        elif name in BRAM_CELLS:
            bram18 += number * BRAM_CELLS[name]
        elif name.startswith("URAM288"):
            uram += number
    return Resources(lut=lut, ff=ff, dsp=dsp, bram18=bram18, uram=uram, tool=tool())


def _cache_file(cache_dir: Path, key: str) -> Path:
    return cache_dir / "modules" / f"{key}.json"


def _load(cache_dir: Path, key: str) -> Resources | None:
    try:
        return Resources(**json.loads(_cache_file(cache_dir, key).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _store(cache_dir: Path, key: str, resources: Resources) -> None:
    path = _cache_file(cache_dir, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{key}", delete=False) as file:
        json.dump(asdict(resources), file)
    Path(file.name).replace(path)


def _synthesise(entry: _Entry, stubs: Iterable[_Entry], cache_dir: Path, engine_dir: Path | None) -> Resources:
    cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yosys-", dir=cache_dir) as folder:
        work = Path(folder)
        # yosys knows no distributed ROM: it makes such a table of LUTs when asked for logic
        (work / "design.v").write_text(entry.text.replace('rom_style = "distributed"', 'rom_style = "logic"'))
        (work / "stubs.v").write_text(BRAM_LIBRARY + "".join(_stub(stub) for stub in stubs))
        (work / "cells.v").write_text(cells_verilog())
        (work / "brams.v").write_text(bram_map())
        run(work, _script(entry.text), engine_dir=engine_dir)
        modules = json.loads((work / "stat.json").read_text())["modules"]
    resources = _count(modules.get(f"\\{entry.key}", {}).get("num_cells_by_type", {}))
    _store(cache_dir, entry.key, resources)
    return resources


def _counts(by_key: Mapping[str, _Entry], cache_dir: Path, engine_dir: Path | None) -> dict[str, Resources]:
    """Take known counts, count what no other process has begun, then wait for the rest (and count where the other failed)."""
    known: dict[str, Resources] = {}
    for wait in (False, True):
        for key in by_key.keys() - known.keys() if wait else by_key:
            with locked(cache_dir / "locks" / key, wait=wait) as mine:
                found = _load(cache_dir, key)
                if found is None and mine:
                    stubs = [by_key[child] for child in sorted(set(by_key[key].children))]
                    found = _synthesise(by_key[key], stubs, cache_dir, engine_dir)
                if found is not None:
                    known[key] = found
    return known


def estimate(verilog: Mapping[str, str], *, top: str, cache_dir: Path, engine_dir: Path | None = None) -> Estimate:
    """Count the modules of a design.

    Args:
        verilog: module name to Verilog.
        top: name of the module at the top.
        cache_dir: counts of known modules.
        engine_dir: where yosys's machine code is kept; default: see `csynth.resources.yosys.prepare`.

    Raises:
        ToolError: yosys is missing or fails.
    """
    entries = _entries(verilog)
    by_key = {entry.key: entry for entry in entries.values()}
    known = _counts(by_key, cache_dir, engine_dir)

    totals: dict[str, Resources] = {}

    def total(key: str) -> Resources:
        if key not in totals:
            result = known[key]
            for child in by_key[key].children:
                result += total(child)
            totals[key] = result
        return totals[key]

    return Estimate(
        modules={label: known[entry.key] for label, entry in entries.items()}, total=total(entries[top].key)
    )
