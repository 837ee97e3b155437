"""Rules that apply to nothing, values that could never hold, senders that no provider takes: said where they are written."""

import pytest

from tests.unit.workspace.test_lint import CONCIERGE, MESSAGE, POLICIES, PROFILE, edited, load

RULE = "classes: [marketing]"
LIMITS = "suppression:\n"
DNC = "context:\n"
SURVEYS = "surveys: {type: integer, default: 0}"

WRONG = [
    # file, old, new, code, part of what is said, part of the fix
    (POLICIES, RULE, f"{RULE}\n    journeys: [monthly_offer]", "P002", "'monthly_offer'", "monthly_offers"),
    (POLICIES, RULE, f"{RULE}\n    messages: [visit_surve]", "P002", "'visit_surve'", "visit_survey"),
    (POLICIES, RULE, f"{RULE}\n    tags: [nope]", "P002", "'nope'", ""),
    (POLICIES, LIMITS, 'quiet_hours: [{rule: n, from: "20:00", to: "08:00", journeys: [visit_surve]}]\nsuppression:\n', "P002", "'visit_surve'", "visit_survey"),
    (POLICIES, LIMITS, "limits: {channels: {sms: {countries: [GB, UK]}}}\nsuppression:\n", "Y013", "'UK'", ""),
    (POLICIES, "then: hold", "then: drop", "Y005", "max_hold", "hold"),
    (PROFILE, "state: revoked", "state: revoke", "Y005", "'revoke'", "revoked"),
    (PROFILE, 'channel: "*", topic', "channel: mail, topic", "Y005", "'mail'", "email"),
    (PROFILE, "    each: event.choices\n", "", "E003", "'item'", ""),
    (PROFILE, DNC, f"do_not_contact: [{{event: Case Reopened, level: all, until: Case Closd}}]\n{DNC}", "E010", "'Case Closd'", "Case Closed"),
    (PROFILE, "event: Product Viewed", "event: Product Vewed", "E010", "'Product Vewed'", "Product Viewed"),
    (PROFILE, "value: event.product", "value: event.prodct", "E004", "'prodct'", "product"),
    (PROFILE, "issues:\n", "computed: {spent: {sum: Order Placed, of: item.price}}\nissues:\n", "E003", "'item'", "event"),
    (PROFILE, "{type: choice, of: [slow, fast, tv]}", "{type: choice}", "C003", "'plan' has no `of`", "of:"),
    (PROFILE, SURVEYS, "surveys: {type: integer, default: many}", "Y004", "`many`", "integer"),
    (PROFILE, "of: [slow, fast, tv]", "of: [slow, fast, tv], default: fats", "Y005", "`fats`", "fast"),
    (PROFILE, SURVEYS, f"{SURVEYS}\n  vip: {{type: boolean, default: no}}", "Y008", "`no`", "boolean"),
    (PROFILE, "packages: {type: list}", "packages: {type: list, of: [tv]}", "Y005", "`of` beside", "choice"),
    (PROFILE, "issues:\n", "computed: {surveys: {count: Survey Answered}}\nissues:\n", "C001", "'surveys'", "another"),
    (PROFILE, "issues:\n", "computed: {email: {last: Order Placed, of: event.order_id}}\nissues:\n", "C001", "'email'", "another"),
    (PROFILE, "packages: {type: list}", "packages: {type: list, from: trait.packages}", "C007", "'trait'", "traits"),
    (PROFILE, "packages: {type: list}", "packages: {type: list, from: event.packages}", "C007", "'event'", "traits"),
    (PROFILE, "packages: {type: list}", 'packages: {type: list, from: "traits.{{ x }}"}', "C007", "no path", "traits"),
    (PROFILE, "issues:\n", "retention: {events: 10d}\ncomputed: {orders: {count: Order Placed, within: 30d}}\nissues:\n", "E012", "'orders'", "retention"),
    (PROFILE, SURVEYS, f"{SURVEYS}\n  postcode: {{type: text}}", "C006", "'postcode'", "pii"),
    (PROFILE, SURVEYS, f"{SURVEYS}\n  birthday: {{type: date}}", "C006", "'birthday'", "pii"),
    (PROFILE, "issues:\n", "computed: {orders: {count: Order Placed, of: event.price}}\nissues:\n", "Y005", "`of` beside `count`", "sum"),
    (CONCIERGE, '"hello@${MAIL_DOMAIN:-news.example.com}"', "hello at example.com", "Y005", "'hello at example.com'", "@"),
    (CONCIERGE, "${SMS_SENDER:-TARN}", "Tarn Fibre Ltd", "Y005", "'Tarn Fibre Ltd'", ""),
    (CONCIERGE, "${WHATSAPP_SENDER:-+441520000000}", "01520000000", "Y005", "'01520000000'", "+44"),
    (MESSAGE, "3: action.url", "4: action.url", "Y005", "1, 2, 4", "1, 2, 3"),
    (MESSAGE, ", de: HXfedcba9876543210fedcba9876543210", "", "M002", "no template in de", "add"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "what", "fix"), WRONG, ids=[f"{one[3]}-{one[4]}" for one in WRONG])
def test_a_mistake_has_its_code_and_line(file: str, old: str, new: str, code: str, what: str, fix: str) -> None:
    text = edited(file, old, new)
    found = [one for one in load({file: text}).findings if one.code == code and what in one.what]
    assert found, [(one.code, one.line, one.what) for one in load({file: text}).findings]
    assert found[0].file == file
    assert fix in found[0].fix
    assert text.decode().splitlines()[found[0].line - 1] in new + text.decode()


RIGHT = [
    (POLICIES, RULE, f"{RULE}\n    journeys: [monthly_offers]\n    messages: [monthly_offer]"),
    (POLICIES, LIMITS, "limits: {channels: {sms: {countries: [GB, DE]}}}\nsuppression:\n"),
    (PROFILE, "state: revoked", "state: granted"),
    (PROFILE, DNC, f"do_not_contact: [{{event: Case Reopened, level: all, until: Case Closed}}]\n{DNC}"),
    (PROFILE, DNC, f"{DNC}  shown: {{event: identify, value: event.traits.plan}}\n"),
    (PROFILE, "of: [slow, fast, tv]", "of: [slow, fast, tv], default: fast, from: traits.subscription.plan"),
    (PROFILE, SURVEYS, f"{SURVEYS}\n  vip: {{type: boolean, default: false}}\n  pay: {{type: text, from: billing.method}}"),
    (PROFILE, "issues:\n", "computed: {orders: {count: Order Placed, within: 30d}}\nissues:\n"),
    (CONCIERGE, "${SMS_SENDER:-TARN}", "+447700900123"),
    (CONCIERGE, "${SMS_SENDER:-TARN}", "Tarn Fibre"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new"), RIGHT, ids=[one[2][:40] for one in RIGHT])
def test_what_is_right_raises_nothing(file: str, old: str, new: str) -> None:
    assert load({file: edited(file, old, new)}).findings == ()
