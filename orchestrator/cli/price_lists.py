"""Prices and rates of the first provider of each channel, as concierge.toml has them. Secrets are not looked for: nothing is sent."""

from collections.abc import Mapping
from typing import Any

from orchestrator.contracts.topics import CHANNELS
from workers.setting_values import read_price, read_rate

PriceLists = dict[str, Mapping[str, float]]
Rates = dict[str, float]


def price_lists(tables: Mapping[str, Any]) -> tuple[PriceLists, Rates]:
    """Price by channel and country (or `default`), messages a second by channel; a channel without has none. Raises ConfigurationError."""
    prices: PriceLists = {}
    rates: Rates = {}
    for channel in CHANNELS:
        found = tables.get(channel)
        table = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
        where = f"concierge.toml: [[{channel}]] number 1"
        if "price" in table:
            prices[channel] = read_price(table["price"], f"{where}: price")
        if "rate" in table:
            rates[channel] = read_rate(table["rate"], f"{where}: rate")
    return prices, rates
