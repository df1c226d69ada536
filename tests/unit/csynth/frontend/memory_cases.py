"""Programs that cut arrays of one to three dimensions in every way, several arrays a program, and use them in every way."""

from __future__ import annotations

from math import prod

from unit.csynth.frontend.cases import HEAD, words
from unit.csynth.frontend.native import Case

_ROUNDS = 12
# shape -> ways to cut it: each a list of (pragma, type, factor, dim)
_P, _R = "array_partition", "array_reshape"
WAYS: dict[tuple[int, ...], list[list[tuple[str, str, int, int]]]] = {
    (20,): [
        [],
        [(_P, "complete", 0, 1)],
        [(_P, "cyclic", 4, 1)],
        [(_P, "cyclic", 3, 0)],
        [(_P, "block", 4, 1)],
        [(_P, "block", 3, 1)],
        [(_R, "complete", 0, 1)],
        [(_R, "cyclic", 4, 1)],
        [(_R, "cyclic", 6, 0)],
        [(_R, "block", 4, 1)],
        [(_R, "block", 3, 1)],
    ],
    (6, 10): [
        [(_P, "complete", 0, 2)],
        [(_P, "complete", 0, 0)],
        [(_P, "cyclic", 2, 1), (_P, "block", 5, 2)],
        [(_P, "cyclic", 4, 0)],
        [(_R, "complete", 0, 1)],
        [(_R, "cyclic", 2, 2)],
        [(_R, "block", 3, 0)],
        [(_P, "cyclic", 2, 1), (_R, "cyclic", 5, 2)],
        [(_R, "complete", 0, 1), (_P, "block", 2, 2)],
    ],
    (3, 4, 6): [
        [(_P, "complete", 0, 3), (_P, "cyclic", 2, 2)],
        [(_P, "block", 2, 0)],
        [(_R, "cyclic", 3, 3), (_R, "complete", 0, 2)],
        [(_P, "complete", 0, 1), (_R, "block", 2, 2), (_P, "cyclic", 3, 3)],
        [(_R, "cyclic", 2, 0)],
    ],
}


def _array(name: str, shape: tuple[int, ...], way: list[tuple[str, str, int, int]]) -> str:
    """Declare, fill, change at run-time subscripts, change with an unrolled inner loop, and show one array."""
    last = shape[-1]
    counters = [f"i{d}" for d in range(len(shape))]
    nest = "".join(f"for (int {c} = 0; {c} < {e}; {c}++) " for c, e in zip(counters[:-1], shape[:-1], strict=True))
    at = "".join(f"[{c}]" for c in counters)
    outer = "".join(f"[{c}]" for c in counters[:-1])
    turned = "".join(f"[{e - 1} - {c}]" for c, e in zip(counters[:-1], shape[:-1], strict=True))
    chosen = "".join(f"[(r >> {3 * d}) % {e}]" for d, e in enumerate(shape))
    pragmas = "".join(
        f"#pragma HLS {kind} variable={name} type={how}{f' factor={factor}' if factor else ''} dim={dim}\n"
        for kind, how, factor, dim in way
    )
    return f"""
  ap_uint<13> {name}{"".join(f"[{e}]" for e in shape)};
{pragmas}  {nest}for (int {counters[-1]} = 0; {counters[-1]} < {last}; {counters[-1]}++) {{
#pragma HLS pipeline
    {name}{at} = in.read();
  }}
  for (int n = 0; n < {_ROUNDS}; n++) {{
#pragma HLS pipeline
    unsigned r = in.read();
    {name}{chosen} = {name}{chosen} * 3 + r;
  }}
  {nest}for (int {counters[-1]} = 0; {counters[-1]} < {last // 2}; {counters[-1]}++) {{
#pragma HLS pipeline
#pragma HLS unroll factor=2
    {name}{outer}[{last - 1} - {counters[-1]}] += {name}{at} ^ {counters[-1]};
  }}
  {nest}for (int {counters[-1]} = 0; {counters[-1]} < {last}; {counters[-1]}++) {{
#pragma HLS pipeline
    out.write({name}{turned}[{counters[-1]}]);
  }}
"""


def memory_cases() -> dict[str, Case]:
    """One case for every four ways of a shape."""
    found: dict[str, Case] = {}
    for shape, ways in WAYS.items():
        for first in range(0, len(ways), 4):
            group = ways[first : first + 4]
            top = f"cut_{len(shape)}d_{first}"
            body = "".join(_array(f"a{at}", shape, way) for at, way in enumerate(group))
            count = len(group) * (prod(shape) + _ROUNDS)
            found[top] = Case(
                source=f"{HEAD}void {top}(hls::stream<ap_uint<13> >& in, hls::stream<ap_uint<13> >& out) {{{body}}}\n",
                top=top,
                ports=(("in", "ap_uint<13>", 13, "in"), ("out", "ap_uint<13>", 13, "out")),
                streams={"in": words(first + len(shape), count, 13)},
            )
    return found


# -- storage ----------------------------------------------------------------------------------------------------------------------------

_STORED = """
void {top}(hls::stream<ap_uint<20> >& in, hls::stream<ap_uint<20> >& out, int n) {{
  {const}ap_uint<20> m[{depth}]{init};
#pragma HLS bind_storage variable=m {options}
{write}
  for (int i = 0; i < n; i++) {{
#pragma HLS pipeline
    unsigned r = in.read();
    ap_uint<20> x = m[r % {depth}], y = m[(r >> 7) % {depth}];
{change}    out.write(x + y);
  }}
}}
"""
_FILL = """  for (int i = 0; i < {depth}; i++) {{
#pragma HLS pipeline
    m[i] = in.read();
  }}"""


def storage_case(top: str, options: str, *, depth: int = 100, rom: bool = False) -> Case:
    """A memory with these options of bind_storage: two loads and, unless it is a table, a store in each iteration."""
    table = ", ".join(str((7919 * k) % (1 << 20)) for k in range(depth))
    source = _STORED.format(
        top=top,
        options=options,
        depth=depth,
        const="static const " if rom else "",
        init=f" = {{{table}}}" if rom else "",
        write="" if rom else _FILL.format(depth=depth),
        change="" if rom else f"    m[(r >> 3) % {depth}] = x ^ r;\n",
    )
    return Case(
        source=HEAD + source,
        top=top,
        ports=(("in", "ap_uint<20>", 20, "in"), ("out", "ap_uint<20>", 20, "out"), ("scalar", "int", 32, "n")),
        streams={"in": words(len(top), 24 + (0 if rom else depth), 20)},
        scalars={"n": 24},
    )


STORAGE: dict[str, Case] = {
    name: storage_case(name, options, rom=rom)
    for name, options, rom in (
        ("ram_one", "type=ram_1p impl=bram", False),
        ("ram_two", "type=ram_2p impl=lutram latency=2", False),
        ("ram_simple", "type=ram_s2p impl=bram latency=3", False),
        ("ram_true", "type=ram_t2p impl=bram", False),
        ("ram_ultra", "type=ram_t2p impl=uram latency=2", False),
        ("ram_ultra_simple", "type=ram_s2p impl=uram", False),
        ("ram_auto", "impl=auto", False),
        ("rom_one", "type=rom_1p impl=lutram", True),
        ("rom_two", "type=rom_2p impl=bram latency=2", True),
        ("rom_many", "type=rom_np", True),
    )
}
