"""A whole network on a board: layers from lists of jobs on the accelerator, the operators between them on the processor.

For Python 3.8 and later, with numpy; goes to the board beside runner.py. Maps of layers and operators lie in one buffer, which
is the memory of B and of C, in the accelerator's order; aigchip.mapping.plan says where.
"""

import time

import numpy
from accelerator import JobList, RunError, place_in_memory

UNTOUCHED = 0xA5


def output_map(memory, output):
    """Cut a map (channels, rows, columns) out of its planes of blocks; some of what lies there is no part of it."""
    pixels, block = output["plane_pixels"], output["block"]
    planes = memory.reshape(-1, pixels, block).transpose(0, 2, 1).reshape(-1, pixels)
    rows, pitch = output["rows"], output["pitch"]
    channels = planes[: output["channels"], : rows * pitch]
    return channels.reshape(-1, rows, pitch)[:, :, : output["columns"]]


def put_map(memory, output, values):
    """Put a map (channels, rows, columns) into its planes of blocks."""
    planes = memory.reshape(-1, output["plane_pixels"], output["block"])
    rows, pitch = output["rows"], output["pitch"]
    whole = numpy.zeros((planes.shape[0] * output["block"], rows, pitch), memory.dtype)
    whole[: output["channels"], :, : output["columns"]] = values
    planes[:, : rows * pitch] = whole.reshape(planes.shape[0], output["block"], -1).transpose(0, 2, 1)


def taps(values, window, fill):
    """Yield what each tap of a window sees, (channels, output rows, output columns)."""
    top, left, bottom, right = window["padding"]
    channels, rows, columns = values.shape
    padded = numpy.full((channels, rows + top + bottom, columns + left + right), fill, values.dtype)
    padded[:, top : top + rows, left : left + columns] = values
    (kernel_rows, kernel_columns), (down, across), (apart_y, apart_x) = (
        window["kernel"],
        window["stride"],
        window["dilation"],
    )
    last_y = padded.shape[1] - apart_y * (kernel_rows - 1)
    last_x = padded.shape[2] - apart_x * (kernel_columns - 1)
    for row in range(kernel_rows):
        for column in range(kernel_columns):
            y, x = row * apart_y, column * apart_x
            yield padded[:, y : y + last_y : down, x : x + last_x : across]


def scaled(total, scaling):
    """Return clamp((total + (zero point << shift) + 2 ** (shift - 1)) >> shift)."""
    shift = scaling["shift"]
    total = (total + (scaling["output_zero_point"] << shift) + (1 << (shift - 1))) >> shift
    return numpy.clip(total, scaling["low"], scaling["high"]).astype("i1")


