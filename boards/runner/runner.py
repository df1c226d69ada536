"""Run a job on a PYNQ board: load the overlay, test it bit by bit, measure it, and write result.json.

For Python 3.8 and later, with pynq and numpy. It is uploaded beside the overlay, with its two other files, and started as

    python3 runner.py --job job.json --result result.json --lock /run/lock/aigchip-board.lock

Exit codes: 0, everything ran and every byte was right; 1, an error, which result.json names; 75, another run has the
board.
"""

import argparse
import contextlib
import errno
import fcntl
import getpass
import json
import os
import platform
import signal
import socket
import struct
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy
from accelerator import Accelerator, JobList, RunError, place_in_memory
from inference import Inference, output_map

VERSION = 3
BUSY = 75
GUARD_BYTES = 64
CLOCK_TOLERANCE = 1e-4  # rounding of the closed frequency, never an overclock that matters
CLOCK_STEP = (
    0.005  # of the clock asked for; neighbouring divisions by less than 200 are further apart, so none is passed over
)
SLOWEST_CLOCK_DIVISION = 10  # of the requested clock: a board that cannot get below that has another fault
RESERVE_BYTES = 65536
BYTES_A_SAMPLE = 40


def say(text):
    """Tell whoever polls how far the run is."""
    print(text, flush=True)


class Lock:
    """The board's lock: tied to this process by the kernel, the holder's data in the file."""

    def __init__(self, path, design):
        self.path = path
        self.design = design
        self.descriptor = -1

    def take(self):
        """Take it, or return what the file says of the holder."""
        try:
            self.descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            # only a new file is opened with O_CREAT: Linux refuses it for a file of somebody else's in a sticky folder
            previous = os.umask(0)
            try:
                self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            finally:
                os.umask(previous)
        for attempt in range(3):
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == 2:
                    return Path(self.path).read_text(encoding="utf-8", errors="replace").strip() or "{}"
                time.sleep(0.2)  # somebody may only have looked whether it is free
        holder = {
            "pid": os.getpid(),
            "user": os.environ.get("SUDO_USER") or getpass.getuser(),
            "design": self.design,
            "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, json.dumps(holder).encode(), 0)
        return None

    def release(self):
        """Empty the file and let go."""
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self.descriptor, 0)
            os.close(self.descriptor)
            self.descriptor = -1


class ResultFile:
    """The result, written beside and renamed, with room for it kept from the start."""

    def __init__(self, path):
        self.path = path
        self.part = path.with_name(path.name + ".part")

    def reserve(self, size_bytes):
        """Take the room that the result needs, so that a full disk shows before the board is touched."""
        try:
            with self.part.open("wb") as file:
                for start in range(0, size_bytes, 65536):
                    file.write(b" " * min(65536, size_bytes - start))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self.part.unlink()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise RunError("disk-full", f"the disk with {self.path.parent} is full") from error
            raise RunError("disk", f"{self.path} cannot be written ({error.strerror})") from error

    def write(self, result):
        """Replace the file by the result."""
        mode = "r+b" if self.part.exists() else "wb"
        try:
            with self.part.open(mode) as file:
                file.write(json.dumps(result).encode())
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            self.part.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                self.part.unlink()
            raise


class Deadline:
    """The run's own limit: asked in every wait, and enforced by a thread for calls that never return."""

    GRACE_S = 10.0

    def __init__(self, seconds, on_overrun):
        self.seconds = seconds
        self.end = time.monotonic() + seconds
        self.timer = threading.Timer(seconds + self.GRACE_S, on_overrun)
        self.timer.daemon = True
        self.timer.start()

    def left(self):
        """Return the time that is left [s]."""
        return self.end - time.monotonic()

    def check(self, doing):
        """Stop the run when the time is up."""
        if self.left() <= 0:
            raise RunError("deadline", f"{doing} when the limit of {self.seconds:g} s was reached")


def read_job(path):
    """Read job.json."""
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError("job", f"{path} cannot be read ({error})") from error
    if job.get("version") != VERSION:
        raise RunError("job", "job.json is of version {}; this runner takes {}".format(job.get("version"), VERSION))
    return job


