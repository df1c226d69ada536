"""The flow of one design as a graph of nodes; doit's tasks, `why` and the search all walk this one graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aigchip.board import Board
from aigchip.core.hashing import digest_files
from aigchip.core.store import Step, Store
from aigchip.generate.ask import module_request
from aigchip.generate.produce import ModuleStep, read_code
from aigchip.generate.request import Generator
from aigchip.space import Design
from aigchip.space.derive import INSTANCES, local_parameters
from aigchip.tasks import bench_steps, steps, vendor_steps
from aigchip.tasks.judge import StepValidator
from aigchip.template import module as template
from csynth.part import family_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One piece of a design's flow.

    Attributes:
        name: `stage` or `stage:instance`, the name of its task.
        needs: Names of the nodes whose results it reads.
        step: Gives the step, or None while a result that it reads is missing.
    """

    name: str
    needs: tuple[str, ...]
    step: Callable[[], Step | None]

    @property
    def stage(self) -> str:
        """The part before the colon."""
        return self.name.partition(":")[0]


def clock_period_ps(design: Design, board: Board) -> int:
    """Return the period that synthesis aims at: the design's, or the board's where that is slower [ps]."""
    return max(design.clock_period_ps, board.clock.default_period_ps)


class Flow:
    """Everything that has to be made for one design.

    Args:
        store: Where results are.
        design: The genome.
        generator: Who writes the modules.
        part: The device.
        clock_period_ps: The clock [ps].
        overrides: Instance to the instruction that replaces the template's.
        name: The design's name, under which a module that fails is left for a person; empty leaves none.
        vitis: The Vitis HLS that synthesises instead of csynth; its RTL of single modules is judged by it alone, the whole
            accelerator is co-simulated.
    """

    def __init__(
        self,
        *,
        store: Store,
        design: Design,
        generator: Generator,
        part: str,
        clock_period_ps: int,
        overrides: Mapping[str, str] | None = None,
        name: str = "",
        vitis: vendor_steps.Vitis | None = None,
    ) -> None:
        self.store = store
        self.vitis = vitis
        self.design = design
        self.generator = generator
        self.part = part
        self.clock_period_ps = clock_period_ps
        self.overrides = dict(overrides or {})
        self.name = name
        self.parameters = local_parameters(design)
        judge = StepValidator(store=store.root, part=part, clock_period_ps=clock_period_ps, vitis=vitis)
        self.validator = judge if generator.attempts > 1 else None
        self.nodes: dict[str, Node] = {}
        self._found: dict[str, Path] = {}
        for instance in INSTANCES:
            callees = self.callees(instance)
            code = (f"modules:{instance}", *(f"modules:{callee}" for callee in callees))
            audit = f"audit:{instance}"
            needs = () if self.validator is None else (*code[1:], audit)
            self._add(audit, (), functools.partial(self._audit, instance))
            self._add(f"modules:{instance}", needs, functools.partial(self._write, instance))
            self._add(f"csim:{instance}", (*code, audit), functools.partial(self._csim, instance))
            self._add(f"csynth:{instance}", (*code, f"csim:{instance}"), functools.partial(self._csynth, instance))
            if vitis is None:
                self._add(
                    f"rtlsim:{instance}", (f"csynth:{instance}", audit), functools.partial(self._rtlsim, instance)
                )
        self._add("link", tuple(f"csynth:{instance}" for instance in self.processes), self._link)
        self._add("resources", ("link",), self._resources)
        self._add("cosim", ("link",), self._cosim)

    def _add(self, name: str, needs: tuple[str, ...], step: Callable[[], Step | None]) -> None:
        self.nodes[name] = Node(name=name, needs=needs, step=step)

    @functools.cached_property
    def processes(self) -> tuple[str, ...]:
        """The instances that are modules of the assembled top; the others are called inside one of them."""
        called = {callee for instance in INSTANCES for callee in self.callees(instance)}
        return tuple(instance for instance in INSTANCES if instance not in called)

    @functools.cache  # noqa: B019 - a flow lives as long as its command
    def module(self, instance: str) -> template.Module:
        """Return the template's module of an instance."""
        return template.load(instance)

    @functools.cache  # noqa: B019 - the same
    def callees(self, instance: str) -> tuple[str, ...]:
        """Return the instances whose functions this one calls, directly or not, callees first."""
        found: list[str] = []
        for callee in self.module(instance).spec.calls:
            found.extend(name for name in (*self.callees(callee), callee) if name not in found)
        return tuple(found)

    def function(self, instance: str) -> str:
        """Return the C++ function of an instance."""
        return self.module(instance).function(self.parameters[instance])

    def result(self, name: str) -> Path | None:
        """Return the folder of a node's result, or None where it is not made."""
        if name not in self._found:
            step = self.nodes[name].step()
            if step is None or not self.store.has(step):
                return None
            self._found[name] = self.store.path(step)
        return self._found[name]

    def code(self, instance: str) -> str | None:
        """Return an instance's C++, or None where it is not written."""
        folder = self.result(f"modules:{instance}")
        return None if folder is None else read_code(folder)

    def _code_with_callees(self, instance: str) -> tuple[str, dict[str, str]] | None:
        code = self.code(instance)
        callees = {self.function(callee): self.code(callee) for callee in self.callees(instance)}
        present = {name: text for name, text in callees.items() if text is not None}
        return None if code is None or len(present) < len(callees) else (code, present)

    def _audit(self, instance: str) -> Step | None:
        return bench_steps.AuditBench(
            module=self.module(instance).name,
            parameters=self.parameters[instance],
            expert=self._expert(instance),
            callees={self.function(callee): self._expert(callee) for callee in self.callees(instance)},
        )

    def _expert(self, instance: str) -> str:
        return self.module(instance).expert_code(self.parameters[instance])

    def _write(self, instance: str) -> Step | None:
        callees: dict[str, str] = {}
        if self.validator is not None:
            for callee in self.callees(instance):
                code = self.code(callee)
                if code is None:
                    return None
                callees[self.function(callee)] = code
        request = module_request(instance, self.parameters[instance], instruction=self.overrides.get(instance))
        request = replace(request, design=self.name)
        return ModuleStep(request=request, generator=self.generator, validator=self.validator, callees=callees)

    def _csim(self, instance: str) -> Step | None:
        texts = self._code_with_callees(instance)
        if texts is None:
            return None
        return steps.SimulateModule(
            module=self.module(instance).name, parameters=self.parameters[instance], code=texts[0], callees=texts[1]
        )

    def _csynth(self, instance: str) -> Step | None:
        texts = self._code_with_callees(instance)
        if texts is None:
            return None
        return vendor_steps.synthesis_step(
            function=self.function(instance),
            code=texts[0],
            callees=texts[1],
            part=self.part,
            clock_period_ps=self.clock_period_ps,
            vitis=self.vitis,
        )

    def _rtlsim(self, instance: str) -> Step | None:
        folder = self.result(f"csynth:{instance}")
        if folder is None:
            return None
        return bench_steps.SimulateModuleRtl(
            module=self.module(instance).name,
            parameters=self.parameters[instance],
            folder=folder,
            rtl=digest_files(folder, ["rtl/*.v"]),
        )

    def _link(self) -> Step | None:
        if self.vitis is not None:
            return self._link_with_vitis(self.vitis)
        folders: dict[str, Path] = {}
        for instance in self.processes:
            folder = self.result(f"csynth:{instance}")
            if folder is None:
                return None
            folders[instance] = folder
        digests = {name: digest_files(folder, ["rtl/*.v"]) for name, folder in folders.items()}
        interfaces = {name: digest_files(self.module(name).folder, ["module.yaml"]) for name in folders}
        return steps.LinkAccelerator(design=self.design, interfaces=interfaces, folders=folders, rtl=digests)

    def _link_with_vitis(self, vitis: vendor_steps.Vitis) -> Step | None:
        codes = {instance: self.code(instance) for instance in INSTANCES}
        present = {instance: code for instance, code in codes.items() if code is not None}
        if len(present) < len(codes):
            return None
        return vendor_steps.SynthesiseAcceleratorWithVitis(
            design=self.design,
            codes=present,
            part=self.part,
            clock_period_ps=self.clock_period_ps,
            vitis=vitis,
        )

    def _resources(self) -> Step | None:
        folder = self.result("link")
        if folder is None:
            return None
        if self.vitis is not None:
            return vendor_steps.ResourcesOfVitis(folder=folder, report=digest_files(folder, ["report.json"]))
        return steps.CountResources(
            folder=folder, rtl=digest_files(folder, ["rtl/*.v", "network.json"]), family=family_of(self.part).name
        )

    def _cosim(self) -> Step | None:
        folder = self.result("link")
        if folder is None:
            return None
        return steps.CosimulateAccelerator(
            design=self.design, folder=folder, rtl=digest_files(folder, ["rtl/*.v", "network.json"])
        )
