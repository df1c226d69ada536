"""`deploy` for boards without a processing system: the bitstream into the board, layers over its link; or both on the simulated board."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aigchip.board import Board
from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure, Kind
from aigchip.deploy import over_uart, programming
from aigchip.mapping import Geometry
from aigchip.remote.ssh import SshHost
from aigchip.remote.target import Target, parse_address
from aigchip.tasks import ecp5_bitstream, places
from aigchip.tasks.context import DesignContext
from aigchip.tasks.steps import cosim_runs
from aigchip.uart.session import Patience, Session

#: Waits on a port of another machine, whose answers come over the network.
_OVER_SSH = Patience(answer_s=1.0, attempts=10)
_SIMULATED = Patience(answer_s=0.01)


def run(context: DesignContext, board: Board) -> int:
    """Take a design to a board without a processing system and run its layers there.

    Without host= and port= the board's logic runs in Verilator behind its UART, and figures are simulated. With host= the bitstream goes to
    the board at that machine; with port= its layers run over that serial port of the machine.

    Raises:
        InputError: An argument is given that such a board does not take.
        AigchipError: The design cannot be made, the board cannot be programmed or does not answer, or a byte is wrong.
    """
    for name in ("overlay", "runs"):
        if name in context.given.given:
            raise InputError(
                f"{name}={context.given.text(name)}", f"board={board.name} takes no {name}", "Leave it out."
            )
    if "host" not in context.given.given and "port" not in context.given.given:
        return _simulate(context, board)
    host = _host(context, board) if "host" in context.given.given else None
    if host is not None:
        host.run(["true"], timeout_s=20.0)  # a wrong host is said before minutes of work
    made = ecp5_bitstream.make(context, board)
    bit = ecp5_bitstream.keep(context, board, made)
    if host is not None:
        programming.program(host, board, bit, folder=host.target.folder, tell=_tell)
        print(f"{board.name} at {host.name} is programmed with {paths.relative(bit)}.")
    if "port" not in context.given.given:
        print("Give port= as well, the serial port of the board there, to run layers on it.")
        return 0
    with _session(host, board, context.given.text("port")) as session:
        if session.board.identity != made.identity:
            raise InputError(
                f"port={context.given.text('port')}",
                f"the board holds the design {session.board.identity:08x}, not {made.identity:08x} of {context.chosen.name}",
                "Give host= as well, which programs it.",
            )
        _run(context, session, kind="measured", tool=f"{board.name} over UART", clock_hz=session.board.clock_hz)
    return 0


def _simulate(context: DesignContext, board: Board) -> int:
    from aigchip.toolchain import verilator_library
    from aigchip.toolchain.ecp5 import simulated, system
    from aigchip.toolchain.ecp5.pll import at_most

    link = board.link
    assert link is not None  # noqa: S101 - asked before
    folder = places.linked(context)
    pll = at_most(1e12 / context.flow.clock_period_ps, link.clock_hz)
    made = system.render(
        board,
        json.loads((folder / "network.json").read_text()),
        {path.name: path.read_text() for path in sorted((folder / "rtl").glob("*.v"))},
        design=context.chosen.name,
        pll=pll,
        identity=0,
    )
    _tell("building the board's logic as a model (a minute when it is new)")
    library = simulated.build(made.verilog, cache=paths.cache_dir() / "simulated-uart")
    with contextlib.closing(simulated.SimulatedPort(library)) as port:
        session = Session(port, _SIMULATED)
        _run(context, session, kind="simulated", tool=verilator_library.tool(), clock_hz=round(pll.output_hz))
    return 0


def _run(context: DesignContext, session: Session, *, kind: Kind, tool: str, clock_hz: int) -> None:
    design = context.flow.design
    found = over_uart.run_layers(
        session,
        json.loads((places.linked(context) / "network.json").read_text()),
        Geometry.of(design),
        [run.run for run in cosim_runs(design)],
        where=f"design={context.chosen.name}",
        tell=_tell,
    )
    rows = []
    for layer in found:
        cycles = Figure(value=layer.cycles, unit="cycles", kind=kind, tool=tool)
        rows.append({"name": layer.name, "cycles": cycles.to_dict(), "us": 1e6 * layer.cycles / clock_hz})
    print_table(
        f"design={context.chosen.name}: {kind} ({tool})",
        ("layer", "cycles", "us"),
        [(row["name"], f"{row['cycles']['value']:,}", f"{row['us']:,.1f}") for row in rows],
        right=(1, 2),
        caption=f"Every byte was right. Cycles of the accelerator alone, as its shell counts them, at {clock_hz / 1e6:g} MHz; the "
        f"link is not in them. Requests repeated: {session.repeated}.",
    )
    file = context.chosen.folder / f"{kind}-{context.given.text('board')}.json"
    write_json(file, {"at": datetime.now(UTC).isoformat(timespec="seconds"), "clock_hz": clock_hz, "layers": rows})
    print(f"The figures are in {paths.relative(file)}.")


def _host(context: DesignContext, board: Board) -> SshHost:
    import getpass

    user, address, port = parse_address(context.given.text("host"), user=getpass.getuser())
    target = Target(
        name=board.name,
        address=address,
        port=port,
        user=user,
        key_file=Path(context.given.text("key")) if "key" in context.given.given else None,
        known_hosts=Path.home() / ".ssh" / "known_hosts",
        python="/usr/bin/python3",
        folder=f"/home/{user}/aigchip" if user != "root" else "/root/aigchip",
    )
    return SshHost(target=target, password=functools.cache(places.sudo_password))


@contextlib.contextmanager
def _session(host: SshHost | None, board: Board, device: str) -> Iterator[Session]:
    """Open the link over a serial port, of this machine or of the host."""
    link = board.link
    assert link is not None  # noqa: S101 - asked before
    if host is None:
        from aigchip.uart.serial_port import SerialPort

        with contextlib.closing(SerialPort(device, link.baud)) as port:
            yield Session(port)
        return
    with (
        host.connected() as connected,
        contextlib.closing(programming.RemoteSerialPort(connected, device, link.baud)) as port,
    ):
        yield Session(port, _OVER_SSH)


def _tell(line: str) -> None:
    print(f"  {line}", flush=True)