def bit_part(path):
    """Read the part from the header of a .bit file: fields of a letter, a length of two bytes, and a text."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise RunError("overlay", f"{path} cannot be read ({error.strerror})") from error
    try:
        (skip,) = struct.unpack_from(">H", head, 0)
        place = 2 + skip + 2
        while head[place : place + 1] in (b"a", b"b", b"c", b"d"):
            (length,) = struct.unpack_from(">H", head, place + 1)
            if head[place : place + 1] == b"b":
                return head[place + 3 : place + 3 + length].split(b"\0")[0].decode("ascii")
            place += 3 + length
    except (struct.error, UnicodeDecodeError):
        pass
    raise RunError("overlay", f"{path} has no header of a .bit file")


def same_part(in_bit, wanted):
    """Compare parts; a header may leave out the `xc`, dashes, and (Zynq-7000) the speed grade."""

    def plain(part):
        text = part.lower().replace("-", "")
        return text[2:] if text.startswith("xc") else text

    short, full = plain(in_bit), plain(wanted)
    return len(short) >= 8 and (full == short or full.startswith(short))


class Layer:
    """One layer: its data in memory that the accelerator reaches, and what it must give."""

    def __init__(self, description, folder, allocate):
        self.description = description
        self.name = description["name"]
        self.count = description["count"]
        self.bytes_c = description["bytes_c"]
        output = description["output"]
        self.expected = self._load(folder, "expected").reshape(output["channels"], output["rows"], output["columns"])
        self.buffers = []
        image_a, image_b = self._load(folder, "image_a"), self._load(folder, "image_b")
        size_c = self.bytes_c + 2 * GUARD_BYTES
        self.pattern = ((numpy.arange(size_c, dtype=numpy.uint32) * 29) & 0xFF).astype(numpy.uint8) ^ 0xA5
        self.a, self.first_a = self._place(image_a.size, allocate)
        self.b, self.first_b = self._place(image_b.size, allocate)
        self.c, self.first_c = self._place(size_c, allocate)
        self.a[self.first_a : self.first_a + image_a.size] = image_a
        self.b[self.first_b : self.first_b + image_b.size] = image_b
        self.a.flush()
        self.b.flush()
        self.clear()

    def _load(self, folder, entry):
        path = folder / self.description[entry]
        try:
            return numpy.fromfile(path, dtype=numpy.uint8)
        except OSError as error:
            raise RunError("job", f"{path} cannot be read ({error.strerror})") from error

    def _place(self, size, allocate):
        buffer, first = place_in_memory(size, allocate, f"layer {self.name}")
        self.buffers.append(buffer)
        return buffer, first

    def clear(self):
        """Fill C with a pattern, so that what is not written shows."""
        self.c[self.first_c : self.first_c + self.pattern.size] = self.pattern
        self.c.flush()

    def values(self):
        """Return the argument registers' values."""
        return dict(
            self.description["arguments"],
            gmem_a=int(self.a.device_address) + self.first_a,
            gmem_b=int(self.b.device_address) + self.first_b,
            gmem_c=int(self.c.device_address) + self.first_c + GUARD_BYTES,
        )

    def difference(self):
        """Compare C with the reference; return None, or what differs."""
        self.c.invalidate()
        seen = numpy.array(self.c[self.first_c : self.first_c + self.pattern.size], copy=True)
        end = GUARD_BYTES + self.bytes_c
        for place, part in (("before", slice(0, GUARD_BYTES)), ("after", slice(end, end + GUARD_BYTES))):
            if not (seen[part] == self.pattern[part]).all():
                return f"memory {place} C was overwritten"
        found = output_map(seen[GUARD_BYTES:end], self.description["output"])
        wrong = found != self.expected
        if not wrong.any():
            return None
        at = tuple(int(axis[0]) for axis in numpy.nonzero(wrong))
        return "C[{}, {}, {}] is {}; must be {} ({} of {} elements are wrong)".format(
            *at,
            int(found[at].astype("i1")),
            int(self.expected[at].astype("i1")),
            int(wrong.sum()),
            wrong.size,
        )

    def free(self):
        """Give the memory back."""
        for buffer in self.buffers:
            buffer.freebuffer()
        self.buffers = []


def set_clock(clocks, clock):
    """Set the logic's clock to the fastest that it can have and its timing allows.

    A board reaches only whole divisions of its oscillator, and takes the nearest, which may be faster than what is asked for.
    Then slower ones are asked for, in steps that pass over none, until what reads back is allowed.

    Returns:
        What was asked for at last, and what was read back [MHz].
    """
    asked = clock["requested_mhz"]
    slowest = asked / SLOWEST_CLOCK_DIVISION
    first = None
    while asked >= slowest:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pynq warns of a clock that is not as asked for; it is read back here
                clocks.fclk0_mhz = asked
        except ValueError:  # pynq finds no divisor for it
            break
        found = float(clocks.fclk0_mhz)
        if found <= 0:
            raise RunError("clock", f"the clock reads back as {found:.3f} MHz")
        if found <= clock["closed_mhz"] * (1 + CLOCK_TOLERANCE):
            return asked, found
        first = first or found
        asked *= 1 - CLOCK_STEP
    if first is None:
        raise RunError("clock", "the board cannot set a clock of {:g} MHz".format(clock["requested_mhz"]))
    raise RunError(
        "clock",
        "the clock is {:.3f} MHz after {:g} MHz were asked for, and no slower request brings it to the {:.3f} MHz that the "
        "design is closed for".format(first, clock["requested_mhz"], clock["closed_mhz"]),
    )


