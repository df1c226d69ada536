"""Tables of the pragmas and of the codes of what is refused, made from what decides; in Markdown."""

from __future__ import annotations

from csynth.frontend.foreign_pragmas import PASSED_OVER, REFUSED
from csynth.frontend.pragmas import KINDS, VALUES
from csynth.refusals import REFUSALS


def pragmas() -> str:
    """Return a table of every pragma that csynth knows, obeyed, passed over or refused."""
    rows = {kind: f"obeyed | {_options(kind)}" for kind in KINDS}
    rows |= {kind: f"no effect, noted | {reason}" for kind, reason in PASSED_OVER.items()}
    rows |= {kind: f"refused | {refusal.reason}. {refusal.remedy}" for kind, refusal in REFUSED.items()}
    rows["reset"] += " (`off`: no effect, noted)"
    return _table("| pragma | here | options, or why |", [f"| `{kind}` | {rows[kind]} |" for kind in sorted(rows)])


def _options(kind: str) -> str:
    texts = []
    flags = {
        value
        for (owner, option), values in VALUES.items()
        if owner == kind and option in KINDS[kind]
        for value in values
    }
    for option in sorted(KINDS[kind] - flags):
        values = VALUES.get((kind, option))
        texts.append(f"`{option}`" + (f" ({', '.join(sorted(values))})" if values else ""))
    return ", ".join(texts)


def refusals() -> str:
    """Return a table of the codes."""
    rows = [f"| `{code}` | {known.about} | {', '.join(known.vitis)} |" for code, known in REFUSALS.items()]
    return _table("| code | about | the same fault in Vitis HLS |", rows)


def _table(head: str, rows: list[str]) -> str:
    rule = "|".join("---" for _ in head.strip("|").split("|"))
    return "\n".join([head, f"|{rule}|", *rows]) + "\n"
