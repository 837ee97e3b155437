"""What webhooks ask of Redis: whose a claimed intent is, who was written to at an address; and what they prove."""

from collections.abc import Mapping, Sequence

from orchestrator.state import redis_keys as keys
from orchestrator.state.claiming import confirmed
from orchestrator.state.redis_claim import decode_claim, owner_of, settled_value
from orchestrator.state.redis_claims import TRIES, RedisClaims
from orchestrator.state.redis_scripts import REPLACE
from orchestrator.state.redis_written import PEOPLE, TEXTS


class RedisIntents(RedisClaims):
    """An intent does not say its partition: all are asked, with one MGET for each. That costs a webhook little, and every claim nothing."""

    async def owners(self, intents: Sequence[str]) -> dict[str, str]:
        """The customers of those intents whose claim is still remembered."""
        return {intent: owner_of(value) for intent, (_partition, value) in (await self._standing(dict.fromkeys(intents))).items()}

    async def written_to(self, address_hash: str) -> list[str]:
        """Customers we have written to at an address, the latest first."""
        found = await self.connection.command("ZREVRANGE", keys.written_to(address_hash), 0, PEOPLE - 1)
        return [one.decode("utf-8", "surrogatepass") for one in found]

    async def known(self, partition: int, address_hash: str) -> dict[str, str]:  # noqa: ARG002  (the protocol's signature)
        places: dict[str, int | None] = {}
        for one in await self.connection.command("ZREVRANGE", keys.texts(address_hash), 0, TEXTS - 1):
            place, _space, intent = one.decode().partition(" ")
            places[intent] = int(place)
        claims = {intent: decode_claim(value) for intent, (_partition, value) in (await self._standing(places)).items()}
        return {claim.provider_id: intent for intent, claim in claims.items() if claim.provider_id is not None}

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        """A provider's own word that it has these intents (and its id for them): proof, whatever their sender heard."""
        wanted: dict[str, int | None] = dict.fromkeys(found)
        for _ in range(TRIES):
            by_partition: dict[int, list[tuple[str, bytes, bytes]]] = {}
            for intent, (partition, value) in (await self._standing(wanted)).items():
                after = confirmed(decode_claim(value), found[intent])
                if after is not None:
                    by_partition.setdefault(partition, []).append((intent, value, settled_value(value, after)))
            wanted = {}
            for partition, changes in by_partition.items():
                k = self._keys(partition)
                answers = await self.connection.script(
                    REPLACE, [k.claim(intent) for intent, _v, _n in changes], [part for _i, value, new in changes for part in (value, new)]
                )
                wanted |= {intent: partition for (intent, _v, _n), one in zip(changes, answers, strict=True) if one != 1}
            if not wanted:
                return

    async def _standing(self, places: Mapping[str, int | None]) -> dict[str, tuple[int, bytes]]:
        """The claims, with the partition each stands on; those without a place are looked for on every one."""
        asked = [
            (intent, partition)
            for intent, named in places.items()
            for partition in ([named] if named is not None and 0 <= named < self._partitions else range(self._partitions))
        ]
        values = await self.connection.get_many([self._keys(partition).claim(intent) for intent, partition in asked])
        return {intent: (partition, value) for (intent, partition), value in zip(asked, values, strict=True) if value}
