"""Traits written by a journey's `update_profile`."""

from orchestrator.frame import Frame
from orchestrator.profiles.traits import write

write_trait = write


__all__ = ["Frame", "write_trait"]
