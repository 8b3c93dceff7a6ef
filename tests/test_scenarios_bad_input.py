# ruff: noqa: E501 - each message stands beside the change that causes it
"""Bad input: one clear message for each fault, with file, line, path, what was found and what was expected."""

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from hardware_profiles import BadInput, Fault
from scenarios.changes import paths
from scenarios.pools import ColdStart

TOY = """\
name: shop
exchange: {USD: 0.92 EUR, date: 2026-11-02}
sites:
  shop: {region: de, groups: {all: {count: 2, tills: 3}}}
pools:
  till: {tier: device, at: shop, hardware: raspberry-pi-5, count: 1 per till, owned: all, paid_by: user}
  box: {tier: gateway, at: shop, hardware: jetson-orin-nano-super, count: 0..4}
  region: {tier: regional_cloud, at: westeurope, offer: azure NC4as_T4_v3, count: 0..2}
links:
  line: {from: shop, to: westeurope, rtt: 20 ms, up: 10 Mbit/s, down: 10 Mbit/s}
data:
  photo: {class: personal, may_reach: [shop, eu]}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 2 /s per till}
    tasks:
      look: {model: yolo11n, input: 60 kB of photo, output: 1 kB, answers: true}
      file: {after: look, share: 10 %, time: {box: 1 ms, region: 1 ms}}
    requires:
      latency: {look: {p95: 300 ms}}
"""


