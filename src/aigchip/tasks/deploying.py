"""`deploy` and `measure`: a design on a board, its figures into its folder and its study."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aigchip.board import Board, load
from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.core.figures import Kind
from aigchip.deploy import bundle, course, results
from aigchip.mapping import Geometry
from aigchip.remote.ssh import SshHost
from aigchip.remote.target import Target
from aigchip.tasks import board_rows, board_work, places
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext


def run(given: Arguments) -> int:
    """Send a design to a board, run and measure it.

    Raises:
        AigchipError: The design cannot be made, the board cannot be reached or does not fit, or the run fails.
    """
    context = DesignContext(given)
    board = load(context.given.text("board"))
    if not board.has_processing_system:
        from aigchip.tasks import ecp5_deploy

        return ecp5_deploy.run(context, board)
    if "port" in given.given:
        raise InputError(f"port={given.text('port')}", f"board={board.name} has no link", "Leave it out.")
    _refuse_without_host(given)
    if "host" in given.given:
        target = _target(given, board)
        _host(target).run(["true"], timeout_s=20.0)  # a wrong host is said before minutes of work
        overlay = Path(given.text("overlay")) if "overlay" in given.given else None
        place = places.hardware(context, board, target, overlay)
    else:
        place = places.simulated(context, board, _tell)
    key = board_rows.file_key(context.given, is_simulated=place.target.simulated)
    traffic = board_work.traffic(context.flow.design, board, place.overlay.closed_mhz)
    made = bundle.make(
        context.chosen.folder / f"bundle-{key}",
        design=context.chosen.name,
        board=board.name,
        part=board.part,
        overlay=place.overlay,
        network=json.loads((places.linked(context) / "network.json").read_text()),
        geometry=Geometry.of(context.flow.design),
        work=board_work.choose(
            context,
            place.target,
            traffic,
            runs=given.number("runs") if "runs" in given.given else None,
            tell=_tell,
        ),
        requested_mhz=place.overlay.closed_mhz,
        traffic=traffic,
    )
    ran = course.deploy(_host(place.target), made, tell=_tell)
    deployed = {
        "target": json.loads(place.target.to_json()),
        "kind": place.kind,
        "ran_in": place.ran_in,
        "overlay": place.overlay.made_by.to_dict(),
    }
    write_json(_deployed_file(context, key), deployed)
    _keep(context, key, ran, made.job, deployed)
    return 0


def measure(given: Arguments) -> int:
    """Run again what was deployed.

    Raises:
        InputError: Nothing was deployed to that board.
        AigchipError: As for `run`.
    """
    context = DesignContext(given)
    board = load(context.given.text("board"))
    if not board.has_processing_system:
        raise InputError(
            f"board={board.name}", "it keeps no runner to ask again", "Use ./doit deploy, which runs it anew."
        )
    _refuse_without_host(given)
    is_simulated = "host" not in given.given
    key = board_rows.file_key(context.given, is_simulated=is_simulated)
    file = _deployed_file(context, key)
    if not file.is_file():
        further = "".join(
            f" {name}={given.text(name)}" for name in ("study", "board", "toolchain", "host") if name in given.given
        )
        raise InputError(
            f"design={context.chosen.name}",
            f"it was not deployed to {'the simulated ' if is_simulated else ''}{board.name}",
            f"Run ./doit deploy design={context.chosen.name}{further}.",
            code="not-deployed",
        )
    deployed = json.loads(file.read_text(encoding="utf-8"))
    target = places.simulated_target(board, _tell) if is_simulated else _target(given, board)
    made = bundle.load(context.chosen.folder / f"bundle-{key}")
    if "runs" in given.given:
        made = replace(made, job={**made.job, "runs": given.number("runs")})
    ran = course.measure(_host(target), made, tell=_tell)
    _keep(context, key, ran, made.job, deployed)
    return 0


def _refuse_without_host(given: Arguments) -> None:
    for name in ("key", "overlay"):
        if name in given.given and "host" not in given.given:
            raise InputError(
                f"{name}={given.text(name)}",
                f"the simulated board takes no {name}",
                "Give host= as well, or leave it out.",
            )


def _target(given: Arguments, board: Board) -> Target:
    return places.hardware_target(board, given.text("host"), Path(given.text("key")) if "key" in given.given else None)


def _host(target: Target) -> SshHost:
    return SshHost(target=target, password=functools.cache(places.sudo_password))


def _deployed_file(context: DesignContext, key: str) -> Path:
    return context.chosen.folder / f"deployed-{key}.json"


def _keep(
    context: DesignContext, key: str, ran: course.Ran, job: Mapping[str, Any], deployed: Mapping[str, Any]
) -> None:
    """Write the results beside the design's report, and beside its record in the study; print them."""
    kind: Kind = deployed["kind"]
    document = results.document(
        ran.result,
        job,
        kind=kind,
        tool=f"{deployed['ran_in']}, pynq {ran.result.device.pynq}",
        overlay_by=deployed["overlay"],
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    file = context.chosen.folder / f"measured-{key}.json"
    write_json(file, document)
    if context.chosen.name.isdigit():
        write_json(context.chosen.source.with_name(f"{context.chosen.name}.measured-{key}.json"), document)
    _print(document, context.chosen.name)
    clock = document["clock_mhz"]
    if clock["asked"] < clock["requested"]:
        print(
            f"The clock reads back as {clock['read_back']:.3f} MHz after {clock['asked']:.3f} MHz were asked for: the board "
            f"cannot set {clock['requested']:.3f} MHz without exceeding {clock['closed']:.3f} MHz."
        )
    elif clock["read_back"] < 0.95 * clock["requested"]:
        print(f"The clock reads back as {clock['read_back']:.3f} MHz; {clock['requested']:.3f} MHz were asked for.")
    for line in course.said_of(ran):
        print(line)
    print(f"Every sample is in {paths.relative(file)}.")


def _print(document: Mapping[str, Any], design: str) -> None:
    covers = "network, one start" if document["network"]["covers"] == "network" else "these, one start"
    rows = []
    for name, part in (*((layer["name"], layer) for layer in document["layers"]), (covers, document["network"])):
        cycles, latency, wall = part["cycles"], part["latency_ms"], part["wall_ms"]
        rows.append(
            (
                name,
                f"{cycles['median']['value']:,}",
                f"{cycles['minimum']:,} to {cycles['maximum']:,}",
                f"{latency['median']['value']:,.4g}",
                f"{wall['median']['value']:,.4g}",
            )
        )
    print_table(
        f"design={design}: {document['kind']} ({document['tool']})",
        ("layer", "cycles", "range", "latency ms", "wall ms"),
        rows,
        right=(1, 2, 3, 4),
        caption=f"{document['runs']} runs each at {document['clock_mhz']['read_back']:.3f} MHz as read back; every byte "
        "was right. Cycles are the median. Latency: the logic's cycles over that clock. Wall time holds the software's own.",
    )
    if document["inference"] is not None:
        _print_inference(document["inference"], design, document["kind"])


def _print_inference(found: Mapping[str, Any], design: str, kind: str) -> None:
    accelerator, starts = found["accelerator"], found["starts"]
    layers = sum(len(part["layers"]) for part in found["parts"] if "layers" in part)
    rows = [
        (
            f"{layers} layers",
            "accelerator",
            f"{accelerator['cycles']['median']['value']:,}",
            f"{accelerator['latency_ms']['median']['value']:,.4g}",
            "",
            kind,
        )
    ]
    for name, told in found["host"].items():
        spent, layout = (told[entry]["median"] for entry in ("operators_ms", "layout_ms"))
        rows.append(
            (
                f"{told['count']} {name}",
                "processor",
                "",
                f"{spent['value']:,.4g}",
                f"{layout['value']:,.4g}",
                spent["kind"],
            )
        )
    print_table(
        f"design={design}: the network end to end, {starts} start{'s' if starts > 1 else ''}",
        ("what", "by", "cycles", "ms", "layout ms", "origin"),
        rows,
        right=(2, 3, 4),
        caption="Every map equals the integer reference. The processor is that of the machine on which the runner ran; layout is "
        "what it takes to bring maps out of the accelerator's order of memory and back. The medians of each row.",
    )


def _tell(line: str) -> None:
    print(f"  {line}", flush=True)
