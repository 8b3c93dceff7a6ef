"""The look of our own elements on the page, in the colours of `app.charts.look`."""

from __future__ import annotations

from app.charts.look import PAPER, SIGN, Scheme

_CSS = """
.tw { line-height: 1.5; color: var(--tw-ink); }
.tw p { margin: .3rem 0; max-width: 60rem; overflow-wrap: anywhere; }
.tw a { color: var(--tw-link); }
.tw .soft, .tw dt, .tw caption, .tw figcaption { color: var(--tw-soft); }
.tw dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem;
  margin: .7rem 0 .2rem; padding: 0; max-width: 66rem; }
.tw dd { margin: 0; overflow-wrap: anywhere; }
.tw .sign { color: var(--tw-sign); font-weight: 600; white-space: nowrap; }
.tw .banner, .tw .line { border-left: .4rem solid var(--tw-sign); border-radius: .4rem; background: var(--tw-shade); }
.tw .banner { padding: .8rem 1.1rem; }
.tw .line { padding: .5rem 1rem; max-width: none; }
.tw .banner .head { font-size: 1.25rem; line-height: 1.35; font-weight: 600; margin: 0; max-width: none; }
.tw figure { margin: .8rem 0; overflow-x: auto; }
.tw figure img { max-width: 100%; height: auto; }
.tw .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.tw .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .8rem; }
.tw .card { border: 1px solid var(--tw-rule); border-radius: .4rem; padding: .6rem .9rem; }
.tw .card p { margin: 0; }
.tw .card .value { font-size: 1.7rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tw .card .sign { font-size: .95rem; }
.tw figcaption, .tw .soft { font-size: .875rem; }
.tw .wide { overflow-x: auto; margin: .8rem 0 .3rem; }
.tw table { border-collapse: collapse; width: 100%; font-size: .9rem; }
.tw caption { text-align: left; padding: 0 0 .4rem; }
.tw th, .tw td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border: 0;
  border-bottom: 1px solid var(--tw-rule); }
.tw thead th { font-weight: 600; color: var(--tw-soft); }
.tw tbody th { font-weight: 400; }
.tw td.short { white-space: nowrap; }
.tw td.long { overflow-wrap: anywhere; min-width: 9rem; }
.tw th.figure, .tw td.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.tw tr.sum td, .tw tr.sum th { font-weight: 600; border-bottom: 0; }
.tw .brand { font-size: 1.3rem; font-weight: 700; margin: 0; }
.stMainBlockContainer { padding-top: 3rem; }
.stMainBlockContainer h1 { padding-bottom: .2rem; }
@media (max-width: 40rem) { .tw dl { grid-template-columns: 1fr; gap: 0; } .tw dd { margin-bottom: .5rem; } }
"""


def style(scheme: Scheme) -> str:
    """A style sheet for everything of the class ``tw``, for ``light`` or ``dark``."""
    paper = PAPER[scheme]
    colours = {"ink": paper.ink, "soft": paper.soft, "rule": paper.rule, "shade": paper.shade, "link": paper.link}
    properties = " ".join(f"--tw-{name}: {colour};" for name, colour in colours.items())
    signs = "\n".join(f".tw .{name} {{ --tw-sign: {getattr(sign, scheme)}; }}" for name, sign in SIGN.items())
    return f"<style>.tw {{ {properties} }}\n{signs}\n{_CSS}</style>"
