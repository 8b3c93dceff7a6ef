"""The page in a real browser, as a visitor uses it: nothing leaves this machine, nobody is shut out."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from app.web.page import STALE

pytestmark = pytest.mark.slow

TOY = "two-site-toy"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000  # a plan on a machine that is busy with other tests

# The one finding that is Streamlit's and not ours to mend: (rule, what the element says of itself).
STREAMLITS = ("presentation-role-conflict", 'data-testid="stFileUploaderDropzone"')


@dataclass
class Visit:
    """A page, and every address that it asked for."""

    page: Page
    asked: list[str] = field(default_factory=list)

    def strangers(self) -> list[str]:
        return [url for url in self.asked if urlsplit(url).hostname not in ("localhost", None)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tierwise app` as a user starts it, ended as a user ends it."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
    command = [sys.executable, "-c", code, "app", TOY, "--port", str(port), "--no-browser"]
    server = subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path_factory.mktemp("here")
    )
    assert server.stdout is not None
    said = server.stdout.readline()
    assert said == f"Tierwise is at http://localhost:{port} (Ctrl-C ends it)\n"
    try:
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        rest, _ = server.communicate(timeout=30)
    assert (server.returncode, rest) == (0, "")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = os.environ.get("TIERWISE_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.fail(
            "no chromium for the test of the page: apt install chromium, or set TIERWISE_CHROMIUM", pytrace=False
        )
    opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    yield opened
    opened.close()


def visit(browser: Browser, address: str, scheme: str = "light") -> Visit:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    one = Visit(context.new_page())
    one.page.on("request", lambda request: one.asked.append(request.url))
    one.page.on("websocket", lambda socket: one.asked.append(socket.url))
    one.page.goto(address)
    settled(one.page)
    return one


def settled(page: Page) -> None:
    """Everything is drawn: the last heading stands, and nothing is being worked out."""
    expect(page.get_by_role("heading", name="Take it with you")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PATIENCE_MS)


def verdict(page: Page) -> str:
    return page.locator(".tw .banner .head").inner_text()


def test_a_visitor_moves_a_slider_and_reads_the_new_verdict(browser: Browser, address: str) -> None:
    one = visit(browser, address)
    expect(one.page.locator(".tw .banner .head")).to_contain_text("Met every requirement, for 14.61 USD a month")
    thumb = one.page.get_by_role("slider", name="shop, south: sites")
    thumb.focus()
    thumb.press("ArrowRight")
    expect(one.page.locator(".tw .banner .head")).to_contain_text("18.", timeout=PATIENCE_MS)
    expect(one.page.get_by_text("tierwise run two-site-toy --set sites.shop.groups.south.count=2")).to_be_visible(
        timeout=PATIENCE_MS
    )
    settled(one.page)
    expect(one.page.get_by_text(STALE)).to_have_count(0)
    assert len(one.asked) > 10
    assert any(url.startswith("ws://localhost") for url in one.asked)
    assert one.strangers() == []


def test_a_broken_file_is_told_line_by_line_and_the_results_stay(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    broken = tmp_path / "mine.yaml"
    broken.write_text("schema: 1\nname: mine\nlinks: {line: {from: shop, to: westeurope, rtt: 20}}\n", encoding="utf-8")
    one = visit(browser, address)
    before = verdict(one.page)
    one.page.locator("input[type=file]").set_input_files(broken)
    expect(one.page.get_by_role("alert").filter(has_text="mine.yaml:3: links.line.rtt: found")).to_be_visible()
    settled(one.page)
    assert verdict(one.page) == before
    assert one.strangers() == []


def test_an_assumption_is_changed_in_its_cell(browser: Browser, address: str, tmp_path: Path) -> None:
    assumed = tmp_path / "assumed.yaml"
    library = Path(__file__).parent.parent / "scenarios" / "library" / f"{TOY}.yaml"
    text = library.read_text(encoding="utf-8").replace("busy: 10 W}}", "busy: 10 W}, kind: assumed, why: a guess}")
    assumed.write_text(text, encoding="utf-8")
    one = visit(browser, address)
    one.page.locator("input[type=file]").set_input_files(assumed)
    grid = one.page.get_by_test_id("stDataFrame")
    expect(grid).to_be_visible(timeout=PATIENCE_MS)
    settled(one.page)
    grid.locator(".dvn-scroller").click(position={"x": 40, "y": 52})
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("Enter")
    cell = one.page.locator("textarea.gdg-input")
    expect(cell).to_have_value("120 USD")
    cell.fill("240 USD")
    cell.press("Enter")
    expect(one.page.get_by_text("--set prices.toy-box.price='240 USD'")).to_be_visible(timeout=PATIENCE_MS)
    settled(one.page)
    assert one.strangers() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(browser: Browser, address: str, scheme: str) -> None:
    """Every rule of axe-core (WCAG 2 A and AA, best practice) on the page as it opens."""
    one = visit(browser, address, scheme)
    found = Axe().run(one.page).response
    told = [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]
    assert [(rule, html[:200]) for rule, html in told if not (rule == STREAMLITS[0] and STREAMLITS[1] in html)] == []
    assert len(found["passes"]) > 20
