"""Every task in one table: what it does, which arguments it takes, examples. Help and list are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LLM_ARGUMENTS = ("model", "max_requests", "budget_tokens", "budget_usd")
PROMPT_ARGUMENTS = ("selection", "demonstrations", "prompt_format")
STUDY_ARGUMENTS = (
    "network",
    "resolution",
    "board",
    "trials",
    "population",
    "seed",
    "sampler",
    "level",
    "generator",
    *LLM_ARGUMENTS,
    *PROMPT_ARGUMENTS,
    "max_dsp",
    "prompt",
    "specification",
    "study",
    "toolchain",
)
#: Tasks that take words of their own; after others, words are further tasks.
WITH_WORDS = ("help", "bench", "board", "demos", "llm")
CHECKS = ("format", "lint", "layers", "types", "spelling", "tests")
STAGES_OF_MODULES = ("audit", "modules", "csim", "csynth", "rtlsim")
DESIGN_ARGUMENTS = (
    "design",
    "study",
    "network",
    "resolution",
    "board",
    "generator",
    *LLM_ARGUMENTS,
    *PROMPT_ARGUMENTS,
    "toolchain",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Describe one task or command.

    Attributes:
        name: The word on the command line.
        group: The heading in the list.
        summary: One line for the list.
        details: Further sentences for help.
        arguments: Names of the arguments that it takes.
        required: Names of those that must be given.
        examples: Command lines.
        is_command: Whether it only tells something (no task of the graph).
    """

    name: str
    group: str
    summary: str
    details: str = ""
    arguments: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    is_command: bool = False


def _stage(name: str, summary: str, details: str = "") -> Entry:
    return Entry(
        name=name,
        group="Stages of a design",
        summary=summary,
        details=details + f" One module alone: ./doit {name}:mac design=42." * (name in STAGES_OF_MODULES),
        arguments=DESIGN_ARGUMENTS,
        required=("design",),
        examples=(f"./doit {name} design=42",),
    )


