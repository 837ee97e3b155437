"""How long a fault run is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Events at least (more when the harm takes longer), how often the harm is done, events a second at most."""

    events: int
    times: int
    rate: float
