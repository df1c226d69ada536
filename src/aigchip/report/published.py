"""What others published of the networks that ours are held against, at equal products a second."""

from __future__ import annotations

from dataclasses import dataclass

from aigchip.report.roofline import NetworkPoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Times of an accelerator at batch 1.

    Attributes:
        name: of the accelerator.
        source: where the figures stand.
        gmacs: products that its arrays can form in a second [10^9/s].
        convolutions: whether fully connected layers are left out.
        milliseconds: network and resolution to the time of an inference [ms].
    """

    name: str
    source: str
    gmacs: float
    convolutions: bool
    milliseconds: dict[str, float]


CHAIDNN = Published(
    name="CHaiDNN",
    source="its own table, 1,024 DSPs of a ZU9 at 250/500 MHz, 8 bits",
    gmacs=512.0,
    convolutions=True,
    milliseconds={
        "alexnet@224": 1e3 / 390.3,  # at 227
        "googlenet@224": 1e3 / 151.8,
        "resnet50@224": 1e3 / 43.1,
        "vgg16@224": 1e3 / 19.3,
    },
)
DPU = Published(
    name="DPU",
    source="Vitis AI's model zoo, two B4096 at 300 MHz on a ZCU104, one thread",
    gmacs=614.0,
    convolutions=False,
    milliseconds={
        "resnet50@224": 11.97,
        "googlenet@224": 5.24,
        "vgg16@224": 46.5,
        "mobilenetv2@224": 3.52,
        "yolov2_voc@448": 35.2,
    },
)


def shares(found: NetworkPoints) -> dict[str, float]:
    """Return our time by that of each accelerator that published the network, as if theirs formed as many products a second."""
    gmacs = found.macs_per_cycle * found.clock_mhz / 1e3
    told: dict[str, float] = {}
    for other in (CHAIDNN, DPU):
        if found.network in other.milliseconds:
            ours = found.convolution_milliseconds() if other.convolutions else found.milliseconds
            told[other.name] = ours / (other.milliseconds[found.network] * other.gmacs / gmacs)
    return told