ENTRIES: Mapping[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name="search",
            group="Studies and designs",
            summary="Search for accelerators for a network and print the best designs and the Pareto front.",
            details="Designs are judged by the performance model; the best three are synthesised, scored anew from that, "
            "and co-simulated in RTL. With level=csynth the modules of every design are synthesised. "
            "Stopped at any point and started again with the same arguments, it "
            "goes on with the same result. Everything is under build/studies/<study>/.",
            arguments=STUDY_ARGUMENTS,
            examples=(
                "./doit search",
                "./doit search trials=16 max_dsp=256 study=small",
                "./doit search network=models/mine.onnx resolution=160 study=mine",
                './doit search prompt="ResNet-18, under 120 ms, as small as possible" study=mine',
            ),
        ),
        Entry(
            name="design",
            group="Studies and designs",
            summary="Turn a requirement in plain words into a checked specification for the search.",
            details="Understood are a network, its resolution, a board, a bound on the latency or a rate, bounds on DSPs, "
            "LUTs, flip-flops, block RAMs and UltraRAMs, what is to be smallest, a clock, and values of design parameters such as "
            "slots 4 or output-stationary. A model reads the sentence if one is named (model=, AIGCHIP_MODEL, or aigchip.yaml), fixed "
            "phrases do otherwise; the words that neither understands are named. What no design can reach is refused with "
            "the bound that forbids it.",
            arguments=("prompt", "network", "resolution", "board", "model"),
            required=("prompt",),
            examples=('./doit design prompt="ResNet-18 at 224, under 120 ms, at most 100 DSPs, ZCU104"',),
            is_command=True,
        ),
        Entry(
            name="build",
            group="Studies and designs",
            summary="Build one design: modules, C simulation, C synthesis, RTL, co-simulation, report.",
            details="Only what changed is made anew. A file designs/<design>/instructions/<module>.md replaces that "
            "module's instruction for one design; a change under template/ affects all designs.",
            arguments=DESIGN_ARGUMENTS,
            required=("design",),
            examples=("./doit build design=42", "./doit build design=example study=small"),
        ),
        Entry(
            name="why",
            group="Studies and designs",
            summary="Say what a build of a design would run, and which changed input makes it run.",
            arguments=DESIGN_ARGUMENTS,
            required=("design",),
            examples=("./doit why design=42",),
            is_command=True,
        ),
        Entry(
            name="report",
            group="Studies and designs",
            summary="Print the report of a study, or of one design with design=.",
            arguments=DESIGN_ARGUMENTS,
            examples=("./doit report", "./doit report design=42"),
            is_command=True,
        ),
        Entry(
            name="export",
            group="Studies and designs",
            summary="Write a built design for another flow: a folder with C++ and RTL, or the format that is named.",
            details="Every generated file says in its header who wrote it (model, request, demonstrations and their licences), the "
            "tools that took part, and what it passed. With RTL come a register map (SystemRDL, HTML, C header) and a PYNQ driver.",
            arguments=(*DESIGN_ARGUMENTS, "format", "into"),
            required=("design",),
            examples=(
                "./doit export design=42",
                "./doit export design=42 format=fusesoc",
                "./doit export design=42 format=ip-xact into=out/mine",
            ),
            is_command=True,
        ),
        Entry(
            name="compare",
            group="Studies and designs",
            summary="Show a design's figures by their origin; or the expert's, searched, random and others' accelerators.",
            details="With a design: estimates are those of the performance model; simulated are co-simulation and the simulated board; "
            "measured is hardware (see ./doit help deploy). An estimate that is off by more than 5 % is marked. Written to "
            "compare.json beside the design's report. Without a design: on six networks at 224 and 448 the expert's designs "
            "(designs/expert-*), the best of a search, the best and the median of as many random designs, CHaiDNN and the DPU as "
            "published, and the roofline, all at the same products a second; a table, CSV and two pictures under build/compare/. "
            "Times of designs that ran in RTL (./doit bench accelerator) are simulated, the others estimated.",
            arguments=(*DESIGN_ARGUMENTS, "trials", "seed"),
            examples=(
                "./doit compare design=42",
                "./doit compare",
                "./doit compare network=resnet50 resolution=224 trials=256",
            ),
            is_command=True,
        ),
        _stage("audit", "Let every test bench fail wrong designs, before it judges anybody's code."),
        _stage("modules", "Write the C++ of every module of a design."),
        _stage("csim", "Check every module: signature contract and C simulation against numpy."),
        _stage("csynth", "Synthesise every module to Verilog, with its latency."),
        _stage("rtlsim", "Run the RTL of every module in Verilator with its test vectors and random stalls."),
        _stage("link", "Assemble the accelerator's RTL from its modules."),
        _stage("resources", "Count LUTs, FFs, DSPs and RAMs of the assembled RTL."),
        _stage("cosim", "Run the assembled RTL in Verilator against numpy."),
        _stage(
            "bitstream",
            "Make a design's bitstream: with Vivado, or for ECP5 boards with yosys and nextpnr.",
            "With Vivado (block design, implementation, reports) it is refused where the clock is not met, and with toolchain=vitis "
            "the RTL is Vitis HLS'. For board=ulx3s everything comes from wheels: yosys, nextpnr-ecp5 and ecppack make a system with "
            "memory on the chip and a link over UART, and where the clock is not met a slower one is taken and named.",
        ),
        Entry(
            name="accept",
            group="Boards",
            summary="Run every path that needs an outside tool on this installation, and bundle what held.",
            details="A build with csynth, a module by the model that is set up, a build with Vitis HLS, its own C "
            "simulation, synthesis, co-simulation and packaging of the exported expert design, a bitstream by Vivado, the "
            "simulated board, and with host= a real board: each that is there runs as a command of its own. The bundle holds results "
            "and logs without keys, names and addresses. Meant for the first real installation; takes as long as these take.",
            arguments=("board", "host"),
            examples=("./doit accept", "./doit accept board=zcu104 host=xilinx@192.168.2.99"),
            is_command=True,
        ),
        Entry(
            name="board",
            group="Boards",
            summary="Start, stop or show simulated boards: a real SSH server and pynq over a design's RTL.",
            details="`board start` makes the simulated board on first use (pynq is installed into the person's cache), "
            "`board stop`, `board status`. Each board of boards/ has a simulated one of its own, and several run at once: "
            "board= says which is meant, or design= and study=, whose board it then is; `board status` without one shows "
            "all. With fault= a started board does something wrong, until it is started without. "
            "It stops by itself when nobody uses it for 15 minutes. What runs on it is labelled simulated.",
            arguments=("board", "design", "study", "fault"),
            examples=(
                "./doit board start",
                "./doit board start board=pynq-z2 fault=hang",
                "./doit board status",
                "./doit board stop board=pynq-z2",
            ),
            is_command=True,
        ),
        Entry(
            name="deploy",
            group="Boards",
            summary="Send a design to a board over SSH, test it bit by bit, and measure it.",
            details="Without host= it goes to the simulated board of its board, a real SSH server on this machine behind which "
            "the design's RTL runs; its figures are called simulated. With host= it goes to a board with a PYNQ image, with the bitstream "
            "that Vivado makes (or the one of overlay=); 100 runs of each layer and of the network are measured. Results are "
            "written beside the design's report, and beside its record in the study. A board without a processor, such as the ulx3s, "
            "is plugged into the machine of host=: openFPGALoader programs it there, and port=, its serial port there, runs layers over "
            "the UART; without both, its whole logic runs in Verilator behind a UART.",
            arguments=(*DESIGN_ARGUMENTS, "host", "key", "overlay", "runs", "port"),
            required=("design",),
            examples=(
                "./doit deploy design=42",
                "./doit deploy design=square4 board=ulx3s host=pi@192.168.2.7 port=/dev/ttyUSB0",
                "./doit deploy design=42 host=xilinx@192.168.2.99 key=~/.ssh/id_ed25519",
            ),
            is_command=True,
        ),
        Entry(
            name="measure",
            group="Boards",
            summary="Run again what was deployed to a board.",
            arguments=(*DESIGN_ARGUMENTS, "host", "key", "runs"),
            required=("design",),
            examples=("./doit measure design=42", "./doit measure design=42 host=xilinx@192.168.2.99 runs=1000"),
            is_command=True,
        ),
        Entry(
            name="demos",
            group="Generation",
            summary="Check the demonstrations that prompts show: links, C simulation, C synthesis, RTL.",
            details="`demos coverage` shows which parameter values no demonstration shows; `demos refresh` writes the "
            "expert's demonstrations anew from the template. What passed is not checked again until it changes.",
            examples=("./doit demos", "./doit demos coverage", "./doit demos refresh"),
            is_command=True,
        ),
        Entry(
            name="llm",
            group="Generation",
            summary="Show requests to models and what became of them; write requests as files, read answers.",
            details="`llm log` shows every request (filters: module=, model=, outcome=) or writes the records with file=. "
            "`llm export` writes the requests that no recorded reply answers, repairs of refused replies among them: for "
            "every value of every local parameter (cover=), for so many possible designs (designs=), for a design or a "
            "study. `llm import <file or folder> model=<name>` takes answers. `llm submit` sends the same requests to the "
            "endpoint as one batch (half the price, within a day), `llm collect` takes its replies; both find again what a "
            "crash interrupted.",
            arguments=(
                "module",
                *LLM_ARGUMENTS,
                "outcome",
                "file",
                "date",
                "source",
                "cover",
                "designs",
                "seed",
                "design",
                "study",
                *PROMPT_ARGUMENTS,
            ),
            examples=(
                "./doit llm log module=pe_array",
                "./doit llm export designs=200",
                "./doit llm import answers/ model=my-model date=2026-11-24",
                "./doit llm submit designs=200 model=gpt-4o budget_usd=20",
                "./doit llm collect",
            ),
            is_command=True,
        ),
        Entry(
            name="study",
            group="Generation",
            summary="Measure how prompts, demonstrations and models change the share of modules that come out right.",
            details="The paper's Tables I to IV: for each setting the shares of attempts that compile, synthesise, are correct, "
            "and are correct after repair, as pass rate over k and as unbiased pass@k, with confidence intervals and the cost of a "
            "verified module. A model is asked where one is named; else recorded replies count, and settings without any stay "
            "empty. Stopped at any point, it goes on with the same command. Results are under build/experiments/<study>/.",
            arguments=(
                "tables",
                "samples",
                "tasks",
                "module",
                "generator",
                "models",
                *LLM_ARGUMENTS,
                "selection",
                "study",
            ),
            examples=(
                "./doit study",
                "./doit study tables=1,3 samples=5 model=gpt-4o budget_usd=10 study=formats",
                "./doit study tables=4 models=gpt-4o,mine samples=5",
            ),
            is_command=True,
        ),
        Entry(
            name="bench",
            group="Studies and designs",
            summary="Run networks on a design's RTL cycle by cycle, layer by layer against the roofline, or end to end.",
            details="./doit bench accelerator builds the expert's modules and runs every distinct layer of AlexNet, VGG-16, GoogLeNet, "
            "ResNet-50, MobileNetV2 and YOLOv2 at 224 and 448 on the RTL behind the board's memory; every byte is compared with "
            "numpy. What ran is kept, so that it goes on after an interruption. level=model estimates instead; gemm= runs one product "
            "of matrices. The cycles that each layer takes beyond its roofline are told by cause: remainders of tiles, filling and "
            "draining, stalls of the DDR, refresh of buffers, control. Tables, accelerator.csv, and pictures for each network are "
            "under build/bench/. ./doit bench inference infers a picture with "
            "whole networks: layers that follow each other run with one start, this machine does the operators between them in "
            "numpy, and every map is compared with the integer reference. The accelerator's time and the host's stand apart. A "
            "built-in network gets random weights; an ONNX file must be quantised (QuantizeLinear, DequantizeLinear).",
            arguments=("design", "study", "network", "resolution", "gemm", "board", "level"),
            examples=(
                "./doit bench accelerator",
                "./doit bench accelerator network=resnet50 resolution=224",
                "./doit bench accelerator gemm=1024x1024x1024",
                "./doit bench accelerator design=packed2048 level=model",
                "./doit bench inference network=squeezenet1_1",
                "./doit bench inference network=models/mine.onnx design=square8",
            ),
            is_command=True,
        ),
        Entry(
            name="test",
            group="The project",
            summary="Check the project: format, lint, layers, types, spelling, tests.",
            examples=("./doit test",),
        ),
        Entry(
            name="test-slow",
            group="The project",
            summary="Run the tests that take minutes.",
            examples=("./doit test-slow",),
        ),
        Entry(
            name="verified",
            group="The project",
            summary="Write docs/reference/verified.md: what the tests that passed have really run.",
            examples=("./doit verified",),
        ),
        Entry(
            name="doctor",
            group="The project",
            summary="Show the tools found, their versions, and what each is for.",
            examples=("./doit doctor",),
            is_command=True,
        ),
        Entry(name="list", group="The project", summary="Describe every task.", is_command=True),
        Entry(
            name="help",
            group="The project",
            summary="Describe one task and every argument that it takes.",
            examples=("./doit help search",),
            is_command=True,
        ),
    )
}
