"""What receipts mean for the customer's view: stops, consent, dead and complaining addresses, the last word they wrote us."""

from orchestrator.contracts.receipt import Receipt
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Statement
from orchestrator.profiles.address import address_hash, address_of
from orchestrator.profiles.consent_state import add_statement
from orchestrator.profiles.erase import granted_anew
from orchestrator.profiles.stops import start, stop
from orchestrator.workspace.workspace import Workspace


def apply_to_profile(customer: Customer, receipt: Receipt, workspace: Workspace) -> list[tuple[str, str]]:
    """Change the profile; returns (address hash, kind) to be noted for the address itself."""
    consents = customer.consents
    if receipt.status == "replied":
        customer.identity.inbound[receipt.channel] = max(customer.identity.inbound.get(receipt.channel, 0), receipt.at)
        customer.changed("ids")
    if receipt.keyword == "stop":
        stop(consents, receipt.channel, receipt.at)
        customer.changed("consents")
    elif receipt.keyword == "start":
        start(consents, receipt.channel, receipt.at)
        customer.changed("consents")
    if receipt.status == "unsubscribed" and receipt.keyword is None:
        # what is chosen on our page is meant word for word; a link leaves as much as the workspace says
        chosen = receipt.consent is not None or workspace.policies.unsubscribe_scope == "topic"
        topic = receipt.topic if chosen and receipt.topic else "*"
        how: dict[str, object] = {"how": "page" if receipt.consent else "unsubscribe"}
        statement = Statement(receipt.channel, topic, receipt.consent or "revoked", receipt.at, how)
        add_statement(consents, statement)
        customer.changed("consents")
        return [*granted_anew(customer, [statement], workspace), *_address(customer, receipt, workspace)]
    return _address(customer, receipt, workspace)


def _address(customer: Customer, receipt: Receipt, workspace: Workspace) -> list[tuple[str, str]]:
    kind = "dead" if receipt.address_dead else "complained" if receipt.status == "complained" else None
    if kind is None:
        return []
    text = receipt.address
    if text is None:
        found = address_of(customer, receipt.channel, workspace)
        text = found.text if found is not None else None
    if text is None:
        return []
    hashed = address_hash(workspace.name, receipt.channel, text)
    if customer.consents.suppressed.get(hashed) != "dead":
        customer.consents.suppressed[hashed] = kind
        customer.changed("consents")
    return [(hashed, kind)]
