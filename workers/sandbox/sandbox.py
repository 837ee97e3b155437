"""The sandbox: a provider that keeps everything to itself. What it knows, and what it tells back."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from workers.sandbox.faults import Faults
from workers.sandbox.store import SandboxStore
from workers.sandbox.webhooks import Webhooks, WebhookTargets, hosts_of

KEY_FILE = "sandbox-signing-key.pem"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """`folder` None: nothing outlives the process. `auth_token` signs Twilio's webhooks.

    `webhook_base` is the gateway's address, empty for no webhooks; `sendgrid_webhook_url` and `twilio_inbound_url` name others than
    the gateway's own paths below it. Status callbacks, whose address a request names, are made to loopback, to the hosts of these
    addresses and to `webhook_hosts`, nowhere else.
    """

    folder: Path | None
    webhook_base: str = ""
    auth_token: str = "sandbox-token"  # noqa: S105  (the sandbox takes any; this one signs its webhooks)
    deliver: bool = True
    """Report messages as delivered by itself."""
    api_key: str = ""
    """The one SendGrid key that is taken; empty takes any."""
    sendgrid_webhook_url: str = ""
    twilio_inbound_url: str = ""
    webhook_hosts: tuple[str, ...] = ()


class Sandbox:
    """`clock` in milliseconds; `ids` gives 32 fresh hex digits."""

    def __init__(self, settings: SandboxSettings, clock: Callable[[], int], ids: Callable[[], str]) -> None:
        self.settings = settings
        self.clock = clock
        self.ids = ids
        self.store = SandboxStore(settings.folder)
        self.faults = Faults()
        self._key = signing_key(settings.folder)
        base = settings.webhook_base
        sendgrid = settings.sendgrid_webhook_url or (f"{base}/webhooks/sendgrid" if base else "")
        inbound = settings.twilio_inbound_url or (f"{base}/webhooks/twilio/inbound" if base else "")
        self.webhooks = Webhooks(
            WebhookTargets(sendgrid, inbound, hosts_of(base, sendgrid, inbound) | set(settings.webhook_hosts)),
            self._key,
            settings.auth_token,
            clock,
        )
        self.version = 0
        self.closing = asyncio.Event()
        """Set when the server stops: whoever waits ends."""

    def public_key(self) -> str:
        """Base64 SubjectPublicKeyInfo, as SendGrid shows it."""
        return public_text(self._key)

    def changed(self) -> None:
        """Tell the page."""
        self.version += 1


def signing_key(folder: Path | None) -> ec.EllipticCurvePrivateKey:
    """The key webhooks are signed with: kept in the folder, made when there is none."""
    path = None if folder is None else folder / KEY_FILE
    if path is not None and path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    key = ec.generate_private_key(ec.SECP256R1())
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return key


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Base64 of the DER SubjectPublicKeyInfo."""
    return b64encode(key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