def self_test(accelerator, layers):
    """Run every layer once and compare every byte."""
    for layer in layers:
        say(f"self test {layer.name}")
        layer.clear()
        accelerator.run(layer.values(), f"self test of layer {layer.name}")
        difference = layer.difference()
        if difference:
            raise RunError("wrong-result", f"layer {layer.name}: {difference}")
    return {"bit_exact": True, "layers": [layer.name for layer in layers]}


def measure(accelerator, layers, warmup, runs):
    """Run every layer alone; return every sample."""
    told = []
    for number, layer in enumerate(layers):
        layer.clear()
        samples = []
        for index in range(-warmup, runs):
            doing = f"layer {layer.name}, run {index + 1} of {runs}"
            accelerator.deadline.check(doing)
            sample = accelerator.run(layer.values(), doing)
            if index >= 0:
                samples.append(sample)
        difference = layer.difference()
        if difference:
            raise RunError("wrong-result", f"layer {layer.name} after {runs} runs: {difference}")
        told.append(
            {
                "name": layer.name,
                "cycles": [s[0] for s in samples],
                "wall_s": [s[1] for s in samples],
                "bit_exact": True,
            }
        )
        say(f"layer {layer.name} measured ({number + 1} of {len(layers)})")
    return told


def measure_together(accelerator, layers, allocate, warmup, runs):
    """Run all layers with one start, from a list of jobs in memory; return every sample, and those of each layer in the list."""
    named = [layer for layer in layers for _ in range(layer.count)]
    jobs = JobList(accelerator, [layer.values() for layer in named], allocate)
    try:
        for layer in layers:
            layer.clear()
        samples = []
        for index in range(-warmup, runs):
            doing = f"all layers with one start, run {index + 1} of {runs}"
            accelerator.deadline.check(doing)
            sample = jobs.run(doing)
            if index >= 0:
                samples.append(sample)
            if index >= 0 and index % 25 == 24:
                say(doing)
    finally:
        jobs.free()
    for layer in layers:
        difference = layer.difference()
        if difference:
            raise RunError("wrong-result", f"layer {layer.name} in the list after {runs} runs: {difference}")

    def of(layer):
        places = [place for place, other in enumerate(named) if other is layer]
        return [sum(alone[place] for place in places) for _, alone, _ in samples]

    return {
        "cycles": [cycles for cycles, _, _ in samples],
        "wall_s": [wall for _, _, wall in samples],
        "layers": [{"name": layer.name, "cycles": of(layer)} for layer in layers],
    }


def infer(whole, deadline, warmup, runs):
    """Run the whole network with its host operators; compare every map before and after the measurement; return every sample."""
    say("inference, every map compared")
    whole.run("the first inference")
    whole.compare("in the first inference")
    samples = []
    for index in range(-warmup, runs):
        doing = f"inference {index + 1} of {runs}"
        deadline.check(doing)
        sample = whole.run(doing)
        if index >= 0:
            samples.append(sample)
    whole.compare(f"after {runs} inferences")
    say(f"{runs} inferences measured")
    return {"bit_exact": True, "starts": whole.starts, "parts": whole.together(samples)}


def import_pynq():
    """Import pynq, or say that it is not there."""
    try:
        import pynq
        from pynq import MMIO, Clocks, Overlay, allocate  # noqa: F401 - that they are there
    except Exception as error:
        raise RunError("no-pynq", f"pynq cannot be imported ({error})") from error
    return pynq


def load(pynq, path, clock_mhz):
    """Load an overlay.

    pynq 4.0.0 sets the clocks by their frequency in the .hwh, finds none in one of Zynq-7000, whose entries have other
    names, and fails. There the clock that the job asks for stands in.
    """
    overlay = pynq.Overlay(str(path), download=False)
    for clock in overlay.clock_dict.values():
        if clock.get("enable") and "frequency" in clock and clock["frequency"] is None:
            clock["frequency"] = clock_mhz
    overlay.download()
    return overlay


