"""Small pieces of Verilog text: names, literals, widths, and the writer of one module."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_KEYWORDS = frozenset(
    [
        "always",
        "and",
        "assign",
        "automatic",
        "begin",
        "buf",
        "bufif0",
        "bufif1",
        "case",
        "casex",
        "casez",
        "cell",
        "cmos",
        "config",
        "deassign",
        "default",
        "defparam",
        "design",
        "disable",
        "edge",
        "else",
        "end",
        "endcase",
        "endconfig",
        "endfunction",
        "endgenerate",
        "endmodule",
        "endprimitive",
        "endspecify",
        "endtable",
        "endtask",
        "event",
        "for",
        "force",
        "forever",
        "fork",
        "function",
        "generate",
        "genvar",
        "highz0",
        "highz1",
        "if",
        "ifnone",
        "incdir",
        "include",
        "initial",
        "inout",
        "input",
        "instance",
        "integer",
        "join",
        "large",
        "liblist",
        "library",
        "localparam",
        "macromodule",
        "medium",
        "module",
        "nand",
        "negedge",
        "nmos",
        "nor",
        "noshowcancelled",
        "not",
        "notif0",
        "notif1",
        "or",
        "output",
        "parameter",
        "pmos",
        "posedge",
        "primitive",
        "pull0",
        "pull1",
        "pulldown",
        "pullup",
        "pulsestyle_onevent",
        "pulsestyle_ondetect",
        "rcmos",
        "real",
        "realtime",
        "reg",
        "release",
        "repeat",
        "rnmos",
        "rpmos",
        "rtran",
        "rtranif0",
        "rtranif1",
        "scalared",
        "showcancelled",
        "signed",
        "small",
        "specify",
        "specparam",
        "strong0",
        "strong1",
        "supply0",
        "supply1",
        "table",
        "task",
        "time",
        "tran",
        "tranif0",
        "tranif1",
        "tri",
        "tri0",
        "tri1",
        "triand",
        "trior",
        "trireg",
        "unsigned",
        "use",
        "uwire",
        "vectored",
        "wait",
        "wand",
        "weak0",
        "weak1",
        "while",
        "wire",
        "wor",
        "xnor",
        "xor",
        "bit",
        "logic",
        "byte",
        "int",
        "do",
        "final",
        "global",
        "inside",
        "new",
        "null",
        "packed",
        "priority",
        "property",
        "pure",
        "ref",
        "return",
        "sequence",
        "string",
        "struct",
        "super",
        "this",
        "type",
        "union",
        "unique",
        "var",
        "void",
        "with",
        "within",
        "break",
        "char",
        "class",
        "const",
        "continue",
        "enum",
        "export",
        "extern",
        "import",
        "interface",
        "local",
        "modport",
        "package",
        "program",
        "protected",
        "static",
        "virtual",
        "accept_on",
        "alias",
        "always_comb",
        "always_ff",
        "always_latch",
        "assert",
        "assume",
        "before",
        "bind",
        "bins",
        "binsof",
        "chandle",
        "checker",
        "clocking",
        "constraint",
        "context",
        "cover",
        "covergroup",
        "coverpoint",
        "cross",
        "dist",
        "endchecker",
        "endclass",
        "endclocking",
        "endgroup",
        "endinterface",
        "endpackage",
        "endprogram",
        "endproperty",
        "endsequence",
        "eventually",
        "expect",
        "extends",
        "first_match",
        "foreach",
        "forkjoin",
        "iff",
        "ignore_bins",
        "illegal_bins",
        "implements",
        "implies",
        "interconnect",
        "intersect",
        "let",
        "matches",
        "nettype",
        "nexttime",
        "rand",
        "randc",
        "randcase",
        "randsequence",
        "ref",
        "reject_on",
        "restrict",
        "s_always",
        "s_eventually",
        "s_nexttime",
        "s_until",
        "s_until_with",
        "shortint",
        "shortreal",
        "longint",
        "soft",
        "solve",
        "strong",
        "sync_accept_on",
        "sync_reject_on",
        "tagged",
        "throughout",
        "timeprecision",
        "timeunit",
        "unique0",
        "until",
        "until_with",
        "untyped",
        "wait_order",
        "weak",
        "wildcard",
    ]
)


def range_of(width_bits: int) -> str:
    """`[w-1:0] `, or nothing for one bit."""
    return f"[{width_bits - 1}:0] " if width_bits > 1 else ""


def literal(value: int, width_bits: int) -> str:
    """A sized literal, decimal when short."""
    value %= 1 << width_bits
    return f"{width_bits}'d{value}" if value < 1 << 16 else f"{width_bits}'h{value:x}"


def is_name(text: str) -> bool:
    """Whether `text` is a plain identifier, so that bits of it can be selected."""
    return re.fullmatch(r"[A-Za-z_]\w*", text) is not None


def address_bits(depth: int) -> int:
    """Bits of an index into `depth` words."""
    return max(1, (depth - 1).bit_length())


def identifier(name: str) -> str:
    """`name` as an identifier that a Verilog and a SystemVerilog reader take alike: keywords are escaped."""
    return f"\\{name} " if name in _KEYWORDS else name


@dataclass(slots=True)
class Names:
    """Unique identifiers of one module, derived from the names in the source."""

    taken: set[str] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)

    def reserve(self, name: str) -> str:
        """Take exactly `name`."""
        self.taken.add(name)
        return name

    def get(self, key: str, wish: str | None = None) -> str:
        """The identifier of `key`, made from `wish` on first use."""
        if key in self.known:
            return self.known[key]
        base = re.sub(r"\W+", "_", wish if wish is not None else key).strip("_") or "v"
        if base[0].isdigit():
            base = f"v{base}"
        name, number = base, 1
        while name in self.taken or name in _KEYWORDS:
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        self.known[key] = name
        return name


@dataclass(slots=True)
class ModuleText:
    """The parts of one module, in the order in which they are printed."""

    name: str
    header: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)
    assigns: list[str] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    clocked: list[str] = field(default_factory=list)
    control: list[str] = field(default_factory=list)
    memories: list[str] = field(default_factory=list)

    def wire(self, name: str, width_bits: int, expression: str, comment: str = "", attribute: str = "") -> str:
        """Declare wire `name` and drive it."""
        self.declarations.append(f"{attribute}wire {range_of(width_bits)}{name};")
        self.assigns.append(f"assign {name} = {expression};{comment}")
        return name

    def register(self, name: str, width_bits: int, attribute: str = "") -> str:
        """Declare register `name`."""
        self.declarations.append(f"{attribute}reg {range_of(width_bits)}{name};")
        return name

    def render(self) -> str:
        """The whole module."""
        lines = [f"// {line}" for line in self.header]
        lines += [
            f"module {identifier(self.name)} (",
            *(f"  {port}," for port in self.ports[:-1]),
            f"  {self.ports[-1]}",
            ");",
        ]
        for part in (self.parameters, self.declarations, self.assigns, self.instances):
            if part:
                lines += ["", *(f"  {line}" for line in part)]
        if self.clocked or self.control:
            lines += ["", "  always @(posedge ap_clk) begin"]
            lines += [f"    {line}" for line in (*self.clocked, *self.control)]
            lines += ["  end"]
        if self.memories:
            lines += ["", *(f"  {line}" for line in self.memories)]
        return "\n".join([*lines, "endmodule", ""])
