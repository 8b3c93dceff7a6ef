"""The planner against the truth of the simulator: `make brute-force` prints the table of README.md.

For each scenario of ``small_scenarios`` every placement there is (routes × hardware × node counts) is listed and
priced; then they are simulated from the cheapest upwards, far longer than the planner does and with another seed, until
one meets every limit. Nothing of the planner takes part in that but the function that prices a month. Rules, accuracy
and expected usage are worked out here a second time, so the planner's own are checked too.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from small_scenarios import NUMBERS, small

import planner
import scenarios
import sim
from planner.bill import price, standing, total
from scenarios.demand import reach, sources
from scenarios.journey import NoPath, legs, seen_at
from scenarios.placement import Nodes, Placement, Route, Step
from scenarios.places import Group
from scenarios.scenario import Scenario
from scenarios.variants import variants
from scenarios.workloads import Workload
from sim.usage import MONTH_S, Usage

SEED = 20_261_121  # the planner simulates with seed 1
STAGES = (5, 30, 100, 400)  # replications in all after each look; where phases are random only their number counts
SPAN_S, WARM_UP_S = 2.0, 1.5
CLEAR = 3.0  # half-widths of the 95 % interval by which a limit must be missed to stop before the last stage

Verdict = Literal["met", "missed", "met, close", "missed, close"]
Options = dict[tuple[str, str | None], str]  # pool, group → hardware


@dataclass(frozen=True)
class Priced:
    placement: Placement
    usd: float


@dataclass(frozen=True)
class Row:
    """One scenario; ``cheapest`` is the truth, ``None`` where no placement meets everything."""

    number: int
    what: str
    placements: int
    missing: int  # cheaper ones that are stable, but miss a limit in truth
    cheapest: float | None
    planned: float | None
    bound: float | None
    verdict: Verdict | Literal["–"]  # of the long simulation on the planner's choice
    same: bool
    repriced: float  # the planner's bill from simulated instead of expected usage, as a ratio
    seconds: float

    @property
    def difference(self) -> float | None:
        if self.cheapest is None or self.planned is None:
            return None
        return self.planned / self.cheapest - 1


# placements


def placements(scenario: Scenario) -> list[Priced]:
    """Every placement that keeps the rules, cheapest first; limits on the response time are left to the simulator."""
    per_origin = [
        list(_routes(scenario, workload, group))
        for workload in scenario.workloads
        for group in scenario.groups_of(scenario.pool(workload.source))
    ]
    found = []
    for routes in itertools.product(*per_origin):
        used = _hardware(scenario, routes)
        if used is not None:
            base = total(standing(scenario))
            usage = _usage(scenario, routes)
            for nodes in _counts(scenario, used):
                placement = Placement(routes, nodes)
                found.append(Priced(placement, base + total(price(scenario, placement, usage))))
    return sorted(found, key=lambda one: one.usd)


def _routes(scenario: Scenario, workload: Workload, group: Group | None) -> Iterator[Route]:
    steps = [list(_steps(scenario, workload, task.name, group)) for task in workload.tasks]
    for chosen in itertools.product(*steps):
        route = Route(workload.name, group.key if group else "", chosen)
        if _hardware(scenario, [route]) is not None and _keeps_rules(scenario, workload, route):
            yield route


def _steps(scenario: Scenario, workload: Workload, name: str, group: Group | None) -> Iterator[Step]:
    task = workload.task(name)
    for pool in scenario.pools:
        away = pool.local and (group is None or pool.at != group.site)
        others = pool.dispatch == "own" and pool.name != workload.source
        barred = any(tiers is not None and pool.tier not in tiers for tiers in (task.tiers, workload.requires.tiers))
        if not (away or others or barred):
            for choice in pool.choices:
                for variant in variants(scenario, workload, task, pool, choice, group):
                    yield Step(name, pool.name, variant)


def _keeps_rules(scenario: Scenario, workload: Workload, route: Route) -> bool:
    rules = {item.name: item.may_reach for item in scenario.data}
    try:
        sent = legs(scenario, workload, route)
    except NoPath:
        return False
    for leg in sent:
        allowed = rules.get(leg.message.data) if leg.message.data else None
        if allowed is not None and not seen_at(scenario, leg) <= allowed:
            return False
    floor = workload.requires.accuracy_at_least
    return floor is None or _accuracy(workload, route) >= floor - 1e-12


def _accuracy(workload: Workload, route: Route) -> float:
    """Of the last answers, in a chain of tasks that all answer."""
    reached = [*reach(workload).values(), 0.0]
    whole = 0.0
    for step, goes_in, goes_on in zip(route.steps, reached, reached[1:], strict=False):
        assert step.variant.accuracy is not None
        whole += (goes_in - goes_on) * step.variant.accuracy.value
    return whole


def _hardware(scenario: Scenario, routes: Sequence[Route]) -> Options | None:
    """One hardware for each pool in use at each group; ``None`` where two are wanted."""
    used: Options = {}
    for route in routes:
        for step in route.steps:
            key = (step.pool, route.group if scenario.pool(step.pool).local else None)
            if used.setdefault(key, step.variant.hardware) != step.variant.hardware:
                return None
    return used


def _counts(scenario: Scenario, used: Options) -> Iterator[tuple[Nodes, ...]]:
    per_pool = []
    for pool in scenario.pools:
        for group in scenario.groups_of(pool):
            key = (pool.name, group.key if group else None)
            if key in used or pool.count.low > 0:
                most = pool.count.high if key in used else pool.count.low
                numbers = range(max(pool.count.low, 1), most + 1)
                per_pool.append([Nodes(*key, used.get(key, pool.choices[0]), n, pool.spare) for n in numbers])
    return itertools.product(*per_pool)


def _usage(scenario: Scenario, routes: Sequence[Route]) -> Usage:
    """A month's expected usage, from rates, shares and sizes."""
    requests, busy, calls, messages, size = (defaultdict[tuple[str | None, ...], float](float) for _ in range(5))
    for route in routes:
        workload, group = scenario.workload(route.workload), scenario.group(route.group)
        stream = sources(scenario, workload, group)
        born = MONTH_S * stream.rate_per_s * stream.number * group.count
        requests[workload.name, group.key] += born
        share = reach(workload)
        for step in route.steps:
            key = (step.pool, group.key if scenario.pool(step.pool).local else None)
            calls[key] += born * share[step.task] * workload.task(step.task).copies
            busy[key] += (
                born
                * share[step.task]
                * workload.task(step.task).copies
                * step.variant.service.mean_s
                / scenario.pool(step.pool).slots
            )
        for leg in legs(scenario, workload, route):
            for hop in leg.hops:
                crossed = (hop.link.name, hop.direction, group.key)
                messages[crossed] += born * share[leg.task] * leg.copies
                size[crossed] += born * share[leg.task] * leg.copies * leg.message.size_bytes
    return Usage(requests, busy, calls, messages, size)  # type: ignore[arg-type]


