"""The accelerator's registers, single runs, and lists of jobs in memory that it does with one start.

For Python 3.8 and later, with numpy; goes to the board beside runner.py.
"""

import time

import numpy

IDENTITY = 0x41494743  # "AIGC", in the shell's register
SHELL_MAJOR = 1
AP_START, AP_DONE = 1, 2
LIST_START, LIST_RUNS, LIST_REFUSED = 1, 1, 2
WORD_BYTES = 64  # of the widest memory word: what addresses are multiples of
WRITE, RUN, END = 1, 2, 3  # operations of a list, as template/shell/jobs.v.j2 has them
READ_AHEAD_BYTES = 512  # that the shell may read behind a list's end


class RunError(Exception):
    """What stops a run; `code` is for programs, the text for people."""

    def __init__(self, code, what):
        super().__init__(what)
        self.code = code
        self.what = what


def place_in_memory(size, allocate, what):
    """Return a buffer, and its first byte whose address is a multiple of a memory word."""
    try:
        buffer = allocate(shape=(int(size) + WORD_BYTES,), dtype="u1", cacheable=1)
    except Exception as error:
        raise RunError("memory", f"{size} bytes for {what} cannot be allocated ({error})") from error
    return buffer, -int(buffer.device_address) % WORD_BYTES


class Accelerator:
    """The accelerator's registers."""

    def __init__(self, mmio, registers, deadline):
        self.mmio = mmio
        self.registers = registers
        self.deadline = deadline

    def identify(self):
        """Check that our shell answers, in a version that this runner knows, and that it takes lists of jobs."""
        found = self.mmio.read(self.registers["id"]) & 0xFFFFFFFF
        if found != IDENTITY:
            raise RunError("identity", f"the id register is 0x{found:08x}; must be 0x{IDENTITY:08x}")
        version = self.mmio.read(self.registers["version"]) & 0xFFFFFFFF
        if version >> 16 != SHELL_MAJOR:
            raise RunError("identity", f"the shell is of version 0x{version:08x}; must be {SHELL_MAJOR}.x")
        self.mmio.write(self.registers["list"], 0x5A5A5A58)
        if self.mmio.read(self.registers["list"]) != 0x5A5A5A58:
            raise RunError("identity", "the shell takes no lists of jobs; it is of an older overlay")

    def writes(self, values):
        """Return the 32-bit writes (offset, value) that set the argument registers."""
        arguments = self.registers["arguments"]
        found = []
        for name, value in values.items():
            found.append((arguments[name], value & 0xFFFFFFFF))
            if name.startswith("gmem_"):
                found.append((arguments[name] + 4, value >> 32))
        return found

    def run(self, values, doing):
        """Run the kernel once; return the logic's cycles and the wall time [s]."""
        write, read = self.mmio.write, self.mmio.read
        for offset, value in self.writes(values):
            write(offset, value)
        before = read(self.registers["runs"])
        control = self.registers["control"]
        started = time.perf_counter()
        write(control, AP_START)
        self.wait(lambda: read(control) & AP_DONE, doing)
        wall_s = time.perf_counter() - started
        cycles = self.wide("cycles")
        runs = (read(self.registers["runs"]) - before) & 0xFFFFFFFF
        if runs != 1 or cycles == 0:
            raise RunError("counter", f"{doing}: the shell counted {runs} runs and {cycles} cycles")
        return cycles, wall_s

    def wait(self, ended, doing):
        """Wait until `ended` says so, or the run's limit is reached."""
        polls = 0
        while not ended():
            polls += 1
            if polls % 64 == 0 and self.deadline.left() <= 0:
                raise RunError("hang", f"{doing}: the accelerator did not end before the limit was reached")

    def wide(self, name):
        """Read a counter of 64 bits."""
        read, registers = self.mmio.read, self.registers
        return (read(registers[name + "_low"]) & 0xFFFFFFFF) | (read(registers[name + "_high"]) << 32)


class JobList:
    """Jobs in memory, which the accelerator does one after another with one start.

    Args:
        accelerator: That does them.
        jobs: For each job the values of all argument registers by name.
        allocate: Gives memory that the accelerator reaches.
    """

    def __init__(self, accelerator, jobs, allocate):
        self.accelerator = accelerator
        words, self.slots, held = [], [], {}
        for values in jobs:
            for offset, value in accelerator.writes(values):
                if held.get(offset) != value:  # what a register holds from the job before is not written again
                    held[offset] = value
                    words.append(WRITE << 56 | offset << 32 | value)
            words.append(RUN << 56)
            self.slots.append(len(words))  # the word behind RUN receives the run's cycles
            words.append(0)
        words.append(END << 56)
        self.image = numpy.array(words, "<u8").view("u1")
        self.buffer, self.first = place_in_memory(self.image.size + READ_AHEAD_BYTES, allocate, "a list of jobs")

    def run(self, doing):
        """Start the list and wait for its end; return its cycles, those of each job, and the wall time [s]."""
        accelerator, registers = self.accelerator, self.accelerator.registers
        write, read = accelerator.mmio.write, accelerator.mmio.read
        part = slice(self.first, self.first + self.image.size)
        self.buffer[part] = self.image
        self.buffer.flush()
        at = int(self.buffer.device_address) + self.first
        write(registers["list"], at & 0xFFFFFFFF)
        write(registers["list"] + 4, at >> 32)
        command = registers["list_command"]
        started = time.perf_counter()
        write(command, LIST_START)
        accelerator.wait(lambda: not read(command) & LIST_RUNS, doing)
        wall_s = time.perf_counter() - started
        error, taken = read(registers["list_error"]), read(registers["list_taken"])
        if error or read(command) & LIST_REFUSED:
            raise RunError("list", f"{doing}: the shell ended the list of jobs with error {error} at its word {taken}")
        self.buffer.invalidate()
        seen = numpy.array(self.buffer[part], copy=True).view("<u8")
        cycles, alone = accelerator.wide("list_cycles"), [int(seen[slot]) for slot in self.slots]
        jobs = read(registers["list_jobs"])
        if jobs != len(self.slots) or not all(alone) or sum(alone) > cycles:
            raise RunError(
                "counter",
                f"{doing}: the shell counted {jobs} jobs of {len(self.slots)}, {alone} cycles, in all {cycles}",
            )
        return cycles, alone, wall_s

    def free(self):
        """Give the memory back."""
        self.buffer.freebuffer()
