import pytest

from orchestrator.content.links import on_hosts, tagged

HOSTS = ("example.com", "*.example.com")


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://example.com/a", True), ("https://a.b.example.com", True), ("https://example.com:8443/x?y#z", True), ("https://evil.example/", False),
        ("https://example.com.evil.example/", False), ("https://evilexample.com/", False), ("https://user@evil.example/example.com", False), ("nonsense", False), ("https://[", False),
    ],
)  # fmt: skip
def test_whose_link(url: str, ours: bool) -> None:
    assert on_hosts(url, HOSTS) is ours


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a", "https://example.com/a?utm_source=c&utm_medium=e%20m"), ("https://example.com/a?b=1#top", "https://example.com/a?b=1&utm_source=c&utm_medium=e%20m#top"),
        ("https://example.com/?utm_source=x", "https://example.com/?utm_source=x&utm_medium=e%20m"), ("https://evil.example/a", "https://evil.example/a"),
    ],
)  # fmt: skip
def test_campaign_parameters(url: str, expected: str) -> None:
    assert tagged(url, HOSTS, {"source": "c", "medium": "e m"}) == expected