# the truth


def overloaded(scenario: Scenario, placement: Placement) -> bool:
    """Whether a queue grows without end; the figures of so short a look do not count."""
    return bool(sim.simulate(scenario, placement, replications=1, span_s=0.05, warm_up_s=0.0).overloaded)


def judge(scenario: Scenario, placement: Placement) -> tuple[Verdict, sim.Result]:
    """Whether a stable placement truly meets every limit, by a simulation that goes on until that is clear or long."""
    run = sim.prepare(scenario, placement, seed=SEED, span_s=SPAN_S, warm_up_s=WARM_UP_S)
    played = 0
    for wanted in STAGES:
        run.add(wanted - played)
        played = wanted
        result = run.result()
        worst = min(_margin(result, *limit) for limit in _limits(scenario))
        if worst < -CLEAR:
            return "missed", result
    if abs(worst) <= 1:
        return ("met, close" if worst >= 0 else "missed, close"), result
    return ("met" if worst >= 0 else "missed"), result


def _limits(scenario: Scenario) -> Iterator[tuple[str, str, float, str, float]]:
    for workload in scenario.workloads:
        for group in scenario.groups_of(scenario.pool(workload.source)):
            for latency in workload.requires.latency:
                yield workload.name, latency.of, latency.limit_s, group.key if group else "", latency.percentile


