"""Loops of every shape in C++: each with its stimuli, the intervals it reaches and, where trip counts are known, its cycles."""

from __future__ import annotations

from dataclasses import dataclass, field

from unit.csynth.frontend.cases import HEAD, words
from unit.csynth.frontend.native import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A case, and the interval of each of its pipelined loops by name."""

    case: Case
    loops: dict[str, int]
    most_cycles: int | None = None  # of one call at full rate
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


SHAPES: dict[str, Shape] = {}
_BYTES = (("in", "ap_uint<8>", 8, "in"), ("out", "ap_uint<32>", 32, "out"))
_HEADER = "void f(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<32> >& out"


def _shape(
    name: str,
    body: str,
    loops: dict[str, int],
    *,
    scalars: dict[str, int] | None = None,
    count: int = 256,
    most_cycles: int | None = None,
    data: list[int] | None = None,
    notes: dict[str, tuple[str, ...]] | None = None,
) -> None:
    scalars = scalars or {}
    arguments = "".join(f", ap_uint<8> {scalar}" for scalar in scalars)
    SHAPES[name] = Shape(
        case=Case(
            source=f"{HEAD}{_HEADER}{arguments}) {{\n{body}\n}}\n",
            top="f",
            ports=(*_BYTES, *(("scalar", "ap_uint<8>", 8, scalar) for scalar in scalars)),
            streams={"in": data if data is not None else words(sum(map(ord, name)), count, 8)},
            scalars=scalars,
        ),
        loops=loops,
        most_cycles=most_cycles,
        notes=notes or {},
    )


_shape(
    "perfect_16x16",
    """  ap_uint<8> a[16][16];
  LOAD: for (int i = 0; i < 16; i++)
    COL: for (int j = 0; j < 16; j++) {
#pragma HLS pipeline II=1
      a[j][i] = in.read();
    }
  SEND: for (int i = 0; i < 16; i++)
    WORD: for (int j = 0; j < 16; j++) {
#pragma HLS pipeline II=1
      out.write(a[i][j]);
    }""",
    {"SEND_WORD": 1, "LOAD_COL": 1},
    most_cycles=2 * 256 + 20,
)
_shape(
    "not_flattened",
    """  OUTER: for (int i = 0; i < 16; i++)
    INNER: for (int j = 0; j < 16; j++) {
#pragma HLS pipeline II=1
#pragma HLS loop_flatten off
      out.write(in.read());
    }""",
    {"INNER": 1},
    notes={"INNER": ("not flattened into OUTER: loop_flatten off",)},
)
_shape(
    "three_deep",
    """  A: for (int i = 0; i < 4; i++)
    B: for (int j = 0; j < 8; j++)
      C: for (int k = 0; k < 8; k++) {
#pragma HLS pipeline II=1
        out.write(in.read() + i * 100 + j * 10 + k);
      }""",
    {"A_B_C": 1},
    most_cycles=256 + 16,
)
_shape(
    "imperfect",
    """  ROWS: for (int i = 0; i < 16; i++) {
    ap_uint<8> scale = in.read();
    ap_uint<32> sum = 0;
    SUM: for (int j = 0; j < 15; j++) {
#pragma HLS pipeline II=1
#pragma HLS loop_flatten
      sum += j == 3 ? ap_uint<32>(scale) : ap_uint<32>(j * i + scale);
    }
    out.write(sum);
  }""",
    {"ROWS_SUM": 1},
    count=16,
    most_cycles=240 + 20,
)
_shape(
    "imperfect_unasked",
    """  ROWS: for (int i = 0; i < 16; i++) {
    ap_uint<32> sum = 0;
    SUM: for (int j = 0; j < 15; j++) {
#pragma HLS pipeline II=1
      sum += in.read();
    }
    out.write(sum);
  }""",
    {"SUM": 1},
    count=240,
    notes={
        "SUM": (
            "not flattened into ROWS: ROWS reads or writes outside of SUM. #pragma HLS loop_flatten in it merges them all the same",
        )
    },
)
_shape(
    "imperfect_shares_a_port",
    """  ROWS: for (int i = 0; i < 16; i++) {
    ap_uint<8> scale = in.read();
    SUM: for (int j = 0; j < 15; j++) {
#pragma HLS pipeline II=1
      out.write(in.read() * scale);
    }
  }""",
    {"SUM": 1},
    notes={
        "SUM": (
            "not flattened into ROWS: ROWS reads or writes outside of SUM. #pragma HLS loop_flatten in it merges them all the same",
        )
    },
)
_shape(
    "unknown_trips",
    """  ap_uint<8> a[16][16];
  LOAD: for (int i = 0; i < 16; i++)
    for (int j = 0; j < 16; j++) {
#pragma HLS pipeline II=1
      a[i][j] = in.read();
    }
  ROWS: for (int i = 0; i < m; i++) {
    ap_uint<32> s = i;
    SUM: for (int j = 0; j < n; j++) {
#pragma HLS pipeline II=1
#pragma HLS loop_flatten
      s += a[i][j];
    }
    out.write(s);
  }""",
    {"ROWS_SUM": 1, "LOAD_loop_7": 1},
    scalars={"m": 11, "n": 13},
)
SHAPES["no_trips"] = Shape(
    case=Case(
        source=SHAPES["unknown_trips"].case.source,
        top="f",
        ports=SHAPES["unknown_trips"].case.ports,
        streams=SHAPES["unknown_trips"].case.streams,
        scalars={"m": 5, "n": 0},
    ),
    loops=SHAPES["unknown_trips"].loops,
)
_shape(
    "triangular",
    """  ROWS: for (int i = 0; i < 16; i++) {
    PART: for (int j = 0; j <= i; j++) {
#pragma HLS pipeline II=1
      out.write(in.read() + 1000 * i + j);
    }
  }""",
    {"ROWS_PART": 1},
    count=136,
)
_shape(
    "triangular_from",
    """  ap_uint<16> a[256];
  ROWS: for (int i = 0; i < 16; i++) {
    PART: for (int j = i; j < 16; j++) {
#pragma HLS pipeline II=1
      a[i * 16 + j] = in.read() + 3 * i;
    }
  }
  SEND: for (int i = 0; i < 256; i++) {
#pragma HLS pipeline II=1
    ap_uint<16> row = i >> 4, column = i & 15;
    out.write(column >= row ? a[i] : ap_uint<16>(7));
  }""",
    {"SEND": 1, "ROWS_PART": 1},
    count=136,
)
_shape(
    "break_out",
    """  ap_uint<16> sum = 0;
  SCAN: for (int i = 0; i < 200; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> x = in.read();
    if (x == 0) break;
    sum += x;
    if (x == 200) { out.write(77); break; }
    out.write(x);
  }
  out.write(sum);
  for (int i = 0; i < 3; i++) {
#pragma HLS pipeline II=1
    out.write(in.read());
  }""",
    {"loop_15": 1, "SCAN": 1},
    data=[5, 6, 7, 1, 9, 200, 3, 4, 5, 6],
)
_shape(
    "break_after_work",
    """  ap_uint<16> t[32];
  for (int i = 0; i < 32; i++) t[i] = i;
  SCAN: while (true) {
#pragma HLS pipeline II=1
    ap_uint<8> x = in.read();
    ap_uint<5> at = x;
    t[at] = x + 100;
    if (x > 250) break;
    if (x == 77) continue;
    out.write(x);
  }
  SEND: for (int i = 0; i < 32; i++) {
#pragma HLS pipeline II=1
    out.write(t[i]);
  }""",
    {"SEND": 1, "SCAN": 1},
    data=[1, 77, 3, 40, 77, 9, 255],
)
_shape(
    "early_exit_of_a_nest",
    """  bool found = false;
  ROWS: for (int i = 0; i < 8 && !found; i++) {
    PART: for (int j = 0; j < 16; j++) {
#pragma HLS pipeline II=1
      ap_uint<8> x = in.read();
      if (x == 255) { found = true; break; }
      out.write(x * 2 + i);
    }
  }
  out.write(found);""",
    {"ROWS_PART": 1},
    data=[*range(40), 255, *range(20)],
)
_shape(
    "several_loops",
    """  TILES: for (int t = 0; t < n; t++) {
    ap_uint<8> a[16];
    FILL: for (int i = 0; i < 16; i++) {
#pragma HLS pipeline II=1
      a[i] = in.read();
    }
    SEND: for (int i = 0; i < 16; i++) {
#pragma HLS pipeline II=1
      out.write(a[15 - i] + t);
    }
  }""",
    {"FILL": 1, "SEND": 1},
    scalars={"n": 3},
    count=48,
    notes={
        "FILL": ("not flattened into TILES: TILES holds 2 loops",),
        "SEND": ("not flattened into TILES: TILES holds 2 loops",),
    },
)
_shape(
    "carried_value",
    """  ap_uint<16> sum = 5;
  ROWS: for (int i = 0; i < 6; i++)
    PART: for (int j = 0; j < 7; j++) {
#pragma HLS pipeline II=1
      sum = (j == 3 ? ap_uint<16>(9) : sum) + in.read();
      out.write(sum);
    }
  out.write(sum);""",
    {"ROWS_PART": 1},
    count=42,
)
_shape(
    "carried_value_and_its_start",
    """  ap_uint<16> sum = 5;
  ROWS: for (int i = 0; i < 6; i++) {
    ap_uint<16> start = sum;
    PART: for (int j = 0; j < 7; j++) {
#pragma HLS pipeline II=1
      sum += in.read();
      out.write(sum - start);
    }
  }""",
    {"ROWS_PART": 1},
    count=42,
)
_shape(
    "carried_array",
    """  ap_uint<32> a[32];
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 4; j++) {
#pragma HLS pipeline II=1
      a[i * 4 + j] = i + j;
    }
  TIME: for (int k = 0; k < 8; k++)
    ROW: for (int i = 0; i < 32; i++) {
#pragma HLS pipeline II=1
      a[i] += in.read();
    }
  SEND: for (int i = 0; i < 32; i++) {
#pragma HLS pipeline II=1
    out.write(a[i]);
  }""",
    {"SEND": 1, "TIME_ROW": 1, "loop_6_loop_7": 1},
)
_shape(
    "product_of_matrices",
    """  ap_uint<8> a[8][8], b[8][8];
  ap_uint<32> c[8][8];
  LOAD: for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) {
#pragma HLS pipeline II=2
      a[i][j] = in.read();
      b[i][j] = in.read();
      c[i][j] = 0;
    }
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++)
      DOT: for (int k = 0; k < 8; k++) {
#pragma HLS pipeline II=1
        c[i][j] += a[i][k] * b[k][j];
      }
  SEND: for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) {
#pragma HLS pipeline II=1
      out.write(c[i][j]);
    }""",
    {"SEND_loop_21": 1, "loop_14_loop_15_DOT": 1, "LOAD_loop_8": 2},
    count=128,
    most_cycles=128 + 512 + 64 + 40,
)
_shape(
    "predicated",
    """  ap_uint<16> kept[4] = {0, 0, 0, 0};
  FILTER: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> x = 0;
    if (i % 3 != 1) x = in.read();
    if (x > 99) kept[x & 3] += x;
    if (x > 20) out.write(x);
    else if (x == 0) out.write(9999);
  }
  for (int i = 0; i < 4; i++) out.write(kept[i]);""",
    {"FILTER": 2},
    count=43,
)
_shape(
    "interval_3",
    """  STEP: for (int i = 0; i < 40; i++) {
#pragma HLS pipeline
    ap_uint<8> x = in.read(), y = in.read();
    out.write(x + y);
    if (x > y) out.write(x - y);
    out.write(x ^ in.read());
  }""",
    {"STEP": 3},
    count=120,
)
_shape(
    "while_with_a_late_exit",
    """  ap_uint<8> next[64];
  for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    next[i] = in.read();
  }
  ap_uint<8> at = 0;
  WALK: while (at < 60) {
#pragma HLS pipeline II=1
    out.write(at);
    at = next[at];
  }
  out.write(at);""",
    {"WALK": 2, "loop_6": 1},
    data=[3, 0, 0, 9, *([0] * 5), 20, *([0] * 10), 33, *([0] * 12), 61, *([0] * 30)],
)
