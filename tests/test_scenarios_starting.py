"""A file to start from says what the other scenario says, under a name of its own, and explains itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from hardware_profiles.faults import BadInput
from scenarios.language.document import Document
from scenarios.starting import SMALLEST, starting_text, valid_name
from scenarios.yaml_text import read

SAMPLES = sorted(map(str, (Path(__file__).parent / "data" / "scenarios").glob("*.yaml")))


@pytest.mark.parametrize("like", [*scenarios.library(), *SAMPLES], ids=lambda like: Path(like).stem)
def test_a_new_scenario_equals_the_other_but_for_its_name(like: str) -> None:
    other, new = scenarios.load(like), scenarios.load_text(starting_text("my-own", like))
    assert new.document == {**other.document, "name": "my-own"}
    assert replace(new, name=other.name, file=other.file, document=other.document) == other


def test_the_default_is_the_smallest_of_the_library() -> None:
    sizes = {name: len(str(scenarios.load(name).document)) for name in scenarios.library()}
    assert sizes[SMALLEST] == min(sizes.values())


def test_comments_inside_are_kept_and_those_at_the_head_give_way_to_ours() -> None:
    text = starting_text("my-own", "factory-vision")
    assert "  # The cameras stand on the lines' own budget" in text
    assert "# a switch: a port for each node" in text
    assert "Worked out by hand" not in text
    assert text.startswith("# my-own starts as a copy of factory-vision.")
    for command in ("tierwise check my-own.yaml", "tierwise plan my-own.yaml", "tierwise schema"):
        assert command in text


def test_the_answer_by_hand_is_taken_out_wherever_it_stands_at_the_head() -> None:
    text = starting_text("my-own", next(path for path in SAMPLES if "phone-assistant" in path))
    assert "Expected (by hand)" not in text
    assert "# no model runs here: everything escalates" in text


@pytest.mark.parametrize("like", scenarios.library())
def test_above_each_section_stands_what_the_language_says_of_it(like: str) -> None:
    lines = starting_text("my-own", like).splitlines()
    explained = {field.alias or name: field.description for name, field in Document.model_fields.items()}
    sections = [key for key in scenarios.load(like).document if key not in ("schema", "name", "about")]
    for key in sections:
        above = lines[next(i for i, line in enumerate(lines) if line.startswith(f"{key}:")) - 1]
        assert above == f"# {explained[key]}".replace("``", "`")


@pytest.mark.parametrize("like", scenarios.library())
def test_a_copy_of_a_copy_has_only_another_head(like: str, tmp_path: Path) -> None:
    once = tmp_path / "once.yaml"
    once.write_text(starting_text("once", like), encoding="utf-8")
    again = starting_text("again", str(once))
    assert again.splitlines()[11:] == once.read_text(encoding="utf-8").splitlines()[11:]
    assert again.splitlines()[9:11] == ["schema: 1", "name: again"]


TINY = """\
sites: {shop: {region: de, count: 1}}
pools: {box: {tier: gateway, at: shop, hardware: jetson-orin-nano-super}}
data: {picture: {class: internal}}
workloads:
  people:
    {source: box, arrivals: {kind: poisson, rate: 1 /s in all},
     tasks: {detect: {model: yolo11n, input: 1 kB of picture}}}
"""

ONE_MAP = """sites: {shop: {region: de, count: 1}}, # a remark
  pools: {box: {tier: gateway, at: shop, hardware: jetson-orin-nano-super}}, data: {picture: {class: internal}},
  workloads: {people: {source: box, arrivals: {kind: poisson, rate: 1 /s in all},
                       tasks: {detect: {model: yolo11n, input: 1 kB of picture}}}}
"""


@pytest.mark.parametrize(
    "text",
    [
        f"name: tiny\n{TINY}",
        f"\ufeff# a head\r\nname: tiny # kept\r\n{TINY}",
        f"%YAML 1.2\n---\nname: 'tiny'\n{TINY}",
        f"name: >-\n  # tiny,\n  in a block\n{TINY}",
        f"name: |\n  ti\n  ny\nabout: |+\n  # no comment\n\n\n{TINY}",
        f'"name": tiny\n"about": "two\n  # lines"\n{TINY}\n\n# the end',
        f"{TINY}name: tiny",
        f"{{name: tiny,\n  {ONE_MAP}}}",
    ],
    ids=["plain", "carriage returns", "directive", "folded", "kept lines", "quoted", "name last", "one map"],
)
def test_whichever_way_the_other_file_is_written(text: str, tmp_path: Path) -> None:
    like = tmp_path / "tiny.yaml"
    like.write_bytes(text.encode())
    new = read(starting_text("my-own", str(like)).encode(), "new")
    assert new.tree == {**scenarios.load(like).document, "name": "my-own"}


def test_a_comment_of_the_user_above_a_section_is_kept(tmp_path: Path) -> None:
    like = tmp_path / "tiny.yaml"
    like.write_text(f"name: tiny\n# Mine, on the sites.\n{TINY}")
    assert "\n# Mine, on the sites.\n# Kinds of places of your own.\nsites:" in starting_text("my-own", str(like))


@settings(max_examples=15, deadline=None)
@given(st.from_regex(r"[a-zA-Z0-9äß][\w.-]{0,20}[\w-]", fullmatch=True) | st.sampled_from(["1", "1e3", "true", "null"]))
def test_any_valid_name_is_read_back_as_it_was_given(name: str) -> None:
    chosen = valid_name(name)
    assert read(starting_text(chosen).encode(), "new").tree["name"] == chosen


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "a b", "-a", ".a", "a.", "a\n", "a" * 101, "a:b", SMALLEST]
)
def test_a_name_that_cannot_be_a_file_or_is_taken_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="NAME"):
        valid_name(name)


def test_the_ending_of_the_file_may_be_given() -> None:
    assert valid_name("my-shop.yaml") == "my-shop"