def test_the_file_that_the_faults_are_put_into_is_valid() -> None:
    assert scenarios.load_text(TOY).not_yet == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rtt: 20 ms", "rt: 20 ms", "10: links.line.rt: found the unknown key `rt`, expected one of absent, after, broker"),
        ("rtt: 20 ms", "rtt: 20", "10: links.line.rtt: found `20`, expected a time such as 80 ms: a number with its unit"),
        ("rtt: 20 ms", "rtt: 20 kB", "10: links.line.rtt: found `20 kB` (data), expected a time such as 80 ms"),
        ("rtt: 20 ms", "rtt: {p50: 20 ms, p99: 9 ms}", "10: links.line.rtt: found quantiles that decrease or are not positive, expected p50 ≤ p90 ≤ p95 ≤ p99, above zero"),
        ("rtt: 20 ms", "rtt: {mean: 20 ms}", "10: links.line.rtt: found a mean without its distribution, expected distribution: constant, exponential, or lognormal or gamma with cv"),
        ("rtt: 20 ms", "rtt: {mean: 20 ms, distribution: gamma, cv: 7}", "10: links.line.rtt: found a mean without its distribution"),
        ("rtt: 20 ms", "rtt: 20 ms, jitter: 11 ms", "10: links.line.jitter: found a jitter above half the round-trip time of 20 ms, expected at most half of it: no message arrives before it is sent"),
        ("rtt: 20 ms", "rtt: {p50: 20 ms, p99: 40 ms}, jitter: 1 ms", "10: links.line.jitter: found a jitter beside a round-trip time that varies by itself, expected a constant rtt with a jitter, or an rtt that varies without one"),
        ("rtt: 20 ms", "technology: lte, jitter: 1 ms", "10: links.line.jitter: found a jitter beside a round-trip time that varies by itself"),
        ("rtt: 20 ms", "rtt: 20 ms, loss: 100 %", "10: links.line.loss: found a link that loses everything, expected a share below 100 %"),
        ("rtt: 20 ms", "rtt: 20 ms, loss: {share: 110 %}", "10: links.line.loss.share: found `110 %`, expected a share such as 8 %, between 0 % and 100 %"),
        ("rtt: 20 ms", "rtt: 20 ms, loss: {again_after: 1 ms}", "10: links.line.loss.share: found nothing, expected `share`"),
        ("rtt: 20 ms", "rtt: 20 ms, each: node", "10: links.line: found each: node between places, expected each: site or shared"),
        ("rtt: 20 ms", "rtt: 20 ms, of: tll", "10: links.line.of: found `tll`, expected a pool: till, box, region (did you mean till?)"),
        ("links:", "links:\n  lan: {within: shop, rtt: 1 ms, of: region}", "10: links.lan.of: found region, which stands at westeurope, expected pools at shop"),
        ("rtt: 20 ms", "technology: 5g", "10: links.line.technology: found `5g`, expected a technology of the catalogue: ethernet-1g"),
        ("rtt: 20 ms", "technology: lte, server: 20", "10: links.line.server: found `20`, expected a distance such as within 20 km: a number with its unit"),
        ("rtt: 20 ms", "technology: lte, server: within 20 ms", "10: links.line.server: found `20 ms` (time), expected a distance such as within 20 km"),
        ("rtt: 20 ms", "rtt: 20 ms, server: 20 km", "10: links.line.server: found a distance without a technology, expected technology: lte, or no server"),
        ("rtt: 20 ms", "technology: starlink, server: 20 km", "10: links.line.server: found a distance beside starlink, expected one measured by distance: lte, 5g-nsa"),
        ("rtt: 20 ms", "rtt: -20 ms", "10: links.line.rtt: found `-20 ms`, expected a time such as 80 ms, not negative"),
        ("2 /s per till", "2 fps per till", "16: workloads.scan.arrivals.rate: found `2 fps per till` with the unit 'fps', expected frame/s"),
        ("up: 10 Mbit/s", "up: 10 Mb/s", "10: links.line.up: found `10 Mb/s` with the unit 'Mb', expected Mbit or MB"),
        ("share: 10 %", "share: 180 kB", "19: workloads.scan.tasks.file.share: found `180 kB` (data), expected a share such as 8 %"),
        ("share: 10 %", "share: 110 %", "19: workloads.scan.tasks.file.share: found `110 %`, expected a share such as 8 %, above 0 % and at most 100 %"),
        ("share: 10 %", "share: 0 %", "19: workloads.scan.tasks.file.share: found `0 %`, expected a share such as 8 %, above 0 % and at most 100 %"),
        ("up: 10 Mbit/s", "up: 0 Mbit/s", "10: links.line.up: found `0 Mbit/s`, expected a bandwidth such as 50 Mbit/s, above zero"),
        ("2 /s per till", "0 /s per till", "16: workloads.scan.arrivals.rate: found `0 /s per till`, expected a rate above zero"),
        ("share: 10 %", "share: 0.1", "19: workloads.scan.tasks.file.share: found `0.1`, expected a share such as 8 %: a number with its unit"),
        ("2 /s per till", "2 /s", "16: workloads.scan.arrivals.rate: found `2 /s`, expected a rate that says per what: per a pool, a fact or a site, or `in all`"),
        ("2 /s per till", "2 /s per tull", "16: workloads.scan.arrivals.rate: found `tull`, expected per its source, a fact of its site, its site, or in all: till, till, shop, site, all (did you mean till?)"),
        ("source: till", "source: tell", "15: workloads.scan.source: found `tell`, expected a pool: till, box, region (did you mean till?)"),
        ("of photo", "of foto", "18: workloads.scan.tasks.look.input: found `foto`, expected a data item: photo (did you mean photo?)"),
        ("after: look", "after: lok", "19: workloads.scan.tasks.file.after: found `lok`, expected a task: look (did you mean look?)"),
        ("to: westeurope", "to: westeuropa", "10: links.line.to: found `westeuropa`, expected a kind of site or a region: shop, world, europe, eu, north-america, south-america, asia, oceania, … (did you mean westeurope?)"),
        ("region: de,", "region: dd,", "4: sites.shop.region: found `dd`, expected a country or region of the catalogue"),
        ("[shop, eu]", "[shop, ue]", "12: data.photo.may_reach: found `ue`, expected a site or a place: shop, world, europe, eu, north-america, south-america, asia, oceania, …"),
        ("latency: {look:", "latency: {luuk:", "21: workloads.scan.requires.latency.luuk: found `luuk`, expected a task or `answer`: look, file, answer (did you mean look?)"),
        ("time: {box:", "time: {bux:", "19: workloads.scan.tasks.file.time.bux: found `bux`, expected a pool: till, box, region (did you mean box?)"),
        ("1 per till", "1 per lane", "6: pools.till.count: found `lane`, expected a fact that every group of shop states: till"),
        ("count: 0..4", "count: -1", "7: pools.box.count: found `-1`, expected a count such as 3, 0..4 or 2 per gate, not negative and in order"),
        ("count: 0..4", "count: 4..0", "7: pools.box.count: found `4..0`, expected a count such as 3, 0..4 or 2 per gate, not negative and in order"),
        ("{count: 2,", "{count: -2,", "4: sites.shop.groups.all.count: found `-2`, expected a whole number of at least 1"),
        ("{count: 2,", "{count: 0,", "4: sites.shop.groups.all.count: found `0`, expected a whole number of at least 1"),
        ("tills: 3}", "tills: 0}", "4: sites.shop.groups.all.tills: found `0`, expected a whole number of at least 1"),
        ("tills: 3}", "tills: three}", "4: sites.shop.groups.all.tills: found `three`, expected a whole number of at least 1"),
        ("look: {model", "look: {after: file, model", "17: workloads.scan.tasks: found a circle: look → file → look, expected tasks that do not wait for themselves"),
        ("p95: 300 ms", "p195: 300 ms", "21: workloads.scan.requires.latency.look.p195: found the key `p195`, expected a percentile such as p95 or p99.9"),
        ("tier: gateway", "tier: gatewy", "7: pools.box.tier: found `gatewy`, expected device, gateway, on_prem, network_edge, regional_cloud or cloud (did you mean gateway?)"),
        ("count: 0..2", "count: 0..2, scaling: {start_up: 90 s}", "8: pools.region.scaling: found neither target_utilisation nor queue_depth, expected one of them, or both"),
        ("count: 0..2", "count: 0..2, scaling: {queue_depth: 8}", "8: pools.region.scaling.start_up: found nothing, expected `start_up`"),
        ("count: 0..2", "count: 0..2, scaling: {target_utilisation: 0 %, start_up: 90 s}", "8: pools.region.scaling.target_utilisation: found `0 %`, expected a share such as 8 %, above 0 % and at most 100 %"),
        ("count: 0..2", "count: 0..2, scaling: {queue_depth: 8, start_up: 0 s, at_least: 0}", "8: pools.region.scaling: found at_least: 0 and no time to start up, expected a start_up above zero"),
        ("count: 0..2", "count: 0..2, scaling: {queue_depth: 8, start_up: 9 s, every: 0 s}", "8: pools.region.scaling.every: found `0 s`, expected a time such as 15 s, above zero"),
        ("count: 0..2", "count: 0..2, scaling: {queue_depth: 8, start_up: 9 s, at_least: 3}", "8: pools.region.scaling.at_least: found 3 where the count is at most 2, expected no more than the count, which bounds the nodes"),
        ("count: 1 per till", "count: 1 per till, scaling: {queue_depth: 8, start_up: 9 s}", "6: pools.till.scaling: found nodes that each have a queue of their own, expected dispatch: shared_queue"),
        ("count: 0..2", "count: 0..2, limit: {concurrent: 0}", "8: pools.region.limit.concurrent: found `0`, expected a whole number of at least 1"),
        ("count: 0..2", "count: 0..2, limit: {concurrent: 5}", "8: pools.region.limit: found a limit of azure NC4as_T4_v3, which is priced by the hour, expected a count: its nodes bound what is served at once"),
        ("count: 0..4", "count: 0..4, dispatch: any", "7: pools.box.dispatch: found `any`, expected own, shared_queue, random or least_loaded"),
        ("count: 0..4", "count: 0..4, dispatch: random, scaling: {queue_depth: 8, start_up: 9 s}", "7: pools.box.scaling: found nodes that each have a queue of their own, expected dispatch: shared_queue"),
        ("count: 0..4", "count: 0..4, cold_start: {time: 1 s, idle: 5 min}", "7: pools.box.cold_start: found a cold start without an offer, expected an offer priced by the request"),
        ("count: 0..2", "count: 0..2, cold_start: {time: 1 s, idle: 5 min}", "8: pools.region.cold_start: found a cold start of azure NC4as_T4_v3, which is priced by the hour, expected scaling, with the start_up of its nodes"),
        ("count: 0..2", "count: 0..2, cold_start: {time: 0 s, idle: 5 min}", "8: pools.region.cold_start.time: found `0 s`, expected a time such as 15 s, above zero"),
        ("count: 0..2", "count: 0..2, cold_start: {time: 1 s}", "8: pools.region.cold_start.idle: found nothing, expected `idle`"),
        ("count: 0..4", "count: 0..4, limit: {concurrent: 5}", "7: pools.box.limit: found a limit without an offer, expected an offer priced by the request"),
        ("at: westeurope", "at: eastus2", "8: pools.region.offer: found `azure NC4as_T4_v3`, which has no price in eastus2, expected a price there (known in centralindia, eastus, northeurope, westeurope, westus2): add `azure NC4as_T4_v3 at eastus2: … USD/h` to prices"),
        ("offer: azure NC4as_T4_v3", "offer: azure NC4as_T4_v9", "8: pools.region.offer: found `azure NC4as_T4_v9`, an offer nobody knows, expected an offer of the catalogue, or `azure NC4as_T4_v9 at westeurope: … USD/h` under prices (did you mean azure NC4as_T4_v3?)"),
        ("hardware: jetson-orin-nano-super", "hardware: brick", "7: pools.box.hardware: found brick, whose price and power draw nobody knows, expected its price and power draw, under prices: `brick: {price: … USD, power: {idle: … W, busy: … W}}`"),
        ("hardware: jetson-orin-nano-super", "hardware: jetson orin nano", "7: pools.box.hardware: found jetson orin nano, whose price and power draw nobody knows, expected its price and power draw, under prices: `jetson orin nano: {price: … USD, power: {idle: … W, busy: … W}}` (did you mean jetson-orin-nano-"),
        ("hardware: raspberry-pi-5", "hardware: raspbery-pi-5", "6: pools.till.hardware: found `raspbery-pi-5`, expected hardware of the catalogue (did you mean raspberry-pi-5?)"),
        ("count: 1 per till", "count: 0 per till", "15: workloads.scan.source: found till, of which there are 0, expected a pool of at least one node"),
        ("data:", "prices: {pue: {on_prm: 1.2}}\ndata:", "11: prices.pue.on_prm: found `on_prm`, expected a tier: device, gateway"),
        ("data:", "prices: {pue: {on_prem: 0.2}}\ndata:", "11: prices.pue.on_prem: found `0.2`, expected power drawn ÷ power used, at least 1"),
        ("data:", "prices: {electricity: {dee: 0.2 USD/kWh}}\ndata:", "11: prices.electricity.dee: found `dee`, expected a country or region of the catalogue"),
        ("data:", "prices: {jetson-orin-nano-super: {month: 3 USD}}\ndata:", "11: prices.jetson-orin-nano-super.month: found the unknown key `month`, expected one of data, failures, hour, input, installation, kind, lifetime, maintenance, output, power, price, request, running, storage, truck_roll, why, as in {price: 249 USD,"),
        ("rtt: 20 ms", "rtt: 20 ms, price: {month: 4 EUR}", "10: links.line.price.month: found the unknown key `month`, expected one of data, down, fixed, listed, message, up, as in {fixed: 45 EUR/month, data: 4 EUR/GB}"),
        ("source: till", "source: box", "15: workloads.scan.source: found box, of which there are 0 to 4, expected a pool with a fixed count"),
        ("input: 60 kB", "input: 60", "18: workloads.scan.tasks.look.input: found `60 of photo`"),
        ("kind: poisson, ", "", "16: workloads.scan.arrivals.kind: found nothing, expected `kind` (periodic, poisson, batch, bursty or trace)"),
        ("kind: poisson", "kind: poisson, phase: aligned", "16: workloads.scan.arrivals: found poisson arrivals with phase, expected none of phase"),
        ("kind: poisson, rate: 2 /s per till", "kind: periodic, rate: 2 /s per till, jitter: 501 ms", "16: workloads.scan.arrivals.jitter: found 501 ms, with a request of each source every 500 ms, expected at most that, so that none overtakes another"),
        ("kind: poisson", "kind: poisson, jitter: 5 ms", "16: workloads.scan.arrivals: found poisson arrivals with jitter, expected none of jitter"),
        ("kind: poisson", "kind: bursty", "16: workloads.scan.arrivals: found bursty arrivals without burst, expected burst"),
        ("kind: poisson", "kind: bursty, burst: {on: 30 s}", "16: workloads.scan.arrivals.burst: found on, expected on and off, or states"),
        ("kind: poisson", "kind: bursty, burst: {on: 30 s, off: 0 s}", "16: workloads.scan.arrivals.burst: found a state that lasts no time, expected some time in each"),
        ("kind: poisson", "kind: bursty, burst: {on: 1 us, off: 1 us}", "16: workloads.scan.arrivals.burst: found a state of 1e-06 s, with a request of each source every 0.5 s on average, expected longer ones, or kind: poisson, which is the same"),
        ("kind: poisson, rate: 2 /s per till", "kind: bursty, per: till, burst: {states: [{rate: 1 /s, lasts: 20 s}]}", "16: workloads.scan.arrivals.burst: found a single state, expected two or more that follow each other"),
        ("kind: poisson, rate: 2 /s per till", "kind: bursty, per: tell, burst: {states: [{rate: 1 /s, lasts: 20 s}, {rate: 9 /s, lasts: 2 s}]}", "16: workloads.scan.arrivals.per: found `tell`, expected per its source"),
        ("kind: poisson", "kind: bursty, per: till, burst: {states: [{rate: 1 /s, lasts: 20 s}, {rate: 9 /s, lasts: 2 s}]}", "16: workloads.scan.arrivals: found bursty arrivals with rate, expected none of rate"),
        ("kind: poisson, rate: 2 /s per till", "kind: bursty, per: till, burst: {states: [{rate: 1 /s per till, lasts: 20 s}, {rate: 9 /s, lasts: 2 s}]}", "16: workloads.scan.arrivals.burst.states.0.rate: found `1 /s per till`, expected a rate such as 30 /s, without `per`, which stands beside burst"),
        ("rate: 2 /s per till", "rate: 2 /s per till, shape: wek", "16: workloads.scan.arrivals.shape: found `wek`, expected a shape of demand, of which there is none"),
        ("data:", "demand: {week: {weekday: closed, saturday: closed}}\ndata:", "11: demand.week: found nothing for sunday, expected sunday: 24 numbers, or closed (or every day: …)"),
        ("data:", "demand: {week: {every day: closed}}\ndata:", "11: demand.week: found closed all week, expected an hour in which something comes"),
        ("data:", "demand: {week: {every day: [1, 2]}}\ndata:", "11: demand.week.every day: found a list of 2, expected 24 numbers (1 is the busiest hour), or closed"),
        ("data:", "study: {simulate: {at: son 12:00}}\ndata:", "11: study.simulate.at: found `son 12:00`, expected an hour of the week such as sat 11:00"),
        ("data:", "study: {simulate: {at: sat 25:00}}\ndata:", "11: study.simulate.at: found `sat 25:00`, expected an hour of the week such as sat 11:00"),
        ("share: 10 %", "collects: 10 s", "19: workloads.scan.tasks.file.collects: found a time, with requests that come at random, expected a number of requests such as 64"),
        ("share: 10 %", "share: 10 %, collects: 64", "19: workloads.scan.tasks.file.collects: found a window over a share of the requests, expected one over all of them"),
        ("share: 10 %", "collects: 0", "19: workloads.scan.tasks.file.collects: found `0`, expected a window such as 10 s or 64: a number with its unit"),
        ("model: yolo11n, ", "", "18: workloads.scan.tasks.look: found nothing that it does, expected a model, a time, recorded service times, or store_at"),
        ("exchange: {USD: 0.92 EUR,", "exchange: {USD: 0.92 s,", "2: exchange.USD: found `0.92 s` for one USD, expected USD: an amount above zero in another currency"),
        ("name: shop", "name: shop\ncurrency: GBP", "2: currency: found an amount in GBP without an exchange rate, expected exchange: {USD: … GBP, date: …}"),
        ("requires:", "requires:\n      accuracy: {at_least: 30 %}", "21: workloads.scan.requires.accuracy: found a floor without its measure, expected measure: what is counted, on which data, such as COCO mAP"),
        ("requires:", "requires:\n      done_by: 05:00", "21: workloads.scan.requires.done_by: found done_by without a batch, expected arrivals: {kind: batch}"),
        ("data:", "prices: {brock: 3 USD}\ndata:", "11: prices.brock: found `brock`, expected hardware, an offer or a section: azure NC4as_T4_v3, jetson-orin-nano-super"),
        ("data:", "what_if: {far: {links.lane.rtt: 3 ms}}\ndata:", "11: what_if.far.links.lane.rtt: found a path that leads nowhere, expected a path of the scenario (did you mean links.line.rtt?)"),
        ("data:", "sources: {links.lane.rtt: a letter}\ndata:", "11: sources.links.lane.rtt: found a path that leads nowhere, expected a path of the scenario"),
        ("data:", "study: {month: 720 h}\ndata:", "11: study.month: found a month of 720 h, expected 730 h"),
        ("data:", "figures: [{model: ocr, p50: 3 ms}]\ndata:", "11: figures.0: found a model without hardware, expected the hardware that it was measured on"),
        ("data:", "figures: [{model: ocr, hardware: t4, p50: 3 ms, kind: assumed}]\ndata:", "11: figures.0: found an assumption without a reason, expected why: …"),
        ("data:", "figures: [{model: ocr, hardware: t4, p50: 3 ms, p99: 2 ms}]\ndata:", "11: figures.0"),
        ("name: shop", "nam: shop", "1: nam: found the unknown key `nam`, expected one of about, currency, data, demand"),
        ("name: shop", "name: shop\nname: shop", "2: name: found the key 'name' a second time, expected it once (line 1)"),
        ("name: shop", "name: shop\nschema: 2", "2: schema: found `2`, expected 1"),
    ],
)  # fmt: skip
def test_one_fault_gets_one_message(old: str, new: str, message: str) -> None:
    assert TOY.count(old) >= 1
    with pytest.raises(BadInput) as problem:
        scenarios.load_text(TOY.replace(old, new, 1), file="shop.yaml")
    found = [str(fault) for fault in problem.value.faults]
    if old == "name: shop" and new == "nam: shop":
        found = [line for line in found if "nam:" in line]  # name is missing too, rightly
    assert [line[: len(message) + len("shop.yaml:")] for line in found] == [f"shop.yaml:{message}"]


