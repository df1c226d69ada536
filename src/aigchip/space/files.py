"""Read and write a design as YAML (and so JSON)."""

from pathlib import Path

from aigchip.core.atomic import write_text
from aigchip.core.config import load_yaml
from aigchip.space.constraints import canonical, check
from aigchip.space.design import FIELD_NAMES, Design, DesignError
from aigchip.space.families import FAMILIES


def load(path: Path, *, shown_as: str | None = None) -> Design:
    """Read one design from a YAML file and check that it can be built.

    Args:
        path: file whose top level maps the fields of `Design` to values.
        shown_as: how errors name the file; the path itself by default.

    Returns:
        The design in canonical form.

    Raises:
        DesignError: the file cannot be read, is malformed, or describes a design that cannot be built.
    """
    where = shown_as or str(path)
    if not path.exists():
        raise DesignError(where, "the file does not exist", "Write it, or name another design.")
    return from_data(load_yaml(path, where=where, error=DesignError), where=where)


def from_data(data: object, *, where: str) -> Design:
    """Turn parsed YAML into a canonical design that can be built; see `load`."""
    if not isinstance(data, dict):
        kind = "empty" if data is None else f"a {type(data).__name__}"
        raise DesignError(where, f"the content is {kind}; must be a mapping", f"Start with {FIELD_NAMES[0]}: 4.")
    design = Design.from_dict(data, where=where)
    for rejection in check(design):
        raise DesignError(where, rejection.explanation, rejection.remedy)
    return canonical(design)


def save(design: Design, path: Path) -> None:
    """Write a design as commented YAML, by family."""
    lines: list[str] = []
    for family in FAMILIES:
        lines.append(f"# {family.doc}")
        lines.extend(f"{gene.name}: {getattr(design, gene.name)}" for gene in family.genes)
    write_text(path, "\n".join(lines) + "\n")
