"""Journeys as pictures: whole documents, each step a box, each way a line, nothing on top of another."""

import itertools
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from orchestrator.content.check import check_message
from orchestrator.plan.layers import BOX, HIGH, lay_out
from orchestrator.plan.mermaid import mermaid, ways_of
from orchestrator.plan.people import People
from orchestrator.plan.standing import Crowd, Place
from orchestrator.plan.svg import svg
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.load import load_files
from tests.one_journey import workspace

ROOT = Path(__file__).parents[3]
COOKBOOK = load_files(read_files(ROOT / "docs/cookbook"), {}, check_message).workspace
assert COOKBOOK is not None
JOURNEYS = list(COOKBOOK.journeys.values())
SPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("journey", JOURNEYS, ids=[one.name for one in JOURNEYS])
def test_every_step_is_a_box_and_every_way_a_line(journey: Journey) -> None:
    drawn = ET.fromstring(svg(journey))
    boxes = [float(one.attrib["x"]) for one in drawn.iter(f"{SPACE}rect") if "x" in one.attrib]
    lines = [one for one in drawn.iter(f"{SPACE}path") if "marker-end" in one.attrib]
    ways = [way for step in journey.steps.values() for way in ways_of(step)]
    assert len(boxes) == len(journey.steps) + 2, "the entry and the end"
    assert len(lines) == len(ways) + 1 == mermaid(journey).count("-->")
    assert min(boxes) >= 0
    assert max(boxes) + BOX <= float(drawn.attrib["width"])


def test_no_box_or_passing_line_lies_on_a_box() -> None:
    order = [f"n{number}" for number in range(7)]
    edges = [
        ("n0", "n1", ""),
        ("n0", "n2", ""),
        ("n0", "n6", "far"),
        ("n1", "n3", ""),
        ("n2", "n3", ""),
        ("n3", "n4", ""),
        ("n4", "n1", "back"),
        ("n4", "n5", ""),
        ("n5", "n6", ""),
    ]
    found = lay_out(order, edges)
    for (x, y), (other_x, other_y) in itertools.combinations(found.places.values(), 2):
        assert y != other_y or abs(x - other_x) >= BOX
    for (start, end, _text), points in zip(edges, found.lines, strict=True):
        if start == "n4" and end == "n1":
            assert all(x >= found.places[start][0] + BOX / 2 for x, _y in points[:3]), "a way back goes round"
            assert max(x for x, _y in points) > max(x for x, _y in found.places.values()) + BOX / 2
            continue
        assert [y for _x, y in points] == sorted(y for _x, y in points)
        for x, y in points[1:-1]:
            assert not any(abs(x - box_x) < BOX / 2 and box_y <= y <= box_y + HIGH for box_x, box_y in found.places.values())


def test_people_and_any_text() -> None:
    text = "journey: try_it\ntitle: 'a <b> & \"c\" é'\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: rest, delay: 2d}\n  - {branch: [{when: customer.score < 3, then: exit}]}\n"
    journey = workspace({"try_it": text}).journeys["try_it"]
    crowd = Crowd()
    crowd.add([(Place(journey.version, "rest", "delay"), None)])
    drawn = svg(journey, People({"try_it": crowd}))
    shown = ["".join(one.itertext()) for one in ET.fromstring(drawn).iter(f"{SPACE}text")]
    assert 'a <b> & "c" é: Ping' in shown
    assert "1 person" in shown
    assert any("customer.score < 3" in text for text in shown)
