"""What one channel does not deliver goes out on the next, in the embedded runtime."""

from pathlib import Path

from tests.integration.running import running
from tests.one_journey import workspace

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps: [{id: tell, send: hello, channels: [sms, email]}]
"""


async def test_a_number_that_the_provider_refuses_is_followed_by_an_email(tmp_path: Path) -> None:
    async with running(workspace({"try_it": JOURNEY}), tmp_path) as (_runtime, client):
        refused = [{"channel": "sms", "status": 400, "code": 21614}]
        async with client.session.put(f"{client.url}/sandbox/faults", json=refused) as response:
            assert response.status == 200, await response.text()
        await client.send({"type": "identify", "userId": "ada", "traits": {"email": "ada@example.com", "phone": "+447911123456"}})
        await client.track("ada", "Basket Changed", basket="b1")
        [message] = await client.until(lambda found: len(found) == 1)
        assert (message["channel"], message["to"]) == ("email", "ada@example.com")
        async with client.session.get(f"{client.url}/sandbox/faults") as response:
            assert [rule["acted"] for rule in await response.json()] == [1], "the text was tried once"
