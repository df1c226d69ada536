"""Join synthesised modules into one Verilog top."""

from csynth.link.link import link
from csynth.link.model import (
    ChannelSpec,
    MaxiSpec,
    Network,
    Port,
    ProcessInstance,
    ScalarOutSpec,
    ScalarSpec,
    StreamSpec,
)

__all__ = [
    "ChannelSpec",
    "MaxiSpec",
    "Network",
    "Port",
    "ProcessInstance",
    "ScalarOutSpec",
    "ScalarSpec",
    "StreamSpec",
    "link",
]
