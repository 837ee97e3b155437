"""The version in force in this process, and everything made from it. Swapped between two batches."""

from orchestrator.content.render import LinkMaker, Renderer
from orchestrator.contracts.link_token import LinkToken, Signer
from orchestrator.contracts.topics import Channel
from orchestrator.workspace.workspace import Workspace


class SignedLinks(LinkMaker):
    """Pages behind a message, at the public address."""

    def __init__(self, public_url: str, signer: Signer) -> None:
        self._url = public_url
        self._signer = signer

    def unsubscribe(self, customer: str, topic: str, channel: Channel) -> str:
        return f"{self._url}/unsubscribe/{self._signer.write(LinkToken(customer, channel, topic))}"

    def preferences(self, customer: str, topic: str, channel: Channel) -> str:
        return f"{self._url}/preferences/{self._signer.write(LinkToken(customer, channel, topic))}"


class ActiveVersion:
    """Implements the partition loop's `Active`."""

    def __init__(self, workspace: Workspace, links: LinkMaker) -> None:
        self._links = links
        self._workspace = workspace
        self._renderer = Renderer(workspace, links)

    @property
    def workspace(self) -> Workspace:
        return self._workspace

    @property
    def renderer(self) -> Renderer:
        return self._renderer

    def take_up(self, workspace: Workspace) -> None:
        """From the next batch on."""
        self._workspace, self._renderer = workspace, Renderer(workspace, self._links)
