"""What a STAND-IN for vitis_hls, vitis-run, v++ or vivado does when it is run; see vendor_tools.py.

`behaviour`: `silent` stages write no artefact and the exit code is 0; `broken` stages print an error, write nothing, say
`Finished Command`; `says` is printed; `licence_busy` refuses so many times; `hangs` sleeps; `old` artefacts carry a date
of the past; `cosim_status`;
`copies_only` leaves reports beside the solution alone; `rtl` a folder whose files become the Verilog; `vivado` options of the stand-in for Vivado.
"""

import json
import os
import sys
import time
import zipfile
from pathlib import Path

from support.vendor_tools import BANNERS, run_tcl

CSYNTH = """<profile>
<!-- written by a stand-in for {program}; no tool of the vendor ran -->
<section name="x"/>
<ReportVersion><Version>{version}</Version></ReportVersion>
<UserAssignments><unit>ns</unit><ProductFamily>zynquplus</ProductFamily><Part>{part}</Part><TopModelName>{top}</TopModelName>
<TargetClockPeriod>{period}</TargetClockPeriod><ClockUncertainty>0.90</ClockUncertainty><FlowTarget>vivado</FlowTarget></UserAssignments>
<PerformanceEstimates><PipelineType>none</PipelineType><SummaryOfTimingAnalysis><unit>ns</unit>
<EstimatedClockPeriod>2.100</EstimatedClockPeriod></SummaryOfTimingAnalysis>
<SummaryOfOverallLatency><unit>clock cycles</unit><Best-caseLatency>10</Best-caseLatency><Average-caseLatency>undef</Average-caseLatency>
<Worst-caseLatency>20</Worst-caseLatency><Interval-min>11</Interval-min><Interval-max>21</Interval-max></SummaryOfOverallLatency>
<SummaryOfLoopLatency><loop_k><TripCount>8</TripCount><Latency>9</Latency><PipelineII>1</PipelineII>
<PipelineDepth>3</PipelineDepth></loop_k></SummaryOfLoopLatency></PerformanceEstimates>
<AreaEstimates><Resources><LUT>100</LUT><FF>200</FF><DSP>4</DSP><BRAM_18K>2</BRAM_18K><URAM>0</URAM></Resources>
<AvailableResources><LUT>230400</LUT><FF>460800</FF><DSP>1728</DSP><BRAM_18K>624</BRAM_18K><URAM>96</URAM></AvailableResources></AreaEstimates>
</profile>
"""
COSIM = """
================================================================
== STAND-IN: no tool of the vendor wrote this
================================================================
Report time       : Thu Nov 26 05:00:00 UTC 2026.
Solution          : solution.
Simulation tool   : xsim.

+----------+----------+-----------------------------------------------+-----------------------------------------------+----------------------+
|          |          |            Latency(Clock Cycles)              |              Interval(Clock Cycles)           | Total Execution Time |
+   RTL    +  Status  +-----------------------------------------------+-----------------------------------------------+    (Clock Cycles)    +
|          |          |      min      |      avg      |      max      |      min      |      avg      |      max      |                      |
+----------+----------+-----------------------------------------------+-----------------------------------------------+----------------------+
|      VHDL|        NA|             NA|             NA|             NA|             NA|             NA|             NA|                    NA|
|   Verilog|{status}|             12|             12|             12|             NA|             NA|             NA|                    12|
+----------+----------+-----------------------------------------------+-----------------------------------------------+----------------------+
"""
KNOWN_KEYS = {"clock", "flow_target", "syn.top", "syn.file", "syn.cflags", "tb.file", "tb.cflags", "csim.code_analyzer",
              "package.output.format", "package.output.syn"}  # fmt: skip


def main(settings: str, words: list[str]) -> None:
    behaviour = json.loads(settings)
    program, version = behaviour["program"], behaviour["version"]
    print(BANNERS[program].format(version))
    if words and words[0].lstrip("-") == "version":
        raise SystemExit(0)
    if behaviour.get("hangs"):
        if "pid" in behaviour:
            Path(behaviour["pid"]).write_text(str(os.getpid()))
        print("INFO: STAND-IN: hanging", flush=True)
        time.sleep(600)
    _refuse_licence(behaviour)
    if program == "vivado":
        from support.stand_in_vivado import main as vivado

        raise SystemExit(vivado(behaviour, words))
    asked = _config(program, words) if "--config" in words else _script(program, version, words)
    Artefacts(behaviour, asked).write()
    raise SystemExit(behaviour.get("exit_code", 0))


def _refuse_licence(behaviour: dict) -> None:
    counter = Path(".stand-in-refusals")
    refused = int(counter.read_text()) if counter.is_file() else 0
    if refused < behaviour.get("licence_busy", 0):
        counter.write_text(str(refused + 1))
        print(behaviour.get("licence_text", "ERROR: [Common 17-345] A valid license was not found for feature 'HLS'."))
        raise SystemExit(1)