def test_a_model_nobody_measured_names_the_nearest_measured_and_the_line_to_paste() -> None:
    with pytest.raises(BadInput) as problem:
        scenarios.load_text(TOY.replace("model: yolo11n", "model: yolo11z"), file="shop.yaml")
    (fault,) = problem.value.faults
    assert (fault.path, fault.line) == ("workloads.scan.tasks.look.model", 18)
    assert fault.nearest.startswith("yolo11")
    assert "nobody measured yolo11z on raspberry-pi-5" in fault.expected
    assert "- {model: yolo11z, hardware: raspberry-pi-5, p50: … ms, p99: … ms, kind: assumed" in fault.expected


PRICED = "{price: 200 USD, power: {idle: 5 W, busy: 9 W}}"


@pytest.mark.parametrize(("name", "nearest"), [("jetson-orin-nano-supr", "jetson-orin-nano-super"), ("till", "")])
def test_hardware_of_ones_own_is_priced_unless_its_name_is_a_misspelling(name: str, nearest: str) -> None:
    text = TOY.replace("hardware: jetson-orin-nano-super", f"hardware: {name}") + f"prices: {{{name}: {PRICED}}}\n"
    if not nearest:
        assert scenarios.load_text(text).pool("box").hardware == (name,)
        return
    with pytest.raises(BadInput) as problem:
        scenarios.load_text(text)
    assert [(fault.path, fault.nearest) for fault in problem.value.faults] == [("pools.box.hardware", nearest)]


