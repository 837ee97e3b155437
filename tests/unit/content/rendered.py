"""A message of the worked example, rendered for one customer."""

from orchestrator.content.render import Renderer, Unrendered
from orchestrator.contracts.message import EmailContent, TemplateContent, TextContent
from orchestrator.contracts.topics import Channel
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.journeys.names import run_names
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.model.sections import Stamped
from orchestrator.policies.pace import Pace
from orchestrator.workspace.message import Message
from orchestrator.workspace.workspace import Workspace
from tests.worlds import T0


def render(
    workspace: Workspace, message: Message, channel: Channel, properties: dict[str, object], *, window: bool = True, **traits: object
) -> EmailContent | TextContent | TemplateContent | Unrendered:
    customer = Customer("ada")
    for name, value in traits.items():
        customer.traits[name] = Stamped(value, 0)
    renderer = Renderer(workspace, NoLinks())
    frame = frame_for(customer, Surroundings(workspace, renderer, 0, 1, T0, Pace()), T0)
    journey = workspace.journeys["visit_survey"]
    entry = EventSnapshot(name="e", type="track", timestamp=T0, arrival=T0, sequence=0, properties=properties)
    names = run_names(Run(journey=journey.name, key="", number=1, version="", started_at=T0, sequence=0, entry=entry), journey, frame)
    names["message"] = {"name": message.name, "class": "service", "topic": message.topic, "journey": journey.name, "step": "ask"}
    found = renderer.render(message, channel, frame, names, window_open=window, message_class="service")
    return found if isinstance(found, Unrendered) else found.content


VISIT: dict[str, object] = {"technician": "Bob", "visit_id": "v1", "visited_at": "2026-03-02T09:00:00Z"}
