"""A message in Twilio's shapes: the resource, the list, the status callback. Source: Twilio's Messages resource, 2010-04-01."""

from email.utils import formatdate

from workers.sandbox.sandbox import Sandbox
from workers.sandbox.segments import segments


def resource(message: dict[str, object], status: str) -> dict[str, object]:
    """The Message resource. With a messaging service neither sender nor number of segments is known yet."""
    prefix = "whatsapp:" if message["channel"] == "whatsapp" else ""
    account, sid, service = message.get("account", ""), message["id"], message.get("service")
    date = formatdate(int(str(message["received_at"])) / 1000, usegmt=False).replace("-0000", "+0000")
    media, text = message.get("media"), _text(message)
    return {
        "account_sid": account, "api_version": "2010-04-01", "body": text, "date_created": date, "date_sent": None, "date_updated": date,
        "direction": "outbound-api", "error_code": message.get("error_code"), "error_message": None,
        "from": None if service and message["from"] == service else f"{prefix}{message['from']}", "messaging_service_sid": service,
        "num_media": str(len(media) if isinstance(media, list) else 0), "num_segments": "0" if service else str(segments(text)),
        "price": None, "price_unit": "USD", "sid": sid, "status": status, "to": f"{prefix}{message['to']}",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json"},
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}.json",
    }  # fmt: skip


def _text(message: dict[str, object]) -> str:
    """Its body. Twilio shows what a template has become; the sandbox knows the template's values only, and shows those."""
    values = message.get("content_variables")
    if message.get("text") or not isinstance(values, dict):
        return str(message.get("text") or "")
    return f"[{message.get('content_sid')}] " + ", ".join(str(value) for value in values.values())


def listing(account: str, found: list[dict[str, object]], size: int, page: int, filters: str, *, more: bool) -> dict[str, object]:
    """One page of the list; `filters` is their query string, beginning with `&` when there are any."""
    uri = f"/2010-04-01/Accounts/{account}/Messages.json?PageSize={size}{filters}"
    return {
        "messages": [resource(one, str(one["status"])) for one in found], "page": page, "page_size": size, "start": page * size,
        "end": page * size + max(len(found) - 1, 0), "first_page_uri": f"{uri}&Page=0", "uri": f"{uri}&Page={page}",
        "next_page_uri": f"{uri}&Page={page + 1}" if more else None, "previous_page_uri": f"{uri}&Page={page - 1}" if page else None,
    }  # fmt: skip


def status_callback(sandbox: Sandbox, message: dict[str, object], status: str, error: int | None = None) -> None:
    """Tell the sender's callback what became of a message."""
    prefix = "whatsapp:" if message["channel"] == "whatsapp" else ""
    fields = {
        "AccountSid": str(message.get("account", "")), "From": f"{prefix}{message['from']}", "To": f"{prefix}{message['to']}",
        "MessageSid": str(message["id"]), "SmsSid": str(message["id"]), "MessageStatus": status, "SmsStatus": status, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    if message.get("service"):
        fields["MessagingServiceSid"] = str(message["service"])
    if error is not None:
        fields["ErrorCode"] = str(error)
    if prefix:
        fields |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": str(message["to"])}
        if status in ("delivered", "read", "undelivered"):
            fields["EventType"] = status.upper()
    sandbox.webhooks.form(str(message.get("callback") or ""), fields)
