"""``tierwise app``."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.options import Seed, Settings, WhatIfs, asked_for, loaded

Scenario = Annotated[str, typer.Argument(metavar="[SCENARIO]", help="What is open first.", show_default=False)]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Where; the first free one from 8501 by default.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Open no browser.")]


def web(
    scenario: Scenario = "factory-vision",
    port: Port = None,
    no_browser: NoBrowser = False,
    set_: Settings = None,
    with_: WhatIfs = None,
    seed: Seed = 1,
) -> None:
    """Show scenarios and their plans on a page in the browser, on this machine only."""
    from app.web.serving import serve
    from sim import make_ready

    asked = asked_for(scenario, set_, with_, None, None, seed)
    loaded(asked)
    make_ready()  # nobody waits for a compiler once the page is there
    serve(asked, port, browser=not no_browser)
