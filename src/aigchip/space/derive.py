"""Local parameters: what each module of the template has to know of a design, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aigchip.space.families import HEIGHT, WIDTH
from aigchip.space.spans import Span, array_step, level_span

if TYPE_CHECKING:
    from aigchip.space.design import Design

#: Bursts that a load or store module has under way at once; a memory port has to accept as many requests unanswered.
OUTSTANDING_BURSTS = 8

Parameters = Mapping[str, int | str]

#: Every instance of the template's modules, in the order in which data pass them (a topological order of the graph).
INSTANCES: tuple[str, ...] = (
    "ctrl",
    "load_a",
    "load_b",
    "arbiter_a",
    "arbiter_b",
    "buffer_a",
    "buffer_b",
    "interconnect",
    "mac",
    "pe_lane",
    "pe_array",
    "buffer_c",
    "post",
    "store_c",
)

_MODULE_OF_INSTANCE = {"arbiter_a": "arbiter", "arbiter_b": "arbiter"}


def module_of(instance: str) -> str:
    """Return the module (folder of the template) that `instance` is made from."""
    return _MODULE_OF_INSTANCE.get(instance, instance)


def local_parameters(design: Design) -> dict[str, dict[str, int | str]]:
    """Return the local parameters of every instance.

    Args:
        design: a design that `aigchip.space.constraints.check` accepts.

    Returns:
        For each of `INSTANCES` the values of exactly the parameters that its `template/<module>/module.yaml` declares.
        Two designs in which an instance has equal parameters share that module.
    """
    step = array_step(design)
    mac, lane_grid, array_grid = (level_span(design, level) for level in ("mac", "lane", "array"))
    lane = mac * lane_grid
    a_along, b_along, c_along = HEIGHT, WIDTH, WIDTH  # the dimension that lies along a memory word
    a_fill = design.buffer_a_factor if design.buffer_a_dimension == a_along else 1
    b_fill = design.buffer_b_factor if design.buffer_b_dimension == b_along else 1
    c_drain = design.buffer_c_factor if design.buffer_c_dimension == c_along else 1
    return {
        "ctrl": {
            "reuse": design.reuse,
            "group": design.group,
            "tile_m": design.tile_m,
            "tile_n": design.tile_n,
            "tile_k": design.tile_k,
            "step_m": step.m,
            "step_n": step.n,
            "step_k": step.k,
        },
        "load_a": {"outstanding_bursts": OUTSTANDING_BURSTS},
        "load_b": {"outstanding_bursts": OUTSTANDING_BURSTS},
        "arbiter_a": {"operand": "a", "bank_word_bytes": a_fill},
        "arbiter_b": {"operand": "b", "bank_word_bytes": b_fill},
        "buffer_a": {
            "tile_m": design.tile_m,
            "tile_k": design.tile_k,
            "dimension": design.buffer_a_dimension,
            "factor": design.buffer_a_factor,
            "step_m": step.m,
            "step_k": step.k,
        },
        "buffer_b": {
            "tile_k": design.tile_k,
            "tile_n": design.tile_n,
            "dimension": design.buffer_b_dimension,
            "factor": design.buffer_b_factor,
            "step_k": step.k,
            "step_n": step.n,
        },
        "interconnect": {
            **_grid("array", array_grid),
            **_grid("lane", lane),
            "a_order": "columns" if design.buffer_a_dimension == HEIGHT else "rows",
            "a_piece": min(design.buffer_a_factor, step.m if design.buffer_a_dimension == HEIGHT else step.k),
            "b_order": "rows" if design.buffer_b_dimension == WIDTH else "columns",
            "b_piece": min(design.buffer_b_factor, step.n if design.buffer_b_dimension == WIDTH else step.k),
        },
        "mac": {
            "mac_width": design.mac_width,
            "noc_a_mac": design.noc_a_mac,
            "noc_b_mac": design.noc_b_mac,
        },
        "pe_lane": {
            "lane_macs": design.lane_macs,
            "noc_a_lane": design.noc_a_lane,
            "noc_b_lane": design.noc_b_lane,
            **_grid("mac", mac),
        },
        "pe_array": {
            "array_lanes": design.array_lanes,
            "noc_a_array": design.noc_a_array,
            "noc_b_array": design.noc_b_array,
            **_grid("lane", lane),
        },
        "buffer_c": {
            "group": design.group,
            "tile_m": design.tile_m,
            "tile_n": design.tile_n,
            "dimension": design.buffer_c_dimension,
            "factor": design.buffer_c_factor,
            "step_m": step.m,
            "step_n": step.n,
        },
        "post": {"tile_m": design.tile_m, "results": c_drain},
        "store_c": {"word_results": c_drain, "outstanding_bursts": OUTSTANDING_BURSTS},
    }


def _grid(prefix: str, span: Span) -> dict[str, int | str]:
    return {f"{prefix}_m": span.m, f"{prefix}_n": span.n, f"{prefix}_k": span.k}
