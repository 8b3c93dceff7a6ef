"""From a scenario and a placement to queues, sources and journeys; and what is refused by name."""

from dataclasses import replace

import pytest
from sim_cases import SHOP, link, periodic, placement, poisson, pool, responses, scenario, task, workload

import sim
from hardware_profiles.faults import NotSupported
from scenarios.placement import Placement
from scenarios.places import Group, Site
from scenarios.scenario import NotYet, Scenario
from scenarios.workloads import Batch, DataItem, Task
from sim import load
from sim.network import Network
from sim.usage import MONTH_S

CAMERA = pool("camera", "device", count=2, per="line")
THREE = Group("shop", "all", 3, {"line": 2})
UPLINK = link("uplink", ("shop", "west"), 1e6, 0.02)
CLOUD = pool("cloud", "cloud", "west")


def one_task(pools: list, arrivals: object = None, tasks: list[Task] | None = None, **more: object) -> Scenario:
    stream = workload("vision", arrivals or periodic(10.0), tasks or [task("detect")])  # type: ignore[arg-type]
    return scenario(pools, [stream], [UPLINK], **more)  # type: ignore[arg-type]


def names(network: Network) -> list[tuple[object, ...]]:
    return sorted((q.name, q.group or "", q.site, q.number, q.servers) for q in network.queues)


@pytest.mark.parametrize(
    ("per", "sources", "rate_per_s", "origins"),
    [("node", 4, 12.0, 1), ("line", 2, 12.0, 2), ("site", 1, 12.0, 4), ("all", 4, 3.0, 1)],
)
def test_a_rate_belongs_to_what_it_says(per: str, sources: int, rate_per_s: float, origins: int) -> None:
    """Two lines with two cameras each: 12 a second for each camera, each line, the site or in all."""
    case = one_task([CAMERA, pool("box")], periodic(12.0, per=per))
    network = Network(case, placement(case, {"detect": ("box", 0.001)}))
    assert len(network.sources) == sources
    flow = network.flows[0]
    assert (flow.sources.rate_per_s, flow.sources.of_nodes) == (rate_per_s, origins)


def test_a_rate_in_all_is_shared_over_every_site() -> None:
    groups = [Group("shop", "big", 3, {"line": 2}), Group("shop", "small", 2, {"line": 1})]
    case = one_task([CAMERA, CLOUD], poisson(160.0, per="all"), groups=groups)
    network = Network(case, placement(case, {"detect": ("cloud", 0.001)}))
    assert len(network.sources) == 3 * 4 + 2 * 2
    assert {flow.sources.rate_per_s for flow in network.flows} == {10.0}
    assert sum(source.flow.sources.rate_per_s for source in network.sources) == 160.0


def test_requests_of_a_line_start_at_any_of_its_nodes() -> None:
    """A source that stands for a line draws the camera; its own work is done there."""
    case = one_task([CAMERA], poisson(200.0, per="line"))
    result = sim.simulate(case, placement(case, {"detect": ("camera", 0.001)}))
    visits = result.stations.set_index("queue")["visits"]
    assert visits.index.tolist() == [1, 2, 3, 4]
    assert visits.between(60, 140).all()


def test_queues_and_ports_have_names_and_servers() -> None:
    tasks = [task("detect", input=(1000,), answers=True), task("read", after=("detect",), input=(10,))]
    field = link("field", ("shop", "shop"), 1e9, each="node")
    pools = [CAMERA, pool("box", per="line", slots=2), CLOUD]
    case = scenario(pools, [workload("vision", periodic(10.0), tasks)], [UPLINK, field])
    network = Network(case, placement(case, {"detect": ("box", 0.001), "read": ("cloud", 0.001)}))
    group = SHOP.key
    assert names(network) == [
        ("box", group, 0, 0, 2),
        ("box", group, 0, 1, 2),
        ("cloud", "", 0, 0, 1),
        *[("field.down", group, 0, node, 1) for node in range(2)],
        *[("field.up", group, 0, node, 1) for node in range(4)],
        ("uplink.up", group, 0, 0, 1),
    ]


