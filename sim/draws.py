"""Random draws as pure functions of a name and a number; nothing remembers what was drawn before.

A key stands for one stream of one piece of work (the service times of one task of one source, say), the counter for
the request in that stream. Equal keys and counters give equal draws in every engine and process, in any order. The keys
of many sources are themselves drawn so, from one for all of them: their names are hashed once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hardware_profiles.service_time import ServiceTime
from sim.jit import call, inlined, loop, steps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

NS = 1_000_000_000

CONSTANT, EXPONENTIAL, LOGNORMAL, QUANTILES, CHANCE, CHOICE, GAMMA, UNIFORM, LOSSES, BAG, KEPT, WINDOW = range(12)
_HEAD = 5  # kind, a, b, offset, number of points; then the probabilities, then the times; or recorded times alone
_PER_SIGMA, _SIGMAS = 16, 8.25  # points of a gamma law: so far do uniforms reach

_BEFORE_ALL = 1 << 62  # a counter that no request has

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_BITS_12, _BITS_27, _BITS_30, _BITS_31 = np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31)


def key(seed: int, replication: int, stream: str, *work: str | int) -> np.uint64:
    """Key of a stream: blake2b-64 of what it belongs to.

    Parameters
    ----------
    stream
        ``phase``, ``arrival``, ``share``, ``service``, ``dispatch``, ``delay``, ``loss`` or ``origin``.
    work
        Workload, group, task, copy, attempt, hop; shorter where the rest has no meaning. The sources of a flow have
        keys of their own under it (``source_keys``).
    """
    text = repr((seed, replication, stream, *work)).encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))


def nanoseconds(seconds: float) -> int:
    """Whole nanoseconds, halves rounded up as in ``draw``."""
    return math.floor(seconds * NS + 0.5)


def law(service: ServiceTime) -> Floats:
    """A service time in the form that ``draw`` reads; it draws nanoseconds."""
    if service.recording is not None:
        kept = service.kind == "kept"
        times = service.recording.values if kept else service.recording.increasing
        return np.array([KEPT if kept else BAG, service.a, 0, service.offset_s, len(times), *times], np.float64)
    points = service.points
    head = (_KINDS[service.kind], service.a, service.b, service.offset_s, len(points))
    if service.kind == "gamma":
        return _gamma(service)
    return np.array([*head, *(p for p, _ in points), *(t for _, t in points)], dtype=np.float64)


_KINDS = {
    "constant": CONSTANT,
    "exponential": EXPONENTIAL,
    "lognormal": LOGNORMAL,
    "gamma": GAMMA,
    "uniform": UNIFORM,
    "quantiles": QUANTILES,
}


def _gamma(service: ServiceTime) -> Floats:
    """A gamma law by the logarithm of its quantiles, and its slope, at equally spaced quantiles of a normal one.

    For cv from 0.05 to 5 the curve through them is accurate to 1e-6 (1e-8 for cv up to 1).
    """
    from scipy.special import gammainccinv, gammaincinv, gammaln, ndtr

    shape = service.b
    z = np.arange(-_SIGMAS, _SIGMAS + 0.5 / _PER_SIGMA, 1.0 / _PER_SIGMA)
    x = np.where(z < 0, gammaincinv(shape, ndtr(z)), gammainccinv(shape, ndtr(-z)))
    x = np.maximum(x, np.finfo(np.float64).tiny)
    density = shape * np.log(x) - x - gammaln(shape)  # logarithm of that of log x
    slopes = np.exp(-0.5 * z * z - 0.5 * math.log(2.0 * math.pi) - density)
    slopes[x == np.finfo(np.float64).tiny] = 0.0
    values = np.log(x * (service.a / shape))
    return np.array([GAMMA, service.a, shape, service.offset_s, len(z), *values, *slopes / _PER_SIGMA])


def losses(share: float) -> Floats:
    """Draws how often a message is lost before it comes through, each time with this probability: geometric."""
    return np.array([LOSSES, math.log(share), 1, 0, 0], dtype=np.float64)


def as_long(losses: Floats, each_ns: int) -> Floats:
    """Draws how long that takes [ns] where each loss takes as long."""
    return np.array([*losses[:2], each_ns, 0, 0], dtype=np.float64)


def chance(share: float) -> Floats:
    """Draws 1 with probability ``share``, else 0."""
    return np.array([CHANCE, share, 0, 0, 0], dtype=np.float64)


def window(number: int) -> Floats:
    """Draws 1 for the last of every ``number`` requests of a source, which begin anywhere in a window; else 0."""
    return np.array([WINDOW, number, 0, 0, 0], dtype=np.float64)


def choice(number: int) -> Floats:
    """Draws one of 0 … ``number`` - 1, all equally likely."""
    return np.array([CHOICE, number, 0, 0, 0], dtype=np.float64)


def table(laws: Sequence[Floats]) -> Floats:
    """Several laws as one array, a row each."""
    rows = np.zeros((len(laws), max((len(one) for one in laws), default=_HEAD)))
    for row, one in zip(rows, laws, strict=True):
        row[: len(one)] = one
    return rows


@inlined
def _mix(z: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014, figure 13)."""
    z = (z ^ (z >> _BITS_30)) * _FIRST
    z = (z ^ (z >> _BITS_27)) * _SECOND
    return z ^ (z >> _BITS_31)