def _script(program: str, version: str, words: list[str]) -> dict[str, str]:
    """Run a Tcl script in a real interpreter; refuse a command line that the program does not take."""
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if program == "vitis-run":
        if words[:3] != ["--mode", "hls", "--tcl"] or len(words) != 4:
            _die(f"ERROR: [vitis-run 82-1] STAND-IN: unrecognised command line {words}")
    elif words[0] != "-f" or len(words) != 2:
        _die(f"ERROR: STAND-IN: {program} takes -f <script>, not {words}")
    components = program == "vitis-run" and numbers >= (2024, 2)
    done = run_tcl("hls_commands.tcl", Path(words[-1]).resolve(), Path.cwd(), standin_components=str(int(components)))
    print(done.stdout, end="")
    if done.returncode != 0:
        _die(done.stderr)
    return dict(line.split("=", 1) for line in Path(".stand-in-calls").read_text().splitlines())


def _config(program: str, words: list[str]) -> dict[str, str]:
    """Read a configuration as v++ and vitis-run do."""
    stages = {"v++": {"-c": "csynth"}, "vitis-run": {"--csim": "csim", "--cosim": "cosim", "--package": "export"}}[
        program
    ]
    wanted = [word for word in words if word in stages]
    rest = [word for word in words if word not in stages]
    if len(wanted) != 1 or rest[:3] != ["--mode", "hls", "--config"] or rest[4] != "--work_dir" or len(rest) != 6:
        _die(f"ERROR: [v++ 60-1520] STAND-IN: unrecognised option in {words}")
    keys: dict[str, list[str]] = {}
    section = ""
    for line in Path(rest[3]).read_text().splitlines():
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            if (key == "part") != (section == "") or (section == "[hls]" and key not in KNOWN_KEYS):
                _die(f"ERROR: STAND-IN: the key {key} in section {section or 'none'} is unknown")
            keys.setdefault(key, []).append(value)
    for name in (*keys["syn.file"], *keys.get("tb.file", ())):
        if not Path(name).is_file():
            _die(f"ERROR: STAND-IN: {name} is not there")
    stage = stages[wanted[0]]
    solution = f"{rest[5]}/hls"
    if stage in {"cosim", "export"} and not Path(solution, "syn/report/csynth.xml").is_file():
        _die(f"ERROR: STAND-IN: {stage} needs a compiled component")
    return {
        "solution": solution, "top": keys["syn.top"][0], "part": keys["part"][0],
        "period": keys["clock"][0].removesuffix("ns"), "stages": stage,
    }  # fmt: skip


class Artefacts:
    """What the stages leave."""

    def __init__(self, behaviour: dict, asked: dict[str, str]) -> None:
        self.behaviour = behaviour
        self.asked = asked
        self.solution = Path(asked["solution"])

    def write(self) -> None:
        for stage in self.asked["stages"].split(","):
            if stage in self.behaviour.get("broken", ()):
                print(
                    self.behaviour.get(
                        "says", f"ERROR: [HLS 207-3776] use of undeclared identifier 'q' ({self.asked['top']}.cpp:3:9)"
                    )
                )
                print("ERROR: [HLS 200-70] Compilation errors found")
                print(f"INFO: [HLS 200-111] Finished Command {stage}_design CPU user time: 1 seconds.")
                raise SystemExit(self.behaviour.get("exit_code", 1))
            if stage not in self.behaviour.get("silent", ()):
                getattr(self, stage)()
            print(f"INFO: [HLS 200-111] Finished Command {stage}_design CPU user time: 1 seconds.")

    def put(self, name: str, text: str) -> None:
        path = self.solution / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if self.behaviour.get("old"):
            os.utime(path, (1_000_000_000, 1_000_000_000))

    def csim(self) -> None:
        errors = self.behaviour.get("csim_errors", 0)
        if self.behaviour.get("copies_only"):
            self.put("../logs/hls_run_csim.log", f"INFO: [SIM 211-1] CSim done with {errors} errors.\n")
            return
        self.put(f"csim/report/{self.asked['top']}_csim.log", f"INFO: [SIM 211-1] CSim done with {errors} errors.\n")

    def csynth(self) -> None:
        values = {**self.asked, "program": self.behaviour["program"], "version": self.behaviour["version"]}
        self.put("syn/report/csynth.xml", CSYNTH.format(**values))
        rtl = self.behaviour.get("rtl")
        if rtl and Path(rtl, f"{self.asked['top']}.v").is_file():
            for path in sorted(Path(rtl).glob("*.v")):
                self.put(f"syn/verilog/{path.name}", path.read_text())
        else:
            self.put(
                f"syn/verilog/{self.asked['top']}.v",
                f"// stand-in\nmodule {self.asked['top']} (input ap_clk);\nendmodule\n",
            )

    def cosim(self) -> None:
        status = self.behaviour.get("cosim_status", "Pass")
        name = (
            "../reports/hls_cosim.rpt"
            if self.behaviour.get("copies_only")
            else f"sim/report/{self.asked['top']}_cosim.rpt"
        )
        self.put(name, COSIM.format(status=status.rjust(10)))

    def export(self) -> None:
        path = self.solution / "impl" / "ip" / "stand_in.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.behaviour.get("torn_archive"):
            path.write_bytes(b"PK\x03\x04 torn")
            return
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("component.xml", "<!-- stand-in -->")


def _die(text: str) -> None:
    print(text, file=sys.stderr)
    raise SystemExit(1)