def test_a_plain_thing_or_another_number_is_no_misspelling() -> None:
    plain = scenarios.load_text(TOY.replace("raspberry-pi-5", "ip-camera"))
    assert plain.pool("till").hardware == ("ip-camera",)
    assert plain.holes == ()  # a plain camera only sends
    other = TOY.replace("jetson-orin-nano-super", "server-rtx-3070") + f"prices: {{server-rtx-3070: {PRICED}}}\n"
    (hole,) = scenarios.load_text(other).holes
    assert (hole.path, hole.model, hole.hardware) == (
        "workloads.scan.tasks.look.model",
        "yolo11n",
        "server-rtx-3070",
    )
    assert hole.message.startswith("nobody measured yolo11n on server-rtx-3070; the nearest that was measured:")
    assert "- {model: yolo11n, hardware: server-rtx-3070, p50: … ms" in hole.message


def test_only_pairs_that_a_task_could_use_are_holes() -> None:
    def holes(**changes: Any) -> list[tuple[str, str]]:
        return [(hole.model, hole.hardware) for hole in scenarios.load("factory-vision", set=changes).holes]

    gateway = ("yolov8n", "jetson-orin-nano-super")
    assert holes() == [gateway, ("yolov8n", "azure NC4as_T4_v3"), ("yolo11n", "server-rtx-3060")]
    inspect = "workloads.defects.tasks.inspect"
    assert holes(**{f"{inspect}.tiers": ["device", "gateway"]}) == [gateway]
    assert holes(**{f"{inspect}.pools": ["camera"]}) == []
    assert holes(**{f"{inspect}.model": "yolo11n", f"{inspect}.pools": "server", "figures": OF_SERVER}) == []