def test_every_source_comes_to_queues_of_its_own() -> None:
    """Three sites with two lines of two cameras: a port for each camera, a box for each line, one cloud for all.

    The box has two nodes, each with a port; which of them sends is known when it is done.
    """
    tasks = [task("detect", input=(1000,)), task("read", after=("detect",), input=(10,), share=0.5, answers=True)]
    field, up = link("field", ("shop", "shop"), 1e9, each="node"), link("uplink", ("shop", "west"), 1e6, each="node")
    box = pool("box", count=2, per="line")
    case = scenario([CAMERA, box, CLOUD], [workload("vision", periodic(10.0), tasks)], [field, up], [THREE])
    network = Network(case, placement(case, {"detect": ("box", 0.001), "read": ("cloud", 0.001)}))

    def comes_to(number: int, happened: int) -> list[tuple[str, int, int]]:
        queues = [network.queues[one] for one in network.journey(number, 0, (happened,)).queues()]
        return sorted({(queue.name, queue.site, queue.number) for queue in queues})

    for number, source in enumerate(network.sources):
        site, node, line = source.site, source.number, source.number // 2
        sent = [("box", site, line), ("field.up", site, node)]
        assert comes_to(number, 0) == sent
        ports = [("uplink.up", site, 2 * line + one) for one in (0, 1)]
        assert comes_to(number, 1) == sorted([*sent, ("cloud", 0, 0), ("uplink.down", site, node), *ports])
    assert len(network.sources) == 12
    assert len(network.queues) == len(set(network.queues)) == 6 + 12 + 12 + 12 + 1


def test_a_shared_link_is_one_for_all_groups_and_a_link_of_each_site_is_not() -> None:
    groups = [Group("shop", "big", 2, {"line": 2}), Group("shop", "small", 1, {"line": 1})]
    stream = workload("vision", periodic(10.0), [task("detect", input=(100,))])
    for each, expected in (("shared", 1), ("site", 3), ("node", 10)):
        case = scenario([CAMERA, CLOUD], [stream], [link("uplink", ("shop", "west"), 1e6, each=each)], groups)
        network = Network(case, placement(case, {"detect": ("cloud", 0.001)}))
        assert sum(queue.name == "uplink.up" for queue in network.queues) == expected
        result = sim.simulate(case, placement(case, {"detect": ("cloud", 0.001)}))
        assert result.links["bytes"].tolist() == [8 * 10 * 100, 2 * 10 * 100]
        assert (result.links["busy_fraction"] > 0).all()


def test_the_offered_load_follows_from_the_description() -> None:
    """Four cameras at 10 a second: 40 · 5 ms on the box; a fifth of them sends 1 kB up at 1 Mbit/s to 20 ms of work."""
    tasks = [task("detect"), task("read", after=("detect",), share=0.2, input=(1000,))]
    case = one_task([CAMERA, pool("box", count=2), CLOUD], tasks=tasks)
    network = Network(case, placement(case, {"detect": ("box", 0.005), "read": ("cloud", 0.020)}))
    offered = {queue.name: work for queue, work in zip(network.queues, load.offered(network), strict=True)}
    assert offered == pytest.approx({"box": 0.2, "uplink.up": 0.064, "cloud": 0.16})
    assert load.overloaded(network, load.offered(network)) == ()


def test_no_two_messages_of_a_request_have_the_same_rank() -> None:
    """Also not those that meet in a join."""
    tasks = [task("left"), task("right", answers=True), task("both", after=("left", "right"), answers=True)]
    case = one_task([CAMERA, pool("box")], tasks=tasks)
    network = Network(case, placement(case, dict.fromkeys(("left", "right", "both"), ("box", 0.001))))
    ranks = [(branch.rank, branch.visit is None) for branch in network.journey(0, 0, ()).branches()]
    assert len(ranks) == len(set(ranks)) == 6


def test_sources_may_stand_in_a_region() -> None:
    """Three meters there feed one service over a port each; the flow is named after its place."""
    meters = pool("meter", "network_edge", "west", count=3, dispatch="own")
    stream = workload("read", periodic(10.0, "aligned"), [task("parse", input=(1000,), answers=True)], source="meter")
    lan = link("lan", ("west", "west"), 1e6, each="node")
    case = scenario([meters, CLOUD], [stream], [lan])
    result = sim.simulate(case, placement(case, {"parse": ("cloud", 0.001)}))
    assert result.response()["group"].tolist() == ["west", "west"]
    assert result.workloads["completed"].tolist() == [30]
    assert result.worst_queue("read", "parse", 0.5)[0] == "west"
    assert responses(result, "read", "answer") * 1e3 == pytest.approx([9.0] * 10 + [10.0] * 10 + [11.0] * 10)
    assert result.usage.bytes == pytest.approx({("lan", "up", None): 30_000 * MONTH_S, ("lan", "down", None): 0.0})


def test_batches_are_not_played() -> None:
    batch = workload("night", Batch(86_400, 3600, "site"), [task("send")])
    case = scenario([CAMERA, pool("box")], [batch, workload("vision", periodic(10.0), [task("detect")])])
    network = Network(case, placement(case, {"send": ("box", 0.0), "detect": ("box", 0.001)}))
    assert [flow.workload.name for flow in network.flows] == ["vision"]


# privacy


