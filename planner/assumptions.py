"""The figures that nobody measured, and what each is worth in the bill."""

from __future__ import annotations

from planner.bill import price, standing, total
from planner.flows import planned_usage
from planner.formats import short_percent
from planner.milp import Solution
from planner.plans import Assumption, BillLine
from planner.problem import Problem
from scenarios.figures import DERIVED, Figure
from scenarios.journey import legs
from scenarios.placement import Placement
from scenarios.technologies import by_distance

HIGHER = 1.1  # each figure is tried this much higher


def assumptions(problem: Problem, solution: Solution, usd: float) -> tuple[Assumption, ...]:
    """Every assumed or estimated figure of the scenario, the largest effect on the bill first.

    A price acts on the bill of the plan as it stands; what a service time is worth is not worked out.
    """
    scenario = problem.scenario
    placement = solution.placement(problem)
    found = []
    for path, what, figure in scenario.prices.assumed():
        changed = scenario.prices.scaled(path, HIGHER)
        lines: tuple[BillLine, ...] = (
            *standing(scenario),
            *price(scenario.with_prices(changed), placement, planned_usage(scenario, placement)),
        )
        found.append(Assumption(path, what, _shown(figure), figure.kind, figure.source, total(lines) - usd))
    own = (figure for figure in scenario.figures if figure.kind in ("assumed", *DERIVED))
    found += [Assumption(figure.path, figure.what, figure.text, figure.kind, figure.why, None) for figure in own]
    found += [*_spreads(solution, problem), *_no_link(problem, placement), *_servers(problem)]
    return tuple(sorted(found, key=lambda a: -abs(a.effect_usd_per_month or 0.0)))


def _spreads(solution: Solution, problem: Problem) -> list[Assumption]:
    """Service times of which only a mean was published, or no tail."""
    found = {}
    for candidate in solution.candidates(problem).values():
        for step in candidate.route.steps:
            variant = step.variant
            if variant.spread:
                what = f"spread of {variant.name} on {variant.hardware}"
                value = variant.spread.removeprefix("assumed ")
                why = "no percentile above it was measured" if "beyond" in value else "the source gives a mean only"
                found[what] = Assumption("figures", what, value, "assumed", why, None)
    return list(found.values())


def _no_link(problem: Problem, placement: Placement) -> list[Assumption]:
    """Places within which messages travel although no link is stated there."""
    scenario, found = problem.scenario, {}
    for route in placement.routes:
        for leg in legs(scenario, scenario.workload(route.workload), route):
            between = leg.receiver in {pool.name for pool in scenario.pools} - {leg.sender}
            if between and not leg.hops:
                place = scenario.pool(leg.sender).at
                what, why = f"no link within {place}", "messages between the pools there take no time"
                found[place] = Assumption("links", what, "instantaneous", "assumed", why, None)
    return list(found.values())


def _servers(problem: Problem) -> list[Assumption]:
    """Technologies measured by distance whose server is said to be nowhere: the nearest counts."""
    found = []
    for name, text in problem.scenario.document.get("links", {}).items():
        stated = text.get("technology", "")
        if by_distance(stated) and not {"server", "rtt"} & set(text):
            path, what = f"links.{name}.server", f"distance of the server over {name} ({stated})"
            found.append(Assumption(path, what, "within 20 km", "assumed", "no distance is stated", None))
    return found


def _shown(figure: Figure) -> str:
    if figure.unit == "1/year":
        return f"{short_percent(figure.value)} per year"
    return f"{figure.value:g}" + ("" if figure.unit == "1" else f" {figure.unit}")