@inlined
def _bits(stream: np.uint64, counter: int) -> np.uint64:
    """All 64 of a draw; for one stream no two counters below 2**64 have the same."""
    return _mix(_mix(np.uint64(counter) * _GOLDEN + stream) + stream)


@loop
def source_keys(names: Keys, sites: Ints, sources: Ints) -> Keys:
    """Keys of the streams of many sources, a row each, by names that those of a flow have in common (``key``)."""
    found = np.empty((len(sites), len(names)), np.uint64)
    for i in range(len(sites)):
        for j in range(len(names)):
            found[i, j] = _bits(names[j], (sites[i] << 32) + sources[i])
    return found


@inlined
def uniform(stream: np.uint64, counter: int) -> float:
    """Uniform in the open interval (0, 1): the middles of 2**52 equal cells, all of them exact floats."""
    return (np.float64(_bits(stream, counter) >> _BITS_12) + 0.5) * 2.0**-52


@inlined
def one_of(number: float, stream: np.uint64, counter: int) -> int:
    """One of 0 … ``number`` - 1, all equally likely."""
    return math.floor(uniform(stream, counter) * number)


@call
def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution, accurate to about 1e-16 (Wichura 1988, algorithm AS 241)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return (
            q
            * (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
            + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
            + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)
            / (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
            + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
            + 4.2313330701600911252e1) * r + 1.0)
        )  # fmt: skip
    r = math.sqrt(-math.log(min(p, 1.0 - p)))
    if r <= 5.0:
        r -= 1.6
        x = (
            (((((((7.7454501427834140764e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
            + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
            + 4.63033784615654529590e0) * r + 1.42343711074968357734e0)
            / (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
            + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
            + 2.05319162663775882187e0) * r + 1.0)
        )  # fmt: skip
    else:
        r -= 5.0
        x = (
            (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
            + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
            + 5.46378491116411436990e0) * r + 6.65790464350110377720e0)
            / (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
            + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
            + 5.99832206555887937690e-1) * r + 1.0)
        )  # fmt: skip
    return -x if q < 0.0 else x


@call
def _between(law: Floats, u: float) -> float:
    """Time [s] on the line through a law's points, straight in the logarithm, flat outside."""
    count = int(law[4])
    times = _HEAD + count
    if u <= law[_HEAD]:
        return float(law[times])
    for i in range(1, count):
        p0, p1 = law[_HEAD + i - 1], law[_HEAD + i]
        if u <= p1:
            t0, t1 = law[times + i - 1], law[times + i]
            return float(t0 * math.exp((u - p0) / (p1 - p0) * math.log(t1 / t0)))
    return float(law[times + count - 1])


@call
def _along(law: Floats, u: float) -> float:
    """Time [s] on the curve of a gamma law: cubic between two points with the slope at each."""
    at = (normal_quantile(u) + _SIGMAS) * _PER_SIGMA
    i = min(int(at), int(law[4]) - 2)
    t, value = at - i, _HEAD + i
    slope = value + int(law[4])
    rest = 1.0 - t
    return math.exp(
        rest * rest * ((1.0 + 2.0 * t) * law[value] + t * law[slope])
        + t * t * ((1.0 + 2.0 * rest) * law[value + 1] - rest * law[slope + 1])
    )


@call
def _recorded(law: Floats, stream: np.uint64, counter: int) -> float:
    """A recorded time [s]: number ``counter`` of them in a circle, or any."""
    number = int(law[4])
    if int(law[0]) == KEPT:
        return float(law[_HEAD + counter % number])
    return float(law[_HEAD + min(math.floor(uniform(stream, counter) * number), number - 1)])


@steps
def draw(law: Floats, stream: np.uint64, counter: int) -> int:
    """One draw of a law: nanoseconds of a service time, else a whole number. The only place where times are rounded."""
    kind = int(law[0])
    a, b, offset = float(law[1]), float(law[2]), float(law[3])
    if kind == CONSTANT:
        return math.floor((a + offset) * NS + 0.5)
    if kind == WINDOW:
        began = math.floor(uniform(stream, _BEFORE_ALL) * a)
        return 1 if (began + counter) % int(a) == int(a) - 1 else 0
    if kind >= BAG:
        return max(math.floor((a * _recorded(law, stream, counter) + offset) * NS + 0.5), 1)
    u = uniform(stream, counter)
    if kind == CHANCE:
        return 1 if u < a else 0
    if kind == CHOICE:
        return one_of(a, stream, counter)
    if kind == LOSSES:
        return math.floor(math.log(u) / a) * math.floor(b)
    if kind == EXPONENTIAL:
        seconds = -a * math.log(1.0 - u)  # 1 - u is exact, and this twice as fast as log1p(-u)
    elif kind == LOGNORMAL:
        seconds = a * math.exp(b * normal_quantile(u))
    elif kind == GAMMA:
        seconds = _along(law, u)
    elif kind == UNIFORM:
        seconds = a * (1.0 + b * (2.0 * u - 1.0))
    else:
        seconds = _between(law, u)
    return max(math.floor((seconds + offset) * NS + 0.5), 1)  # what is random takes some time


@loop
def draw_rows(laws: Floats, streams: Keys, first: int, count: int) -> Ints:
    """Draws number ``first`` … ``first + count - 1`` of several laws, one column each."""
    rows = np.empty((count, len(streams)), np.int64)
    for i in range(count):
        for j in range(len(streams)):
            rows[i, j] = draw(laws[j], streams[j], first + i)
    return rows
