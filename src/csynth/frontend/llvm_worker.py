"""A process that runs LLVM passes: LLVM ends its process when it meets a fault, so it gets one of its own.

The protocol is one JSON line each way: `{"text", "stages": [[pass, ...] | "O1", ...]}` and `{"text"}` or `{"error"}`.
Run it as `python -m csynth.frontend.llvm_worker`.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

MEMORY_BYTES = 6 << 30
OPTIONS = (
    "-disable-loop-idiom-all",
    "-pragma-unroll-threshold=10000000",
    "-pragma-unroll-full-max-iterations=1000000",
    "-unroll-max-iteration-count-to-analyze=0",
    "-sink-common-insts=0",
    "-hoist-common-insts=0",
    "-switch-to-lookup=0",
    "-switch-range-to-icmp=0",
)


def _apply(binding: Any, machine: Any, module: Any, stage: Any) -> None:
    tuning = binding.create_pipeline_tuning_options(speed_level=1)
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = tuning.loop_interleaving = False
    builder = binding.create_pass_builder(machine, tuning)
    manager = builder.getModulePassManager() if stage == "O1" else binding.create_new_module_pass_manager()
    for name in [] if stage == "O1" else stage:
        getattr(manager, f"add_{name}_pass")()
    manager.run(module, builder)


def main() -> None:
    """Serve requests until the input ends."""
    from llvmlite import binding  # noqa: PLC0415 - only this process pays for it

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    for option in OPTIONS:
        binding.set_option("", option)
    machine = binding.Target.from_default_triple().create_target_machine()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            module = binding.parse_assembly(request["text"])
            for stage in request["stages"]:
                _apply(binding, machine, module, stage)
            answer = {"text": str(module)}
        except RuntimeError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
