"""What the tasks of one design share within a command: the design, its record, and (only when needed) its flow."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aigchip.core import hashing, paths
from aigchip.core.errors import AigchipError, InputError
from aigchip.core.store import Step, Store
from aigchip.tasks import record, session
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.designs import ChosenDesign, as_in_study, choose
from aigchip.workload.load import load as load_network

if TYPE_CHECKING:
    from aigchip.generate.request import Generator
    from aigchip.tasks.flow import Flow
    from aigchip.workload.layers import Workload


def load_workload(given: Arguments) -> Workload:
    """Read the network that the arguments name, at the resolution that they name.

    Raises:
        WorkloadError: It is unknown, malformed, or holds an operator that the accelerator cannot take.
    """
    resolution = given.number("resolution") if "resolution" in given.given else None
    return load_network(given.text("network"), resolution)


def make_generator(given: Arguments) -> Generator:
    """Return the generator that the arguments name.

    Args:
        given: The arguments; requests to a model are counted by study, restarts included.

    Raises:
        AigchipError: Its settings are missing or wrong.
    """
    name, model = given.text("generator"), given.given.get("model")
    if name == "expert":
        from aigchip.generate.expert import ExpertGenerator

        return ExpertGenerator()
    from aigchip.tasks.prompting import prompt_writer

    if name == "recorded":
        from aigchip.generate.recorded import RecordedGenerator
        from aigchip.llm.replay import Replay, choose_model

        label = choose_model(None if model is None else str(model))
        replay = Replay(model=label)
        return RecordedGenerator(replay=replay, prompts=prompt_writer(given, replay), conversations=2)
    from aigchip.generate.llm import LlmGenerator
    from aigchip.llm import settings
    from aigchip.llm.client import Client

    limits: dict[str, Any] = {name: given.given.get(name) for name in ("max_requests", "budget_tokens", "budget_usd")}
    if limits["budget_usd"] is not None:
        limits["budget_usd"] = float(limits["budget_usd"])
    scope = str(paths.studies_dir() / given.text("study"))
    client = Client(settings=settings.load(model=model, **limits), scope=scope)
    return LlmGenerator(client=client, prompts=prompt_writer(given, client), conversations=2)


def make_in_worker(root: Path, step: Step) -> Path:
    """Make a step; called in a worker process."""
    return Store(root).make(step)


class DesignContext:
    """One design on the command line.

    Args:
        given: The arguments; for a design of a study, what is not given is as it was in the study.
    """

    def __init__(self, given: Arguments) -> None:
        self.given = as_in_study(given)
        self.chosen: ChosenDesign = choose(given)
        self.record = record.read(self.chosen.folder, self.given.text("toolchain"))

    @functools.cached_property
    def areas(self) -> dict[str, str]:
        """Return the fingerprint of everything that the design's results depend on."""
        settings = {name: self.given[name] for name in ("network", "board", "generator", "toolchain")}
        further = ("resolution", "model", "selection", "demonstrations", "prompt_format")
        settings |= {name: self.given.given.get(name, "") for name in further}
        areas = record.fingerprint(settings, self.chosen.source, self.chosen.overrides, self.given.text("board"))
        return {**areas, "vitis": _version_of_vitis()} if self.uses_vitis else areas

    @functools.cached_property
    def nothing_changed(self) -> bool:
        """Say whether the last finished build was made from exactly what is there now, and is still whole."""
        return self.record is not None and dict(self.record.areas) == self.areas and self.record.is_whole()

    def built_report(self) -> dict[str, Any]:
        """Return what the build of this design reported.

        Raises:
            InputError: It was not built from what is there now.
        """
        file = self.chosen.folder / self.report_file
        if not self.nothing_changed or not file.is_file():
            study = f" study={self.given.text('study')}" if "study" in self.given.given else ""
            raise InputError(
                f"design={self.chosen.name}",
                "the design is not built from what is there now",
                f"Run ./doit build design={self.chosen.name}{study}{' toolchain=vitis' if self.uses_vitis else ''}.",
            )
        return json.loads(file.read_text(encoding="utf-8"))

    @functools.cached_property
    def workload(self) -> Workload:
        """Return the network."""
        return load_workload(self.given)

    @functools.cached_property
    def flow(self) -> Flow:
        """Return the design's flow; this is what costs import time.

        Raises:
            AigchipError: The board or the network is wrong: better said before the first step than after the last.
        """
        from aigchip.board import load
        from aigchip.tasks.flow import Flow, clock_period_ps
        from aigchip.tasks.vendor_steps import find_vitis

        _ = self.workload
        board = load(self.given.text("board"))
        return Flow(
            store=session.store(),
            design=self.chosen.design,
            generator=make_generator(self.given),
            part=board.part,
            clock_period_ps=clock_period_ps(self.chosen.design, board),
            overrides=self.chosen.overrides,
            name=self.chosen.name,
            vitis=find_vitis() if self.uses_vitis else None,
        )

    @property
    def report_file(self) -> str:
        """The name of the report that a build writes."""
        return "report-vitis.json" if self.uses_vitis else "report.json"

    @property
    def uses_vitis(self) -> bool:
        """Whether Vitis HLS synthesises, and not csynth."""
        return self.given.text("toolchain") == "vitis"

    def is_made(self, name: str) -> bool:
        """Ask the store whether a node's result is there."""
        if self.nothing_changed:
            return True
        try:
            return self.flow.result(name) is not None
        except AigchipError:
            return False  # the task itself says what is wrong

    def make(self, name: str) -> None:
        """Make a node's result in a worker process.

        Raises:
            AigchipError: It cannot be made.
        """
        step = self.flow.nodes[name].step()
        if step is None:
            raise AigchipError(name, "what it needs is not made", f"Run ./doit build design={self.chosen.name}.")
        session.workers().run(make_in_worker, session.store().root, step)

    def keep_record(self) -> None:
        """Write down what the finished build was made from."""
        steps: dict[str, dict[str, Any]] = {}
        for name, node in self.flow.nodes.items():
            step = node.step()
            assert step is not None  # noqa: S101 - the build is finished
            inputs = step.inputs()
            steps[name] = {
                "kind": step.kind,
                "key": hashing.digest({"kind": step.kind, "inputs": inputs}),
                "inputs": inputs,
            }
        record.write(self.chosen.folder, record.Record(areas=self.areas, steps=steps), self.given.text("toolchain"))


def _version_of_vitis() -> str:
    """Return a hash of what of Vitis HLS determines results; empty, unlike any record's, where it is not there."""
    from aigchip.tasks.vendor_steps import find_vitis

    try:
        return hashing.digest(find_vitis().inputs())
    except AigchipError:
        return ""


@functools.cache
def design_context(words: tuple[tuple[str, str], ...]) -> DesignContext:
    """Return the context for these arguments; one for all tasks of a command."""
    from aigchip.tasks.arguments import parse

    return DesignContext(parse(f"{name}={value}" for name, value in words))