OF_SERVER = "[{model: yolo11n, hardware: server-rtx-3060, time: 1 ms}]"


def test_a_batch_counted_per_node_and_an_uneven_source_are_named_and_not_planned() -> None:
    uneven = TOY.replace("count: 1 per till", "count: 10").replace("2 /s per till", "2 /s per tills")  # the fact
    (part,) = scenarios.load_text(uneven).not_yet
    assert (part.path, part.planned, part.simulated) == ("pools.till.count", False, False)
    assert part.what == "10 × till that do not divide evenly over 3 × till in shop/all"
    assert scenarios.load_text(uneven.replace("count: 10", "count: 9")).not_yet == ()
    batch = "  night:\n    source: till\n    arrivals: {kind: batch, each: day, window: 01:00-05:00, per: till}\n"
    stored = f"{TOY}{batch}    tasks: {{send: {{input: 1 MB of photo, store_at: westeurope}}}}\n"
    (part,) = scenarios.load_text(stored).not_yet
    assert (part.path, part.what) == ("workloads.night.arrivals.per", "batches per till")
    assert (part.planned, part.simulated) == (False, True)
    assert scenarios.load_text(stored.replace("05:00, per: till", "05:00, per: site")).not_yet == ()


def test_all_faults_of_a_file_are_listed_at_once_in_the_order_of_its_lines() -> None:
    text = TOY
    for old, new in [
        ("region: de,", "region: dd,"),
        ("tier: gateway", "tier: gatewy"),
        ("offer: azure NC4as_T4_v3", "offer: azure NC4as_T4_v9"),
        ("rtt: 20 ms", "rtt: 20"),
        ("[shop, eu]", "[shop, ue]"),
        ("2 /s per till", "2 /s"),
        ("of photo", "of foto"),
        ("share: 10 %", "share: 180 kB"),
        ("p95: 300 ms", "p95: 300 ns, p99: 3"),
    ]:
        text = text.replace(old, new, 1)
    with pytest.raises(BadInput) as problem:
        scenarios.load_text(text, file="shop.yaml")
    assert [(fault.line, fault.path) for fault in problem.value.faults] == [
        (4, "sites.shop.region"),
        (7, "pools.box.tier"),
        (8, "pools.region.offer"),
        (10, "links.line.rtt"),
        (12, "data.photo.may_reach"),
        (16, "workloads.scan.arrivals.rate"),
        (18, "workloads.scan.tasks.look.input"),
        (19, "workloads.scan.tasks.file.share"),
        (21, "workloads.scan.requires.latency.look.p99"),
    ]


