"""Replications once more, to watch single requests: the reference plays the path that any engine has played."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.policies import Policy
from sim.replication import Replication
from sim.requests import watch
from sim.tally import answering
from sim.watching import Sample, Watch, Watched, Who

_Found = tuple[tuple[int, Who], Watched]  # with its replication


@dataclass(frozen=True)
class Slow:
    """A request of a replication, and how long its answer took [ns]."""

    replication: int
    who: Who
    response_ns: int


@dataclass(frozen=True)
class Replay:
    """How the replications of a run are played again.

    ``of`` is one of them; ``policies`` are those of its pools; ``slowest`` requests of each were kept.
    """

    of: Replication
    policies: Mapping[str, Policy]
    slowest: int

    def watched(self, slow: Sequence[Slow]) -> list[Watched]:
        """Those requests, in their order.

        Only the replications they belong to are played, each until its last watched request has ended, and of these
        only the sources that those requests may have met: what shares no station with them changes nothing.
        """
        by_replication: dict[int, list[Slow]] = defaultdict(list)
        for one in slow:
            by_replication[one.replication].append(one)
        found = {key: seen for number, some in by_replication.items() for key, seen in self._seen(number, some)}
        return [found[one.replication, one.who] for one in slow]

    def sample(self, replication: int, wanted: int, measured: int) -> list[Watched]:
        """So many of the ``measured`` requests of a replication, evenly drawn by number in the order of birth."""
        return [one for _, one in self._played(replication, Sample(wanted, measured))]

    def _seen(self, number: int, slow: Sequence[Slow]) -> list[_Found]:
        who = [one.who for one in slow]
        sources = self._meeting(who)
        found = self._played(number, Watch(who, sources))
        if sources is not None and not self._same(found, slow):
            found = self._played(number, Watch(who))  # something else joins them
        if not self._same(found, slow):
            raise AssertionError(f"replication {number} took another path when it was played again")
        return found

    def _same(self, found: Iterable[_Found], slow: Sequence[Slow]) -> bool:
        """Whether what was seen took as long as what was measured."""
        times = {one.who: one.response_ns for one in slow}
        return {who: self._response(who, one) for (_, who), one in found} == times

    def _response(self, who: Who, one: Watched) -> int:
        """Of an answer whose last part was never delivered: those parts that were."""
        flow = self.of.network.sources[who[0]].flow
        parts = {flow.names[task] for task in answering(flow)} & one.delivered.keys()
        return max((one.delivered[task] - one.born_ns for task in parts), default=-1)

    def _meeting(self, who: Iterable[Who]) -> frozenset[int] | None:
        if self.of.controls or self.policies:
            return None
        from sim.compiled.parts import joined  # a tenth of a second that others need not wait

        return joined(self.of.network, {source for source, _ in who})

    def _played(self, number: int, what: Watch) -> list[_Found]:
        watch(self.of.of_number(number), what, self.policies)
        network = self.of.network
        return [((number, (one.number, one.sequence)), one.told(network, number)) for one in what.seen]
