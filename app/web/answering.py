"""Working out what is asked; what is known already is not worked out again."""

from __future__ import annotations

from dataclasses import dataclass

import sim
from app.invocation import Invocation
from app.report.parts import Section
from app.web.kept import kept
from app.web.measures import Compared
from app.web.working import Say
from planner.plans import Plan
from scenarios.scenario import Scenario
from sim.result import Result

MOST_REPLICATIONS = 10  # of a baseline: enough to compare with
AS_WRITTEN = "as written"


@dataclass(frozen=True)
class Answer:
    """A plan, and the command that asks for it."""

    asked: Invocation
    plan: Plan

    def is_of(self, scenario: Scenario, seed: int) -> bool:
        return self.plan.scenario.hash == scenario.hash and self.plan.seed == seed


def is_known(scenario: Scenario, seed: int) -> bool:
    return _key(scenario, seed) in kept()


def answered(scenario: Scenario, asked: Invocation, say: Say) -> Answer:
    """The plan as `tierwise plan` makes it.

    Raises
    ------
    BadInput
        Where the scenario asks for what is not planned yet.
    """
    from planner.planning import plan

    made = kept().get(_key(scenario, asked.seed), lambda: plan(scenario, seed=asked.seed, progress=say))
    return Answer(asked, made)


def sections(plan: Plan, say: Say) -> tuple[Section, ...]:
    """What the report says of a plan, with its pictures."""
    from app.report.sections import sections as made

    def drawn() -> tuple[Section, ...]:
        say("the pictures")
        return made(plan)

    return kept().get(("sections", *_key(plan.scenario, plan.seed)), drawn)


def against(plan: Plan, name: str, say: Say) -> Compared:
    """A baseline of a plan, simulated under the same demand and with the same random numbers."""
    baseline = next(one for one in plan.baselines if one.name == name)
    words = name.replace("_", " ")
    result, why = None, ""
    if baseline.placement is not None and plan.result is not None:
        placement, number = baseline.placement, min(plan.result.replications, MOST_REPLICATIONS)
        key = ("played", *_key(plan.scenario, plan.seed), name)

        def played() -> Result:
            say(words)
            return sim.simulate(
                plan.scenario,
                placement,
                replications=number,
                seed=plan.seed,
                progress=lambda done, wanted: say(f"{words}, replication {done} of {wanted}"),
            )

        try:
            result = kept().get(key, played)
        except sim.PrivacyViolation as violation:
            why = str(violation)
    return Compared(words, plan.scenario, baseline.placement, baseline.usd_per_month, result, why, baseline.breaks)


def compared(plan: Plan) -> Compared:
    """A whole plan, to compare another one with."""
    return Compared(AS_WRITTEN, plan.scenario, plan.placement, plan.usd_per_month, plan.result)


def _key(scenario: Scenario, seed: int) -> tuple[str, str, int]:
    return ("plan", scenario.hash, seed)
