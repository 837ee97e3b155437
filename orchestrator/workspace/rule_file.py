"""What every rule of policies.yaml has: selectors, and a version."""

import hashlib
import json
from collections.abc import Mapping
from typing import cast

from orchestrator.contracts.topics import CHANNELS, CLASSES
from orchestrator.workspace.policies import Selectors, Topic
from orchestrator.workspace.profile_file import known_topics
from orchestrator.workspace.shape import Key, ListOf, Reading, Shaped, Text

SELECTORS = {
    "classes": Key(ListOf(Text(CLASSES))), "topics": Key(ListOf(Text())), "channels": Key(ListOf(Text(CHANNELS))),
    "journeys": Key(ListOf(Text())), "tags": Key(ListOf(Text())), "messages": Key(ListOf(Text())),
}  # fmt: skip


def short_hash(data: object) -> str:
    """The first 8 hex digits of the SHA-256 of canonical JSON: the version of a rule."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def read_selectors(one: Shaped, topics: Mapping[str, Topic], reading: Reading) -> Selectors:
    """As written; marketing where no class is. Notes P001 (transactional is named) and P002 (no such topic)."""
    classes = one.get("classes", ["marketing"])
    if isinstance(classes, list) and "transactional" in classes:
        what, why = "a rule names transactional", "transactional messages are never suppressed"
        reading.bad(one.at("classes").item("transactional"), "P001", what, why, "remove it")
    known_topics(cast("list[str]", one.get("topics", [])), one.at("topics"), topics, reading)
    found = {key: frozenset(cast("list[str]", one.get(key))) for key in SELECTORS if key in one}
    return Selectors(**{"classes": frozenset(("marketing",)), **found})  # type: ignore[arg-type]  # the selectors' keys are the fields
