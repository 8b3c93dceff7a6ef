"""How to look at a scenario: samples of sites, and spans that suit them."""

from __future__ import annotations

import jsonschema
import pytest

import scenarios
from hardware_profiles.faults import BadInput
from scenarios.language.document import Document
from scenarios.scenario import Scenario

TEXT = """
schema: 1
name: labels
about: Labels.
sites: {shop: {region: de, groups: {north: {count: 300}, south: {count: 40}}}, depot: {region: de, count: 2}}
pools: {till: {tier: device, at: shop, hardware: toy-till, count: 1}}
data: {label: {class: internal}}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 2 /s per till}
    tasks: {read: {time: {till: 5 ms}, input: 5 kB of label, answers: true}}
prices: {toy-till: {price: 1 USD, power: {idle: 1 W, busy: 1 W}}}
"""


def labels(sample: str, counts: tuple[int, int] = (300, 40)) -> Scenario:
    text = TEXT.replace("300", str(counts[0])).replace("count: 40", f"count: {counts[1]}")
    return scenarios.load_text(text + (f"study: {{simulate: {{sample: {sample}}}}}\n" if sample else ""), file="l.yaml")


@pytest.mark.parametrize(
    ("sample", "north", "south", "depot"),
    [
        ("", 200, 40, 2),
        ("2 % of shop", 6, 1, 2),
        ("40 of shop", 40, 40, 2),
        ("250 of shop", 250, 40, 2),
        ("100 % of shop", 300, 40, 2),
        ("[10 of shop, 50 % of shop/north]", 150, 10, 2),
        ("[50 % of shop/north, 10 of shop]", 150, 10, 2),
        ("[7 of shop/south, 1 of depot]", 200, 7, 1),
    ],
)
def test_a_sample_is_a_share_or_a_number_of_each_group(sample: str, north: int, south: int, depot: int) -> None:
    scenario = labels(sample)
    assert [scenario.study.in_full(group) for group in scenario.groups] == [north, south, depot]
    assert scenario.not_yet == ()


SITES = "a share or a number of sites such as 2 % of person or 40 of store"
KINDS = "expected a kind of site or a group: shop, depot, shop/north, shop/south, depot/all"


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ("40 of shpo", f"sample: found `shpo`, {KINDS} (did you mean shop?)"),
        ("[1 of depot, 2 of shop/nort]", f"sample.1: found `shop/nort`, {KINDS} (did you mean shop/north?)"),
        ("[1 of shop, 2 of shop]", "sample.1: found a second sample of shop, expected one for each kind or group"),
        ("0 of shop", "sample: found `0 of shop`, expected a whole number of sites, at least 1"),
        ("2.5 of shop", "sample: found `2.5 of shop`, expected a whole number of sites, at least 1"),
        ("120 % of shop", "sample: found `120 % of shop`, expected a share of the sites above 0 % and at most 100 %"),
        ("0 % of shop", "sample: found `0 % of shop`, expected a share of the sites above 0 % and at most 100 %"),
        ("2 %", f"sample: found `2 %`, expected {SITES}"),
        ("40 ms of shop", f"sample: found `40 ms of shop` (time), expected {SITES}"),
        ("40", f"sample: found `40`, expected {SITES}: a number with its unit"),
        ("[]", f"sample: found an empty list, expected {SITES}"),
    ],
)
def test_a_wrong_sample_is_one_clear_line(sample: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        labels(sample)
    assert str(caught.value) == f"l.yaml:14: study.simulate.{message}"


def test_the_schema_allows_a_text_or_a_list() -> None:
    schema = Document.model_json_schema()
    simulate = {"$ref": "#/$defs/SimulateText", "$defs": schema["$defs"]}
    for good in ("2 % of shop", ["2 % of shop", "40 of depot"]):
        jsonschema.validate({"sample": good}, simulate)
    for bad in (40, [], {"shop": 40}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"sample": bad}, simulate)


def test_the_span_without_a_word_suits_the_sample() -> None:
    """3 000 measured requests: of 240 sites at 2 /s, of four, and no more than 20 000 with those not measured."""
    assert labels("").study.span_s == pytest.approx(3000 / 480)
    assert labels("[30 of shop/north, 40 of shop/south]").study.span_s == pytest.approx(3000 / 140)
    assert labels("2 of shop").study.span_s == pytest.approx(20_000 / 680)
    assert labels("", (100, 100)).study.span_s == pytest.approx(3000 / 400)
