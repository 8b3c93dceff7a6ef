"""Reading YAML: plain values with their lines, and every unreadable file refused quickly with one clear message."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hardware_profiles import BadInput
from scenarios.yaml_text import read, value_of


def test_values_are_those_of_yaml_1_2() -> None:
    text = b'a: no\nb: 1e3\nc: 240_000\nd: ~\ne: "12"\nf: 05:00\ng: 2026-11-02\nh: .5\ni: -3\nj: true\n'
    assert read(text, "x").tree == {
        "a": "no",
        "b": 1000.0,
        "c": 240_000,
        "d": None,
        "e": "12",
        "f": "05:00",
        "g": "2026-11-02",
        "h": 0.5,
        "i": -3,
        "j": True,
    }


def test_every_key_and_entry_knows_its_line() -> None:
    lines = read(b"a:\n  b: 1\n  c: [x,\n    y]\nd: {e: 2}\n", "x").lines
    assert lines == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", 0): 3,
        ("a", "c", 1): 4,
        ("d",): 5,
        ("d", "e"): 5,
    }


def test_all_duplicate_keys_are_named() -> None:
    with pytest.raises(BadInput) as problem:
        read(b"a: 1\na: 2\nb: {c: 1, c: 3}\n", "x.yaml")
    assert str(problem.value).splitlines() == [
        "x.yaml:2: a: found the key 'a' a second time, expected it once (line 1)",
        "x.yaml:3: b.c: found the key 'c' a second time, expected it once (line 3)",
    ]


ALIAS_BOMB = b"a: &a [x, x]\n" + b"".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n".encode() for i in range(20)
)

MANY = b"".join(b"k%d: v\n" % i for i in range(60_000))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.yaml: found an empty file, expected a scenario: a map of name, sites, pools, …"),
        (b"# only a remark\n", "x.yaml: found an empty file, expected a scenario: a map of name, sites, pools, …"),
        (b"- a\n- b\n", "x.yaml: found no map, expected a scenario: a map of name, sites, pools, …"),
        (b"\x89PNG\r\n\x1a\n\0\0", "x.yaml: found binary data, expected text in UTF-8"),
        (b"a:\n\tb: 1\n", "x.yaml:2: found character '\\t' that cannot start any token while scanning for the next token, expected YAML"),  # noqa: E501
        (b"a: \0", "x.yaml: found binary data, expected text in UTF-8"),
        (b"a: b\n" * 10_000_000, "x.yaml: found 50 MB, expected at most 1 MB of text"),
        (b"a: " + b"[" * 900_000, "x.yaml:1: found more than 24 maps and lists inside each other, expected at most 24"),
        (b"{a: " * 200_000, "x.yaml:1: found more than 24 maps and lists inside each other, expected at most 24"),
        (ALIAS_BOMB, "x.yaml:1: found the anchor 'a', expected no anchors or aliases (use `like:` for a workload)"),
        (b"a: 1\n---\nb: 2\n", "x.yaml:2: found a second document, expected one scenario in a file"),
        (b"? {a: b}\n: c\n", "x.yaml:1: found a map or list as a key, expected a word"),
        (MANY, "x.yaml:10000: found more than 20,000 values, expected at most 20,000"),
    ],
    ids=[
        "empty", "comment", "list", "png", "tab", "nul", "50MB", "brackets", "braces", "bomb", "documents", "key",
        "values",
    ],
)  # fmt: skip
def test_an_unreadable_file_gets_one_message_at_once(data: bytes, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(BadInput) as problem:
        read(data, "x.yaml")
    assert time.perf_counter() - start < 5
    assert str(problem.value) == message


def test_broken_syntax_names_its_line() -> None:
    with pytest.raises(BadInput) as problem:
        read(b"a: 1\nb: [1, 2\nc: 3\n", "x.yaml")
    (fault,) = problem.value.faults
    assert (fault.file, fault.line, fault.expected) == ("x.yaml", 3, "YAML")


def test_a_value_of_the_command_line_is_read_as_yaml() -> None:
    assert value_of("80 ms") == "80 ms"
    assert value_of("[a, b]") == ["a", "b"]
    assert value_of("{p99: 5 ms}") == {"p99": "5 ms"}


WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8).map(
    lambda word: f"k{word}"
)
LEAVES = st.one_of(WORDS, st.integers(-(10**6), 10**6), st.booleans(), st.none())
TREES = st.dictionaries(
    WORDS,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=12
    ),
    min_size=1,
    max_size=4,
)


@given(TREES)
def test_what_another_writer_writes_is_read_back(tree: dict[str, object]) -> None:
    import io

    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.representer.ignore_aliases = lambda *_: True  # type: ignore[method-assign]
    writer.dump(tree, out)
    assert read(out.getvalue().encode(), "x").tree == tree