@pytest.mark.parametrize("reach", [frozenset({"shop"}), frozenset({"shop", "west"}), None])
def test_a_data_item_is_never_seen_where_it_may_not_be(reach: frozenset[str] | None) -> None:
    case = one_task(
        [CAMERA, CLOUD], tasks=[task("detect", input=(100, "frame"))], data=[DataItem("frame", "personal", reach)]
    )
    placed = placement(case, {"detect": ("cloud", 0.001)})
    if reach is not None and "west" not in reach:
        with pytest.raises(
            sim.PrivacyViolation, match=r"vision\.detect: frame would be seen at west, it may reach shop"
        ):
            sim.simulate(case, placed)
    else:
        assert sim.simulate(case, placed).workloads["completed"].sum() > 0


def test_a_place_counts_even_where_no_link_leads_to_it() -> None:
    frame = [DataItem("frame", "personal", frozenset({"west"}))]
    case = one_task([CAMERA, pool("box")], tasks=[task("detect", input=(100, "frame"))], data=frame)
    with pytest.raises(sim.PrivacyViolation, match="frame would be seen at shop"):
        sim.prepare(case, placement(case, {"detect": ("box", 0.001)}))


def test_an_answer_may_not_leave_either() -> None:
    detect = task("detect", output=(10, "plate"), answers=True, answer_to="cloud")
    case = one_task(
        [CAMERA, pool("box"), CLOUD], tasks=[detect], data=[DataItem("plate", "personal", frozenset({"shop"}))]
    )
    with pytest.raises(sim.PrivacyViolation, match="plate would be seen at west"):
        sim.prepare(case, placement(case, {"detect": ("box", 0.001)}))


# what is refused


def refused(case: Scenario, placed: Placement) -> str:
    with pytest.raises(NotSupported) as caught:
        sim.prepare(case, placed)
    return str(caught.value)


def test_sub_pools_that_no_source_belongs_to() -> None:
    lane = Group("shop", "all", 1, {"line": 2, "lane": 3})
    case = one_task([CAMERA, pool("box", per="lane")], groups=[lane])
    message = refused(case, placement(case, {"detect": ("box", 0.001)}))
    assert message == "pools.box.count: found per lane, expected per line, as camera, or pooled"


def test_work_for_another_pools_own_nodes() -> None:
    case = one_task([CAMERA, pool("robot", "device")])
    assert "pools.robot.dispatch: found own" in refused(case, placement(case, {"detect": ("robot", 0.001)}))


def test_sites_of_another_kind() -> None:
    """A pool there, and a way over there."""
    depot = Site("depot", "west", (Group("depot", "all", 1),))
    case = one_task([CAMERA, replace(pool("box"), at="depot", local=True)])
    lanes = (link("lane", ("shop", "depot")), link("trunk", ("depot", "west")))
    case = replace(case, sites=(*case.sites, depot), links=lanes)
    message = refused(case, placement(case, {"detect": ("box", 0.001)}))
    assert message == "pools.box: found work from shop at depot, expected a pool at its own site"
    case = replace(case, pools=(CAMERA, CLOUD))
    message = refused(case, placement(case, {"detect": ("cloud", 0.001)}))
    assert message == "links.lane: found a way from shop over depot, expected links that join a site and regions"


def test_every_part_that_is_not_simulated_yet_at_once() -> None:
    parts = [
        NotYet("links.uplink.outages", "outages", True, False),
        NotYet("jobs", "jobs", False, False),
        NotYet("data.frame.keep", "retention", False, True),
    ]
    case = one_task([CAMERA, CLOUD], not_yet=parts)
    message = refused(case, placement(case, {"detect": ("cloud", 0.001)}))
    assert message.splitlines() == [
        "case.yaml: links.uplink.outages: found outages, which is not simulated yet",
        "case.yaml: jobs: found jobs, which is not simulated yet",
    ]


def test_an_engine_that_does_not_exist_yet() -> None:
    case = one_task([CAMERA, CLOUD])
    with pytest.raises(NotSupported, match="engine: found turbo, expected one of simpy, compiled"):
        sim.simulate(case, placement(case, {"detect": ("cloud", 0.001)}), engine="turbo")


def test_a_pool_without_nodes_cannot_work() -> None:
    case = one_task([CAMERA, CLOUD])
    placed = placement(case, {"detect": ("cloud", 0.001)}, without_nodes=["cloud"])
    with pytest.raises(ValueError, match="a task on cloud but no node there"):
        sim.prepare(case, placed)


def test_a_span_that_cannot_be_measured() -> None:
    case = one_task([CAMERA, CLOUD])
    with pytest.raises(ValueError, match="a span of 0 s"):
        sim.prepare(case, placement(case, {"detect": ("cloud", 0.001)}), span_s=0.0)
