"""A shop with one offer, and journeys whose messages have a place for it."""

OFFER = """  - offer: twice
    topic: news
    valid: {from: 2026-01-01, until: 2027-01-01}
    cap: {max: 1, per: 30d}
    content:
      en:
        title: Twice the *speed*
        body: "For **{{ 5 | money }}** more, {{ customer.first_name | default('you') }}."
        action: {label: See it, url: "https://example.com/twice?for={{ customer.id }}"}
"""
OFFERS = "offers:\n" + OFFER
STEPS = """journey: try_it
class: CLASS
entry: {event: Ping}
steps:
  - {id: a, send: hello, channels: [email], offer: after_body}
"""
SERVICE = STEPS.replace("CLASS", "service")
POLICIES = """topics:
  news: {title: News, consent: {email: opt_in, sms: opt_in, whatsapp: opt_in}}
  visits: {title: Visits, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}
"""
"""Offers are of a topic that people agree to; what else the shop writes is of one that they can leave."""


def more_offers(*ones: str) -> str:
    """A file with these, each a mapping in one line, laid over a plain offer."""
    base = "topic: news, valid: {until: 2027-01-01}, cap: {max: 1, per: 30d}"
    return "offers:\n" + "".join(f"  - {{{one}, {base}, content: {{en: {{title: T, body: B}}}}}}\n" for one in ones)