def run_job(job, folder, deadline, result):
    """Carry out the job and fill in the result."""
    overlay_path = folder / job["overlay"]
    part = bit_part(overlay_path)
    result["device"]["part"] = part
    if not same_part(part, job["part"]):
        raise RunError("part", "the overlay is for {}; the job is for {}".format(part, job["part"]))
    pynq = import_pynq()
    result["device"]["pynq"] = str(getattr(pynq, "__version__", "unknown"))
    say("loading {}".format(job["overlay"]))
    try:
        overlay = load(pynq, overlay_path, job["clock"]["requested_mhz"])
    except Exception as error:
        raise RunError("overlay", "{} cannot be loaded ({})".format(job["overlay"], error)) from error
    if job["ip"] not in overlay.ip_dict:
        raise RunError(
            "ip", "the overlay has no {}; it has {}".format(job["ip"], ", ".join(sorted(overlay.ip_dict)) or "no IP")
        )
    result["clock"]["requested_mhz"] = job["clock"]["requested_mhz"]
    result["clock"]["asked_mhz"], result["clock"]["read_back_mhz"] = set_clock(pynq.Clocks, job["clock"])
    place = overlay.ip_dict[job["ip"]]
    mmio = pynq.MMIO(place["phys_addr"], place["addr_range"])
    accelerator = Accelerator(mmio, job["registers"], deadline)
    accelerator.identify()
    layers = []
    finished = False
    try:
        for description in job["layers"]:
            layers.append(Layer(description, folder, pynq.allocate))
        tests = [layer for layer in layers if layer.description["self_test"]]
        measured = [layer for layer in layers if not layer.description["self_test"]]
        result["self_test"] = self_test(accelerator, tests + measured)
        result["layers"] = measure(accelerator, measured, job["warmup"], job["runs"])
        result["network"] = measure_together(accelerator, measured, pynq.allocate, job["warmup"], job["runs"])
        if job["inference"] is not None:
            whole = Inference(job["inference"], folder, accelerator, pynq.allocate)
            layers.append(whole)
            result["inference"] = infer(whole, deadline, job["warmup"], job["runs"])
        finished = True
    finally:
        if not finished and layers:
            # an accelerator that is still busy must not write into memory that is given back
            with contextlib.suppress(Exception):
                overlay.download()
        for layer in layers:
            with contextlib.suppress(Exception):
                layer.free()


def empty_result():
    """Return a result that says nothing yet, but where it comes from."""
    return {
        "version": VERSION,
        "ok": False,
        "error": None,
        "device": {
            "part": None,
            "pynq": None,
            "python": platform.python_version(),
            "kernel": platform.release(),
            "hostname": socket.gethostname(),
        },
        "clock": {"requested_mhz": None, "asked_mhz": None, "read_back_mhz": None},
        "self_test": {"bit_exact": False, "layers": []},
        "layers": [],
        "network": {"cycles": [], "wall_s": [], "layers": []},
        "inference": None,
    }


def fail(code, what, result, file):
    """Name an error in result.json and on standard error; return the exit code."""
    result["ok"] = False
    result["error"] = {"code": code, "what": what}
    print(f"{code}: {what}", file=sys.stderr, flush=True)
    with contextlib.suppress(OSError):
        file.write(result)
    return BUSY if code == "busy" else 1


def run(arguments):
    """Run with the lock held; return the exit code."""
    result = empty_result()
    file = ResultFile(arguments.result)

    def overrun():
        code = fail("deadline", "a call into pynq did not return before the limit was reached", result, file)
        os._exit(code)

    lock = deadline = None
    try:
        job = read_job(arguments.job)
        job["runs"] = arguments.runs or job["runs"]
        lock = Lock(arguments.lock, job["design"])
        try:
            holder = lock.take()
        except OSError as error:
            raise RunError("lock", f"{arguments.lock} cannot be opened ({error.strerror})") from error
        if holder is not None:
            raise RunError("busy", f"another run has the board: {holder}")
        parts = len(job["inference"]["steps"]) if job["inference"] else 0
        samples = (2 * len(job["layers"]) + 1 + 3 * parts) * job["runs"]
        file.reserve(RESERVE_BYTES + samples * BYTES_A_SAMPLE)
        deadline = Deadline(float(job["deadline_s"]), overrun)
        run_job(job, arguments.job.parent, deadline, result)
        result["ok"] = True
        file.write(result)
        say("done")
        return 0
    except RunError as error:
        return fail(error.code, error.what, result, file)
    except KeyError as error:
        return fail("job", f"job.json has no {error}", result, file)
    except OSError as error:
        code = "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "system"
        return fail(code, str(error), result, file)
    except SystemExit:
        return fail("stopped", "the run was stopped from outside", result, file)
    except Exception as error:
        return fail("internal", f"{type(error).__name__}: {error}", result, file)
    finally:
        if deadline is not None:
            deadline.timer.cancel()
        if lock is not None:
            lock.release()


def _stopped(number, frame):
    raise SystemExit(1)


def main(words=None):
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="Run a job on a PYNQ board.")
    parser.add_argument("--job", default="job.json")
    parser.add_argument("--result", default="")
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--lock", default="/run/lock/aigchip-board.lock")
    arguments = parser.parse_args(words)
    arguments.job = Path(arguments.job).resolve()
    arguments.result = Path(arguments.result).resolve() if arguments.result else arguments.job.with_name("result.json")
    signal.signal(signal.SIGTERM, _stopped)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