def operate(node, inputs):
    """Carry out an operator on maps (channels, rows, columns) of 8 bits; a softmax gives real numbers."""
    kind, first, scaling = node["kind"], inputs[0], node["scaling"]
    if kind == "max_pool":
        found = None
        for seen in taps(first, node["window"], -128):
            found = seen.copy() if found is None else numpy.maximum(found, seen, out=found)
        return found
    if kind == "average_pool":
        centred = first.astype("i8") - scaling["zero_points"][0]
        return scaled(sum(taps(centred, node["window"], 0)) * scaling["multipliers"][0], scaling)
    if kind in ("add", "rescale"):
        pairs = zip(inputs, scaling["zero_points"], scaling["multipliers"])
        return scaled(sum((values.astype("i8") - zero) * factor for values, zero, factor in pairs), scaling)
    if kind == "concat":
        return numpy.concatenate(inputs)
    if kind == "upsample":
        return first.repeat(node["factor"], axis=1).repeat(node["factor"], axis=2)
    if kind == "reorg":
        factor, (channels, rows, columns) = node["factor"], first.shape
        blocks = first.reshape(channels, rows // factor, factor, columns // factor, factor)
        return blocks.transpose(2, 4, 0, 1, 3).reshape(channels * factor * factor, rows // factor, columns // factor)
    if kind == "softmax":
        values = (first.astype("f8") - node["input_zero_point"]) * node["input_scale"]
        powers = numpy.exp(values - values.max(axis=0))
        return powers / powers.sum(axis=0)
    raise RunError("job", f"operator {node['name']} is {kind}, which this runner does not know")


class Inference:
    """A network in memory, as job.json describes it.

    Attributes:
        starts: how often an inference starts the accelerator.
    """

    def __init__(self, told, folder, accelerator, allocate):
        self.buffers = []
        self.lists = {}
        self.steps = told["steps"]
        self.places = told["places"]
        weights = self._read(folder, told["image_a"], "u1")
        expected = self._read(folder, told["expected"], "i1")
        self.fresh = numpy.full(told["maps_bytes"], UNTOUCHED, "u1")
        picture = self._read(folder, told["input"], "u1")
        self.fresh[told["input_at"] : told["input_at"] + picture.size] = picture
        self.expected, at = {}, 0
        for node in told["maps"]:
            size = int(numpy.prod(node["shape"]))
            self.expected[node["name"]] = expected[at : at + size].reshape(node["shape"])
            at += size
        self.values = {}
        self.stale = False  # the accelerator wrote maps that the processor's cache does not hold
        try:
            self.a, first_a = self._take(weights.size, allocate)
            self.maps, self.first = self._take(self.fresh.size, allocate)
            self.a[first_a : first_a + weights.size] = weights
            self.a.flush()
            at = int(self.maps.device_address) + self.first
            memories = {"gmem_a": int(self.a.device_address) + first_a, "gmem_b": at, "gmem_c": at}
            for number, step in enumerate(self.steps):
                if "jobs" in step:
                    jobs = [dict(job["arguments"], **memories) for job in step["jobs"]]
                    self.lists[number] = JobList(accelerator, jobs, allocate)
        except BaseException:
            self.free()
            raise
        self.starts = len(self.lists)

    @staticmethod
    def _read(folder, name, kind):
        try:
            return numpy.fromfile(folder / name, dtype=kind)
        except OSError as error:
            raise RunError("job", f"{folder / name} cannot be read ({error.strerror})") from error

    def _take(self, size, allocate):
        buffer, first = place_in_memory(size, allocate, "the network")
        self.buffers.append(buffer)
        return buffer, first

    def _map(self, name):
        """Return the memory of a map and how the map lies in it."""
        where = self.places[name]
        memory = numpy.asarray(self.maps)[self.first + where["at"] : self.first + where["at"] + where["bytes"]]
        return memory.view("i1"), where

    def run(self, doing):
        """Infer once; return for each step its cycles, those of its jobs and its wall time, or the operator's and the layout's."""
        self.maps[self.first : self.first + self.fresh.size] = self.fresh
        self.maps.flush()
        self.values = {}
        samples = []
        for number, step in enumerate(self.steps):
            if "jobs" in step:
                samples.append(self.lists[number].run(doing))
                self.stale = True
            else:
                samples.append(self._on_processor(step["host"]))
        return samples

    def _on_processor(self, node):
        started = time.perf_counter()
        if self.stale:  # also before a flush, which else might put an old map over a new one
            self.maps.invalidate()
            self.stale = False
        inputs = []
        for name in node["inputs"]:
            inputs.append(self.values[name] if name in self.values else numpy.array(output_map(*self._map(name))))
        laid_out = time.perf_counter()
        found = self.values[node["name"]] = operate(node, inputs)
        done = time.perf_counter()
        if node["name"] in self.places:
            put_map(*self._map(node["name"]), values=found)
            self.maps.flush()
        return done - laid_out, laid_out - started + time.perf_counter() - done

    def compare(self, when):
        """Compare every map of 8 bits with the reference."""
        self.maps.invalidate()
        for name, wanted in self.expected.items():
            found = self.values[name] if name in self.values else output_map(*self._map(name))
            wrong = found != wanted
            if wrong.any():
                at = tuple(int(axis[0]) for axis in numpy.nonzero(wrong))
                raise RunError(
                    "wrong-result",
                    "{} {}: element {}, {}, {} of its map is {}; must be {} ({} of {} elements are wrong)".format(
                        name, when, *at, int(found[at]), int(wanted[at]), int(wrong.sum()), wrong.size
                    ),
                )

    def together(self, samples):
        """Return each step with its samples of all runs; jobs of one name do one layer."""
        parts = []
        for number, step in enumerate(self.steps):
            of_step = [sample[number] for sample in samples]
            if "jobs" in step:
                cycles, alone, walls = (list(column) for column in zip(*of_step))
                of_layer = {}
                for place, job in enumerate(step["jobs"]):
                    of_layer.setdefault(job["name"], []).append(place)
                layers = [
                    {"name": name, "cycles": [sum(one[place] for place in places) for one in alone]}
                    for name, places in of_layer.items()
                ]
                parts.append({"layers": layers, "cycles": cycles, "wall_s": walls})
            else:
                seconds, layout = (list(column) for column in zip(*of_step))
                node = step["host"]
                parts.append(
                    {"operator": node["name"], "kind": node["kind"], "seconds": seconds, "layout_seconds": layout}
                )
        return parts

    def free(self):
        """Give the memory back."""
        for jobs in self.lists.values():
            jobs.free()
        for buffer in self.buffers:
            buffer.freebuffer()
        self.buffers, self.lists = [], {}
