"""The workspace's list decides who may be called; ops may permit private places by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import ConfigurationError
from workers.calls.hosts import read_private, target_of

HOSTS = ("api.example.com", "*.tarn.example", "other.example:8443", "Case.Example", "203.0.113.9")


def listed(url: str, private: str = "", hosts: tuple[str, ...] = HOSTS) -> str | None:
    found = target_of(url, hosts, read_private(private))
    return None if found is None else found.listed


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("https://api.example.com/x?y=1", "api.example.com"), ("https://API.example.com", "api.example.com"), ("https://api.example.com:443/", "api.example.com"),
        ("https://a.tarn.example", "*.tarn.example"), ("https://a.b.tarn.example/", "*.tarn.example"), ("https://other.example:8443/", "other.example:8443"),
        ("https://case.example", "Case.Example"), ("https://203.0.113.9/", "203.0.113.9"),
    ],
)  # fmt: skip
def test_listed(url: str, entry: str) -> None:
    assert listed(url) == entry


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/", "https://api.example.com:8443/", "https://other.example/", "https://tarn.example/", "https://.tarn.example/", "https://xtarn.example/",
        "https://api.example.com.evil.example/", "https://evil.example/api.example.com", "https://api.example.com@evil.example/", "https://user:pw@api.example.com/",
        "https://evil.example#api.example.com", "https://evil.example?api.example.com", "https://api.example.com./", "ftp://api.example.com/", "//api.example.com/", "api.example.com",
        "", "https:///x", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_not_listed(url: str) -> None:
    assert listed(url) is None


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://1.2.3.4/", "https://[::1]/", "https://2130706433/", "https://0x7f.0.0.1/"])
def test_a_pattern_never_means_an_address(url: str) -> None:
    assert listed(url, hosts=("*.0.0.1", "*.2.3.4", "*.*", "*", "*.1")) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/a b",
        "https://api.example.com/\r\nX: y",
        "https://api.example.com/\x00",
        "https://[::1/",
        "https://evil.example\\@api.example.com/",
        "https://api.example.com:99999/",
        "https://api.example.com/customers/../admin",
        "https://api.example.com/customers/%2E%2e?x=1",
        "https://api.example.com/./x",
    ],
)
def test_what_is_no_url_says_so(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        target_of(url, HOSTS, frozenset())


@given(st.text(max_size=60))
def test_any_text_is_a_target_on_the_list_or_none(text: str) -> None:
    try:
        found = target_of(f"https://{text}", HOSTS, frozenset())
    except ValueError:
        return
    if found is not None:
        assert found.host in ("api.example.com", "other.example", "case.example", "203.0.113.9") or found.host.endswith(".tarn.example")
        assert (found.url.raw_host, found.url.port) == (found.host, found.port), "what was judged is what is called"


def test_http_only_where_ops_permit_it_and_the_workspace_lists_it() -> None:
    hosts = ("localhost:8090",)
    assert listed("http://localhost:8090/", "localhost:8090", hosts) == "localhost:8090"
    assert listed("http://localhost:8090/", "", hosts) is None
    assert listed("http://localhost:8090/", "localhost:8091", hosts) is None
    assert listed("http://localhost:8090/", "localhost:8090", ()) is None, "the workspace has to list it too"
    assert listed("http://[::1]:8090/", "[::1]:8090", ("[::1]:8090",)) == "[::1]:8090"


def test_the_setting_is_a_list_of_places() -> None:
    assert read_private(None) == read_private("") == frozenset()
    assert read_private(" Localhost:8090, 10.0.0.5:443 ") == {("localhost", 8090), ("10.0.0.5", 443)}
    for bad in ("localhost", "*:80", "*.local:80", "a:0", "a:70000", "http://a:80", "10.0.0.0/8"):
        with pytest.raises(ConfigurationError, match="CONCIERGE_CALLS_ALLOW_PRIVATE"):
            read_private(bad)
