"""Starting the page: Streamlit on this machine only, with one line that says where."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
import webbrowser
from contextlib import redirect_stdout
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any, TextIO
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from app.invocation import Invocation
from hardware_profiles.faults import BadInput, Fault

ADDRESS = "localhost"
FIRST_PORT, PORTS = 8501, 20  # tried where none is asked for
PAGE = Path(__file__).parent / "page.py"

OPTIONS: dict[str, object] = {
    "server.headless": True,
    "server.address": ADDRESS,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.maxUploadSize": 2,  # MB
    "browser.gatherUsageStats": False,
    "theme.headingFontSizes": ["1.9rem", "1.35rem", "1.15rem", "1rem", "1rem", "1rem"],
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showSidebarNavigation": False,
    "logger.hideWelcomeMessage": True,
    "logger.level": "error",
}


def serve(asked: Invocation, port: int | None, browser: bool) -> None:
    """Shows the page until it is interrupted.

    Raises
    ------
    BadInput
        Where the port is in use.
    """
    chosen = _free_port(port)
    threading.Thread(target=_announce, args=(f"http://{ADDRESS}:{chosen}", browser, sys.stdout), daemon=True).start()

    from streamlit.web import bootstrap

    from app.charts.look import streamlit_theme

    options = {**OPTIONS, **streamlit_theme(), "server.port": chosen}
    bootstrap.load_config_options(options)
    with redirect_stdout(StringIO()):  # whatever Streamlit has to say
        bootstrap.run(str(PAGE), False, [json.dumps(asdict(asked))], options)


def asked_here() -> Invocation:
    """What `serve` was asked for, inside the page."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    settings, what_ifs = tuple(asked["settings"]), tuple(asked["what_ifs"])
    return Invocation(asked["program"], asked["scenario"], settings, what_ifs, seed=asked["seed"])


def _free_port(port: int | None) -> int:
    for one in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS):
        if _is_free(one):
            return one
    if port is not None:
        raise BadInput(Fault("--port", f"{port}, which is in use", "a free port"))
    raise BadInput(Fault("--port", f"{FIRST_PORT} to {FIRST_PORT + PORTS - 1} in use", "a free port"))


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was left a moment ago is free
        try:
            tried.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def _announce(url: str, browser: bool, out: TextIO) -> None:
    """Waits for the server's answer, so that the address works as soon as it is printed."""
    opener = build_opener(ProxyHandler({}))
    while True:
        try:
            opener.open(f"{url}/_stcore/health", timeout=1).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            break
    print(f"Tierwise is at {url} (Ctrl-C ends it)", file=out, flush=True)
    if browser and _has_screen():
        webbrowser.open(url)


def _has_screen() -> bool:
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
