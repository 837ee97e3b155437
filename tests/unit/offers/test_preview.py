"""`concierge preview` shows the offer that a message would carry."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from tests.one_journey import files
from tests.unit.offers.shop import SERVICE, more_offers

OFFERS = more_offers("offer: gold, when: customer.tier == 'gold', priority: 80", "offer: others").replace("until: 2027", "until: 2999")
EVERYWHERE = SERVICE.replace("[email]", "[email, sms, whatsapp]")


def preview(folder: Path, *arguments: str, tier: str = "gold", journey: str = EVERYWHERE, offers: str = OFFERS) -> Result:
    for name, text in files({"try_it": journey}, offers=offers).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    (folder / "ada.json").write_text(json.dumps({"first_name": "Ada", "tier": tier}), "utf-8")
    return CliRunner().invoke(main, ["--workspace", str(folder), *arguments, "preview", "hello", "--customer", str(folder / "ada.json")])


def test_each_channel_carries_the_one_that_fits(tmp_path: Path) -> None:
    for tier, name in (("gold", "gold"), ("tin", "others")):
        shown = json.loads(preview(tmp_path, "--json", tier=tier).stdout)
        assert {one["channel"]: one["offer"] for one in shown} == {"email": name, "sms": name, "whatsapp": name}
        for one in shown:
            assert "Hello" in one["text"]
            assert one["text"].rstrip().removesuffix("1 Mill Lane https://example.com/unsubscribe/news").rstrip().endswith("\nB")
            assert f"offer {name}, for whoever agreed to news" in one["notes"]


def test_it_says_that_none_fits(tmp_path: Path) -> None:
    only_gold = more_offers("offer: gold, when: customer.tier == 'gold'")
    shown = json.loads(preview(tmp_path, "--json", tier="tin", offers=only_gold).stdout)
    assert {one["offer"] for one in shown} == {""}
    assert all("no offer fits" in one["notes"] for one in shown)


def test_a_message_without_a_place_says_nothing_of_offers(tmp_path: Path) -> None:
    shown = json.loads(preview(tmp_path, "--json", journey=EVERYWHERE.replace(", offer: after_body", "")).stdout)
    assert {one["offer"] for one in shown} == {None}
    assert "offer" not in " ".join(note for one in shown for note in one["notes"])


def test_people_read_it_too(tmp_path: Path) -> None:
    found = preview(tmp_path)
    assert found.exit_code == 0, found.output
    assert "offer gold" in found.output