def _margin(result: sim.Result, workload: str, of: str, limit_s: float, group: str, asked: float) -> float:
    """What attainment leaves, in half-widths of its interval on the side of the question."""
    attained = result.attainment(workload, of, limit_s, group)
    left = attained.value - asked
    half = attained.value - attained.low if left > 0 else attained.high - attained.value
    return left / half if half > 0 else math.copysign(math.inf, left)


def cheapest(scenario: Scenario, every: Sequence[Priced]) -> tuple[Priced | None, int]:
    """The cheapest placement that meets every limit in truth, and how many stable cheaper ones miss one."""
    missed = 0
    for one in every:
        if not overloaded(scenario, one.placement):
            if judge(scenario, one.placement)[0].startswith("met"):
                return one, missed
            missed += 1
    return None, missed


def compare(number: int) -> Row:
    started = time.perf_counter()
    what, text = small(number)
    scenario = scenarios.load_text(text, file=f"small-{number}.yaml")
    every = placements(scenario)
    best, missed = cheapest(scenario, every)
    plan = planner.plan(scenario)
    verdict: Verdict | Literal["–"] = "–"
    repriced = math.nan
    if plan.placement is not None and plan.usd_per_month is not None:
        verdict, result = judge(scenario, plan.placement)
        again = total((*standing(scenario), *price(scenario, plan.placement, result.usage)))
        repriced = again / plan.usd_per_month
    return Row(
        number,
        what,
        len(every),
        missed,
        best.usd if best else None,
        plan.usd_per_month,
        plan.bound_usd_per_month,
        verdict,
        bool(best and plan.placement and _alike(best.placement, plan.placement)),
        repriced,
        time.perf_counter() - started,
    )


def _alike(one: Placement, other: Placement) -> bool:
    return {*one.routes} == {*other.routes} and {n for n in one.nodes if n.count} == {n for n in other.nodes if n.count}


# the table


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:]] or list(NUMBERS)
    print("| | scenario | placements | cheaper that miss | cheapest true | planned | difference | in truth |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as processes:
        for row in processes.imap(compare, numbers):
            rows.append(row)
            print(_line(row), flush=True)
    print(f"\n{_sum_up(rows)}")


def _line(row: Row) -> str:
    truth, planned = (f"{usd:.2f}" if usd is not None else "none" for usd in (row.cheapest, row.planned))
    difference = "–" if row.difference is None else "same" if row.same else f"{row.difference:+.1%}"
    return (
        f"| {row.number} | {row.what} | {row.placements} | {row.missing} | {truth} | {planned} | {difference} "
        f"| {row.verdict} |"
    )


def _sum_up(rows: Sequence[Row]) -> str:
    """Plainly: how much dearer, how often wrong, and whether the stated bounds hold."""
    compared = [(row, row.difference) for row in rows if row.difference is not None]
    worst, most = max(compared, key=lambda pair: abs(pair[1]), default=(None, 0.0))
    mean = sum(difference for _, difference in compared) / max(len(compared), 1)
    same = sum(row.same for row in rows)
    missed = [row.number for row in rows if row.verdict.startswith("missed")]
    close = [row.number for row in rows if row.verdict.endswith("close")]
    disagree = [row.number for row in rows if (row.cheapest is None) != (row.planned is None)]
    above = [row.number for row, _ in compared if (row.bound or 0.0) > (row.cheapest or 0.0) + 0.005]
    off = max((abs(row.repriced - 1) for row in rows if math.isfinite(row.repriced)), default=0.0)
    return "\n".join(
        (
            f"- The plan is the cheapest true placement in {same} of {len(rows)} scenarios; its cost differs by "
            f"{mean:+.1%} on average, at most by {most:+.1%}{f' (scenario {worst.number})' if worst and most else ''}.",
            f"- Plans that miss a limit in truth: {_list(missed)}; too close to tell: {_list(close)}.",
            f"- Found infeasible by one side only: {_list(disagree)}; bound above the truth: {_list(above)}.",
            f"- Priced from simulated instead of expected usage the plans' bills change by {off:.2%} at most.",
        )
    )


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


if __name__ == "__main__":
    main()
