import math

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.reason import Reason
from orchestrator.model import packed
from orchestrator.model.customer import Customer, DamagedProfile
from orchestrator.model.packed import LARGE, PackedSections, is_packed, length, unpack
from orchestrator.state.history import seal, unseal
from orchestrator.state.value import MAX_VALUE, ProfileTooLarge, decode_sections, encode_sections


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(value))


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(st.none() | st.integers(-(2**63), 2**63) | st.text(), lambda s: st.lists(s, max_size=3)),
        max_size=5,
    )
)
def test_sections_come_back(sections: dict[str, object]) -> None:
    stored = encode_sections({name: raw(value) for name, value in sections.items()})
    assert {name: msgspec.msgpack.decode(value) for name, value in decode_sections(stored).items()} == sections


def test_large_values_are_compressed_and_bounded() -> None:
    stored = encode_sections({"a": raw("x" * 20_000)})
    assert len(stored) < 1000
    assert msgspec.msgpack.decode(unpack(decode_sections(stored)["a"])) == "x" * 20_000
    with pytest.raises(ProfileTooLarge):
        encode_sections({"a": raw(bytes(300_000))})


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="upgrade"):
        decode_sections(b"\x09abc")


def test_sections_this_program_does_not_know_survive() -> None:
    customer = Customer("ada", decode_sections(encode_sections({"future": raw([1, 2])})))
    customer.identity.first_seen = 5
    customer.changed("ids")
    again = Customer("ada", decode_sections(encode_sections(customer.sections())))
    assert again.identity.first_seen == 5
    assert msgspec.msgpack.decode(again.sections()["future"]) == [1, 2]


def test_history_is_sealed_and_read() -> None:
    decisions = [Decision(reason=Reason.ALLOWED, effect="S", at=n, customer="ada") for n in range(8)]
    customer = Customer("ada")
    customer.note(*decisions)
    assert unseal(seal(customer.history)) == customer.decisions() == decisions


@given(st.binary(max_size=80))
def test_damaged_values_are_refused(value: bytes) -> None:
    try:
        decode_sections(value)
    except ValueError:
        return
    assert value[:1] in (b"\x00", b"\x01", b"\x02")


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 30_000), max_size=4), st.sets(st.sampled_from("abcd")))
def test_large_sections_stay_compressed_and_equal_content_gives_equal_bytes(lengths: dict[str, int], read: set[str]) -> None:
    sections = {name: raw("x" * number) for name, number in lengths.items()}
    stored = encode_sections(sections)
    held = decode_sections(stored)
    assert {name for name, one in held.items() if is_packed(one)} == {name for name, one in sections.items() if len(one) > LARGE}
    assert {name: length(one) for name, one in held.items()} == {name: len(one) for name, one in sections.items()}
    again = PackedSections({name: unpack(one) if name in read else one for name, one in held.items()})
    assert encode_sections(again) == stored
    assert {name: bytes(unpack(one)) for name, one in held.items()} == {name: bytes(one) for name, one in sections.items()}


def test_a_section_nobody_reads_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = encode_sections({"hist": raw(["x" * 20_000]), "ids": raw({})})
    monkeypatch.setattr(packed, "_contexts", None)
    customer = Customer("ada", decode_sections(stored))
    customer.identity.first_seen = 5
    customer.changed("ids")
    assert encode_sections(customer.sections())[:1] == stored[:1]
    assert customer.size > 20_000
    with pytest.raises(AttributeError):
        _ = customer.history


def test_what_an_earlier_program_compressed_as_a_whole_is_read() -> None:
    body = msgspec.msgpack.encode({"a": "x" * 20_000})
    assert bytes(decode_sections(b"\x01" + zstandard.ZstdCompressor().compress(body))["a"]) == msgspec.msgpack.encode("x" * 20_000)


def test_a_damaged_section_is_said_when_it_is_read() -> None:
    stored = encode_sections({"hist": raw(["x" * 20_000])})
    customer = Customer("ada", decode_sections(stored[:-8] + bytes(8)))
    with pytest.raises(DamagedProfile, match="`hist`"):
        _ = customer.history


@pytest.mark.parametrize("cut", [0, 1, 5, 20])
def test_a_torn_value_is_refused(cut: int) -> None:
    for content in ("x" * 20_000, "short, but longer than twenty characters in all"):
        with pytest.raises(ValueError, match=r"damaged|format"):
            decode_sections(encode_sections({"a": raw(content)})[:cut])


def test_a_value_at_the_bound_is_stored() -> None:
    room = MAX_VALUE - len(msgspec.msgpack.encode({"a": bytes(70_000)})) + 70_000
    stored = encode_sections({"a": raw(bytes(room))})
    assert len(msgspec.msgpack.decode(unpack(decode_sections(stored)["a"]))) == room
    with pytest.raises(ProfileTooLarge):
        encode_sections({"a": raw(bytes(room + 1))})


def test_numbers_that_messagepack_cannot_hold_or_json_would_lose() -> None:
    """What is beyond 64 bits is refused here too, should it get past the decoding of events; NaN keeps its meaning."""
    with pytest.raises(OverflowError):
        raw(2**64)
    (value,) = decode_sections(encode_sections({"a": raw(float("nan"))})).values()
    assert math.isnan(msgspec.msgpack.decode(value))