@pytest.mark.parametrize(
    "text", ["", "a", "[]", "name: x", "name: x\npools: 5\nworkloads: {}", "{" * 200, "pools: {a: {}}"]
)
def test_a_hopeless_file_is_refused_quickly(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(BadInput):
        scenarios.load_text(text)
    assert time.perf_counter() - start < 5


def test_a_name_that_is_neither_file_nor_library_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as problem:
        scenarios.load("factory-vison")
    assert problem.value.faults[0].nearest == "factory-vision"
    with pytest.raises(BadInput, match="cannot be read"):
        scenarios.load(tmp_path)


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"a: b\n" * 10_000_000)
    start = time.perf_counter()
    with pytest.raises(BadInput, match="found 50 MB, expected at most 1 MB of text"):
        scenarios.load(huge)
    assert time.perf_counter() - start < 5


def _tree(name: str) -> dict[str, Any]:
    return dict(scenarios.load(name).document)


def _put(tree: Any, path: tuple[str, ...], value: object) -> None:
    for part in path[:-1]:
        try:
            tree = tree[int(part) if isinstance(tree, list) else part]
        except (KeyError, IndexError, TypeError, ValueError):
            return  # an earlier change took it away
    if isinstance(tree, dict):
        tree[path[-1]] = value
    elif isinstance(tree, list) and path[-1].isdigit() and int(path[-1]) < len(tree):
        tree[int(path[-1])] = value


