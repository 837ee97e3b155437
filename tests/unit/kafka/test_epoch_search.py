"""A leader's epoch is found in few questions, whatever it is and however it moves on."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.kafka_log_end import EpochSearch


def found(search: EpochSearch, epoch: int) -> tuple[EpochSearch, int]:
    """The search after it was found, and how many questions that took."""
    for asked in range(1, 200):
        if search.guess == epoch:
            return search.found(), asked
        search = search.too_old() if search.guess < epoch else search.too_new()
    raise AssertionError(f"{epoch} was not found")


@given(st.lists(st.integers(0, 1_000_000), max_size=5))
def test_whatever_it_is_and_wherever_it_goes(epochs: list[int]) -> None:
    search = EpochSearch()
    for epoch in epochs:  # back too: a topic may be deleted and made anew
        search, asked = found(search, epoch)
        assert asked <= 60


@given(st.integers(0, 1000), st.integers(0, 3))
def test_the_next_leader_is_near(epoch: int, further: int) -> None:
    assert found(EpochSearch(epoch), epoch + further)[1] <= 4


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), min_size=1, max_size=20))
def test_it_may_move_while_it_is_looked_for(moves: list[tuple[int, int]]) -> None:
    search, epoch = EpochSearch(), 0
    for further, questions in moves:
        epoch += further
        for _ in range(questions):
            if search.guess != epoch:
                search = search.too_old() if search.guess < epoch else search.too_new()
    assert found(search, epoch)[1] <= 60
