"""`concierge plan` beside a running `up`: it counts the people who stand in a step, and refuses what would strand them."""

import shutil
from pathlib import Path

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_workspace
from tests.e2e.test_cli import concierge
from tests.integration.running import running

ROOT = Path(__file__).parents[2]


async def test_people_in_a_running_store_are_counted_and_not_stranded(tmp_path: Path) -> None:
    brand = tmp_path / "brand"
    for folder in ("config", "templates"):
        shutil.copytree(ROOT / folder, brand / folder)
    loaded = load_workspace(brand, {}, check_message)
    assert loaded.workspace is not None
    async with running(loaded.workspace, tmp_path / "data") as (runtime, client):
        await runtime.apply(loaded.workspace, loaded.files)
        people = [f"p{n}" for n in range(20)]
        await client.send(
            *({"type": "identify", "userId": who, "traits": {"email": f"{who}@example.com", "first_name": "Ada"}} for who in people)
        )
        for number, who in enumerate(people):
            await client.track(who, "Visit Completed", visit_id=f"v{number}", technician="Bob", visited_at="2026-03-02T09:00:00Z")
        await client.until(lambda found: len(found) == 20)
        journey = brand / "config/journeys/visit_survey.yaml"
        text = journey.read_text()
        changed = text.replace("timeout: 24h", "timeout: 48h")
        journey.write_text(changed)
        shown = concierge("plan", "--data", str(tmp_path / "data"), cwd=brand).stdout
        assert "timeout 24h → 48h   20 people keep their instant" in shown
        drawn = concierge("plan", "--graph", "visit_survey", "--data", str(tmp_path / "data"), cwd=brand).stdout
        assert drawn.startswith("flowchart TD")
        assert "20 people" in drawn
        picture = concierge("plan", "--graph", "visit_survey", "--picture", "svg", "--data", str(tmp_path / "data"), cwd=brand).stdout
        assert picture.startswith("<svg ")
        assert ">20 people</text>" in picture
        name = next(
            line.split("id: ")[1].strip() for line in text.splitlines() if "- id: " in line and "wait_until" in text.split(line)[1][:80]
        )
        journey.write_text(text.replace(f"- id: {name}\n", f"- id: {name}_renamed\n"))
        refused = concierge("plan", "--data", str(tmp_path / "data"), cwd=brand, code=1).stdout
        assert f"J040  visit_survey: step '{name}' is gone, 20 people stand in it" in refused
        kept = text.replace(f"- id: {name}\n", f"- id: {name}_renamed\n    was: [{name}]\n")
        journey.write_text(kept)
        assert f"was '{name}'   20 people keep their instant" in concierge("plan", "--data", str(tmp_path / "data"), cwd=brand).stdout
