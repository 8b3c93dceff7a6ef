"""Twenty small scenarios in which waiting decides what is bought: one for each seed, all figures invented."""

from __future__ import annotations

import random

NUMBERS = range(1, 21)

# Limits on ``look`` [ms] between what two neighbouring counts give in a long simulation, in place of the drawn ones.
BETWEEN = {4: 11.6, 10: 33.0, 12: 24.0, 16: 40.0, 20: 18.0}

ARRIVALS = {
    "random phases": "kind: periodic, rate: {rate} /s per camera",
    "Poisson": "kind: poisson, rate: {rate} /s per camera",
    "in phase": "kind: periodic, rate: {rate} /s per camera, phase: aligned",
    "staggered": "kind: periodic, rate: {rate} /s per camera, phase: staggered",
    "Poisson per site": "kind: poisson, rate: {rate} /s per site",
}
PLANTS = {
    "one plant": ("{all: {count: 1}}", "", 3),
    "two kinds of plant": ("{large: {count: 1}, many: {count: 2}}", "", 2),
    "two lines": ("{all: {count: 1, lines: 2}}", " per line", 2),
}
SPREADS = {
    "constant times": "{ms:.2f} ms",
    "exponential times": "{{mean: {ms:.2f} ms, distribution: exponential}}",
    "log-normal times": "{{mean: {ms:.2f} ms, distribution: lognormal, cv: 0.6}}",
}
TAILS = {"constant times": 1.0, "exponential times": 4.0, "log-normal times": 2.8}  # p99 ÷ mean, about


def small(number: int) -> tuple[str, str]:
    """What scenario ``number`` is about, in words, and its text."""
    draw = random.Random(number)
    arrivals = list(ARRIVALS)[number % 5]
    plants = list(PLANTS)[number % 3] if arrivals != "Poisson per site" else "one plant"
    spread = draw.choice(list(SPREADS))
    simple = plants == "two kinds of plant"  # else there would be thousands of placements
    cascade, second = not simple and number % 4 in (1, 2), not simple and number % 4 == 3
    words = [plants, arrivals, spread, *["cascade"] * cascade, *["two workloads"] * second]
    groups, per, boxes = PLANTS[plants]
    rate = draw.choice([15, 20, 25]) * (3 if arrivals == "Poisson per site" else 1)
    rate //= 2 if second else 1
    quick = {
        "plain-camera": draw.uniform(25, 60),
        "small-box": draw.uniform(7, 12),
        "large-box": draw.uniform(4, 6),
        "big-server": draw.uniform(3, 5),
        "own-gpu": draw.uniform(2, 3),
    }
    drawn = round(quick["small-box"] * TAILS[spread] * draw.choice([1.2, 1.6, 2.2, 3.0]), 1)
    limit = BETWEEN.get(number, drawn)
    floor = draw.choice(["", "      accuracy: {at_least: 62 %, measure: own test}\n"])
    private = draw.random() < 0.3
    words += ["accuracy floor"] * bool(floor) + ["pictures stay"] * private
    workloads = [_workload("first", ARRIVALS[arrivals].format(rate=rate), cascade, limit, floor, draw)]
    if second:
        other = draw.choice(list(ARRIVALS.values())).format(rate=rate)
        workloads.append(_workload("second", other, False, round(limit * 1.5, 1), "", draw))
    cameras = draw.choice([2, 3])
    text = f"""schema: 1
name: small-{number}
about: {", ".join(words)}.
sites:
  plant: {{region: de, groups: {groups}}}
pools:
  camera: {{tier: device, at: plant, hardware: plain-camera, count: {cameras}{per}, owned: all, paid_by: user}}
  box: {{tier: gateway, at: plant, hardware: [small-box, large-box], count: 0..{boxes}{per}}}
  server: {{tier: on_prem, at: plant, hardware: big-server, count: 0..2, spare: {draw.choice([0, 1])}}}
  region: {{tier: regional_cloud, at: westeurope, offer: own-gpu, count: 0..2}}
links:
  field: {{within: plant, each: node, rtt: 0.2 ms, up: 1 Gbit/s, down: 1 Gbit/s}}
  uplink:
    {{from: plant, to: westeurope, rtt: {draw.randint(4, 16)} ms, up: {draw.randint(15, 40)} Mbit/s, down: 20 Mbit/s,
     price: {{data: {draw.uniform(0.0005, 0.003):.4f} USD/GB}}}}
data:
  picture: {{class: personal, may_reach: {"[plant]" if private else "[plant, eu]"}}}
  extract: {{class: internal}}
workloads:
{"".join(workloads)}figures:
{_figures(quick, SPREADS[spread])}prices:
  small-box: {{price: {draw.randint(80, 200)} USD, power: {{idle: 5 W, busy: 9 W}}}}
  large-box: {{price: {draw.randint(180, 450)} USD, power: {{idle: 8 W, busy: 30 W}}}}
  big-server: {{price: {draw.randint(500, 1100)} USD, power: {{idle: 40 W, busy: 90 W}}}}
  own-gpu at westeurope: {draw.uniform(0.01, 0.05):.3f} USD/h
  egress at westeurope: 0.05 USD/GB
  electricity: {{de: 0.2 USD/kWh}}
  per_node:
    {{installation: 10 USD, lifetime: 4 years, maintenance: 10 % per year, failures: 2 % per year, truck_roll: 20 USD}}
  money: {{discount_rate: 5 %}}
"""
    return ", ".join(words), text


def _workload(name: str, arrivals: str, cascade: bool, limit_ms: float, floor: str, draw: random.Random) -> str:
    latency = [f"look: {{{draw.choice(['p95', 'p99'])}: {limit_ms} ms}}"]
    share, check = draw.choice([10, 25, 100]), ""
    accuracy = "look: {quick: 60 %, keen: 66 %}"
    if cascade:
        latency.append(f"check: {{p95: {limit_ms * 3:.1f} ms}}")
        data, tiers = draw.choice(["picture", "extract"]), draw.choice(["gateway, on_prem", "on_prem, regional_cloud"])
        check = f"""      check:
        {{after: look, share: {share} %, model: expert, input: 30 kB of {data}, output: 1 kB, answers: true,
         tiers: [{tiers}]}}
"""
        accuracy += ", check: {expert: 80 %}"
    return f"""  {name}:
    source: camera
    arrivals: {{{arrivals}}}
    tasks:
      look: {{model: [quick, keen], input: 20 kB of picture, output: 1 kB, answers: true}}
{check}    accuracy: {{measure: own test, {accuracy}}}
    requires:
{floor}      latency: {{{", ".join(latency)}}}
"""


def _figures(quick: dict[str, float], spread: str) -> str:
    factors = {"quick": 1.0, "keen": 1.7, "expert": 2.5}
    return "".join(
        f"  - {{model: {model}, hardware: {hardware}, time: {spread.format(ms=ms * factor)}}}\n"
        for model, factor in factors.items()
        for hardware, ms in quick.items()
        if not (model == "expert" and hardware == "plain-camera")
    )
