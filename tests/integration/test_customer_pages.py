"""What a customer does on our pages: a look changes nothing, a click leaves a topic, choices are meant word for word."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.model.customer import Customer
from orchestrator.profiles.consent_state import state
from orchestrator.runtime.settings import PARTITIONS
from orchestrator.state.value import decode_sections
from orchestrator.workspace.workspace import Workspace
from tests.integration.running import Client, running
from tests.integration.test_embedded import ADA, AGREES, OFFER


async def profile(runtime: EmbeddedRuntime) -> Customer:
    for partition in range(PARTITIONS):
        held = await runtime.store.load(partition, ["ada"])
        if held:
            return Customer("ada", decode_sections(held["ada"]))
    raise AssertionError("nobody there")


async def until(runtime: EmbeddedRuntime, channel: str, topic: str, wanted: str) -> None:
    for _ in range(100):
        if state((await profile(runtime)).consents, channel, topic) == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError((channel, topic, state((await profile(runtime)).consents, channel, topic)))


async def mail(client: Client, locale: str = "en") -> dict[str, str]:
    """The links of an offer's mail: name to address."""
    await client.send({**ADA, "traits": {**ADA["traits"], "locale": locale}}, AGREES)  # type: ignore[dict-item]  # a mapping
    await client.track("ada", "Offer Prepared", **OFFER)
    (message,) = await client.until(lambda found: len(found) == 1)
    return {
        name: found[0]
        for name in ("unsubscribe", "preferences")
        if (found := re.search(rf"http://\S+/{name}/[\w-]+", str(message["html"])))
    }


async def get(client: Client, url: str, method: str = "GET", **form: str) -> str:
    async with client.session.request(method, url, data=form or None, allow_redirects=False) as response:
        assert response.status == 200
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        return await response.text()


async def test_a_look_changes_nothing_and_a_click_leaves_the_topic(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (runtime, client):
        links = await mail(client)
        before = (await profile(runtime)).consents.statements
        for method in ("GET", "HEAD", "GET"):
            await get(client, links["unsubscribe"], method)
            await get(client, links["preferences"], method)
        await asyncio.sleep(0.3)
        assert (await profile(runtime)).consents.statements == before
        told = await get(client, links["unsubscribe"], "POST", **{"List-Unsubscribe": "One-Click"})
        assert "You will not receive <strong>Offers</strong>" in told
        await until(runtime, "email", "offers", "revoked")
        assert state((await profile(runtime)).consents, "sms", "offers") == "granted"
        again = re.search(r'href="(\.\./preferences/[^"]+)"', told)
        assert again is not None
        assert "You left <strong>Offers</strong> on" in await get(
            client, f"{client.url}/unsubscribe/x/{again[1]}".replace("/unsubscribe/x/..", "")
        )


async def test_choices_are_meant_word_for_word_and_everything_is_everything(example: Workspace, tmp_path: Path) -> None:
    whole = replace(example, policies=replace(example.policies, unsubscribe_scope="channel"))
    async with running(whole, tmp_path) as (runtime, client):
        links = await mail(client)
        assert "all our messages by Email" in await get(client, links["unsubscribe"])
        boxes = dict(re.findall(r'name="([a-z]+:[a-z]+)"[^>]*?( checked)?>', await get(client, links["preferences"])))
        assert boxes["offers:email"] == " checked"
        assert boxes["offers:whatsapp"] == ""
        kept = {name: "on" for name, checked in boxes.items() if checked and name != "offers:email"}
        saved = await get(client, links["preferences"], "POST", do="save", **kept)
        assert "Saved." in saved
        await until(runtime, "email", "offers", "revoked")
        assert state((await profile(runtime)).consents, "email", "visits") == "none", (
            "leaving one topic by page leaves no other, whatever links leave"
        )
        stopped = await get(client, links["preferences"], "POST", do="stop", **kept)
        assert " checked" not in stopped
        await until(runtime, "whatsapp", "topic of next year", "revoked")


async def test_pages_speak_the_persons_language_in_the_brands_name(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        links = await mail(client, "de-AT")
        page = await get(client, links["preferences"])
        for words in ('lang="de"', "Was wir Ihnen schreiben", "Tarn Fibre", "--brand:#0B5FFF", "Sie haben <strong>Offers</strong> am"):
            assert words in page
        assert "Abmelden" in await get(client, links["unsubscribe"])
        async with client.session.post(links["preferences"], data=b"x" * 70_000) as response:
            assert response.status == 413
        async with client.session.post(links["preferences"], data=b"\xff=%ff") as response:
            assert response.status == 400
