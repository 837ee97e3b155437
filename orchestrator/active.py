"""The version in force in this process, and everything made from it. Swapped between two batches."""

from orchestrator.content.render import LinkMaker, Renderer
from orchestrator.contracts.link_token import LinkToken, Signer
from orchestrator.contracts.topics import Channel
from orchestrator.workspace.pauses import Pauses, with_pauses
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
    """Implements the partition loop's `Active`: what was applied, and which of its journeys are paused by command or by the guard."""

    def __init__(self, workspace: Workspace, links: LinkMaker) -> None:
        self._links = links
        self._applied = self._workspace = workspace
        self._paused: Pauses = {}
        self._renderer = Renderer(workspace, links)

    @property
    def workspace(self) -> Workspace:
        """As applied, but that journeys which are paused by command or by the guard are paused."""
        return self._workspace

    @property
    def stamp(self) -> str:
        """Another one whenever people in flight have to be looked at afresh."""
        return " ".join((self._applied.version, *sorted(self._paused)))

    @property
    def renderer(self) -> Renderer:
        return self._renderer

    def take_up(self, workspace: Workspace) -> None:
        """From the next batch on."""
        self._applied, self._renderer = workspace, Renderer(workspace, self._links)
        self._workspace = with_pauses(workspace, self._paused)

    def standing_still(self) -> list[tuple[tuple[str, ...], float]]:
        """For the metrics: paused journeys and by whom."""
        return [((name, one.paused_by), 1.0) for name, one in sorted(self._workspace.journeys.items()) if one.status == "paused"]

    def pause(self, journeys: Pauses) -> bool:
        """These are paused, and no others, from the next batch on. Whether that is something new."""
        if journeys == self._paused:
            return False
        self._paused = journeys
        self._workspace = with_pauses(self._applied, journeys)
        return True
