"""Who is due when, in a test: of many people the next is found without looking at all of them."""

import heapq
from dataclasses import dataclass, field


@dataclass(slots=True)
class Due:
    """Customer to instant (milliseconds). Entries of the heap that are no longer true are passed over."""

    _instants: dict[str, int] = field(default_factory=dict)
    _heap: list[tuple[int, int, str]] = field(default_factory=list)
    _number: int = 0

    def put(self, customer: str, when: int | None) -> None:
        """From now on this is when they are due; None: never."""
        if when is None:
            self._instants.pop(customer, None)
        elif self._instants.get(customer) != when:
            self._instants[customer] = when
            self._number += 1
            heapq.heappush(self._heap, (when, self._number, customer))

    def first(self) -> int | None:
        """The next instant at which somebody is due."""
        while self._heap and self._instants.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def up_to(self, at: int) -> list[tuple[str, int]]:
        """Everybody who is due by then, the earliest first; they stay until they are put elsewhere."""
        taken: list[tuple[int, int, str]] = []
        while (first := self.first()) is not None and first <= at:
            taken.append(heapq.heappop(self._heap))
        for one in taken:
            heapq.heappush(self._heap, one)
        return list({customer: when for when, _number, customer in taken}.items())
