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

from csynth.dsp.library import CELLS, MODELS
from csynth.report.model import Resources
from csynth.resources.flows import FLOWS, Flow
from csynth.resources.yosys import locked, run

_FORMAT = 6  # of the cache; raise when the flow or the counting changes
_LIBRARY = frozenset({"csynth_fifo", "csynth_maxi", *CELLS})  # counted with the parameters that their users give
_INSTANCE = re.compile(
    r"^ *(?!module\b)(?P<type>\\?\w+) +(?:#\((?P<parameters>.*)\) )?(?P<name>\\?\w+) +\($", re.MULTILINE
)
_MODULE = re.compile(r"^module (?P<name>\\?\w+) +(?P<rest>[(#])", re.MULTILINE)


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


def _entries(verilog: Mapping[str, str], tool: str) -> dict[str, _Entry]:
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
        key = "m_" + hashlib.sha256(f"{_FORMAT}\n{tool}\n{body}".encode()).hexdigest()[:24]
        entry = _Entry(key=key, text=body.replace("@NAME@", key), children=tuple(children))
        found[label] = entry
        return key

    for name in verilog:
        if name not in _LIBRARY | MODELS.keys():
            resolve(name, None)
    return found


def _stub(entry: _Entry) -> str:
    """The entry's interface, for parents whose child is known already."""
    head = entry.text[entry.text.index("module ") : entry.text.index(");") + 2]
    return f"(* blackbox *)\n{head}\nendmodule\n"


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


def _synthesise(
    entry: _Entry, stubs: Iterable[_Entry], flow: Flow, cache_dir: Path, engine_dir: Path | None
) -> Resources:
    cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yosys-", dir=cache_dir) as folder:
        work = Path(folder)
        # yosys knows no distributed ROM: it makes such a table of LUTs when asked for logic
        (work / "design.v").write_text(entry.text.replace('rom_style = "distributed"', 'rom_style = "logic"'))
        (work / "stubs.v").write_text(flow.stubs + "".join(_stub(stub) for stub in stubs))
        for name, text in flow.files().items():
            (work / name).write_text(text)
        run(work, flow.script(entry.text, entry.key), engine_dir=engine_dir)
        modules = json.loads((work / "stat.json").read_text())["modules"]
    resources = flow.resources(modules.get(f"\\{entry.key}", {}).get("num_cells_by_type", {}))
    _store(cache_dir, entry.key, resources)
    return resources


def _counts(by_key: Mapping[str, _Entry], flow: Flow, cache_dir: Path, engine_dir: Path | None) -> dict[str, Resources]:
    """Take known counts, count what no other process has begun, then wait for the rest (and count where the other failed)."""
    known: dict[str, Resources] = {}
    for wait in (False, True):
        for key in by_key.keys() - known.keys() if wait else by_key:
            with locked(cache_dir / "locks" / key, wait=wait) as mine:
                found = _load(cache_dir, key)
                if found is None and mine:
                    stubs = [by_key[child] for child in sorted(set(by_key[key].children))]
                    found = _synthesise(by_key[key], stubs, flow, cache_dir, engine_dir)
                if found is not None:
                    known[key] = found
    return known


def estimate(
    verilog: Mapping[str, str],
    *,
    top: str,
    cache_dir: Path,
    engine_dir: Path | None = None,
    family: str = "UltraScale+",
) -> Estimate:
    """Count the modules of a design.

    Args:
        verilog: module name to Verilog.
        top: name of the module at the top.
        cache_dir: counts of known modules.
        engine_dir: where yosys's machine code is kept; default: see `csynth.resources.yosys.prepare`.
        family: one of `csynth.resources.flows.FLOWS`.

    Raises:
        ToolError: yosys is missing or fails.
    """
    flow = FLOWS[family]
    entries = _entries(verilog, flow.tool)
    by_key = {entry.key: entry for entry in entries.values()}
    known = _counts(by_key, flow, cache_dir, engine_dir)

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