FUZZED = ["factory-vision", *map(str, sorted((Path(__file__).parent / "data" / "scenarios").glob("*.yaml")))]
EVERY_PATH = sorted({tuple(path) for name in FUZZED for path in paths(_tree(name))})
ANYTHING = st.sampled_from([None, True, -1, 0, 3, 1e9, "", "?", "absent", "5 ms", "-5 ms", "3 kB of nothing", "0..2 per x", [], ["a"], [3], {}, {"a": 1}, {"p99": "1 ms"}, [[]]])  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(FUZZED),
    st.dictionaries(st.sampled_from(EVERY_PATH), ANYTHING, max_size=3),
)
def test_whatever_is_put_anywhere_is_understood_or_refused_with_faults(
    name: str, changes: dict[tuple[str, ...], object]
) -> None:
    tree = copy.deepcopy(_tree(name))
    for path, value in changes.items():
        _put(tree, path, copy.deepcopy(value))
    refused: tuple[Fault, ...] = ()
    try:
        scenarios.load_text(json.dumps(tree), file="any.yaml")  # JSON is YAML
    except BadInput as problem:
        refused = problem.faults or (Fault("", "", ""),)
    assert [fault for fault in refused if not (fault.found and fault.expected and fault.file == "any.yaml")] == []


def test_an_offer_priced_by_the_request_has_no_nodes_that_scale() -> None:
    by_request = TOY.replace("offer: azure NC4as_T4_v3, count: 0..2", "offer: api, {}")
    by_request = by_request.replace("data:", "prices: {api at westeurope: 0.001 USD/request}\ndata:")
    assert scenarios.load_text(by_request.replace("{}", "limit: {concurrent: 5}", 1)).pool("region").concurrent == 5
    starting = scenarios.load_text(by_request.replace("{}", "cold_start: {time: 800 ms, idle: 15 min}", 1))
    assert starting.pool("region").cold_start == ColdStart(0.8, 900.0)
    assert [part.path for part in starting.judged] == ["pools.region.cold_start"]
    with pytest.raises(BadInput) as problem:
        scenarios.load_text(by_request.replace("{}", "dispatch: random", 1), file="shop.yaml")
    assert "8: pools.region.dispatch: found random, of api, which is priced by the request: it has no nodes" in str(
        problem.value
    )
    with pytest.raises(BadInput) as problem:
        scenarios.load_text(by_request.replace("{}", "scaling: {queue_depth: 8, start_up: 9 s}", 1), file="shop.yaml")
    (fault,) = problem.value.faults
    assert str(fault) == (
        "shop.yaml:8: pools.region.scaling: found scaling of api, which is priced by the request, expected no scaling"
    )
