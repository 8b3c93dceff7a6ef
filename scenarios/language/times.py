"""How long something takes: a constant, a distribution, or one of these for each pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from hardware_profiles import ServiceTime
from scenarios.language.quantities import Seconds
from scenarios.language.shape import Shape, fault, short_for

MOST_CV = 5.0  # of a gamma law: so far is its draw known to be accurate
QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}


class DurationText(Shape):
    """``4 ms``, ``{mean: 4 ms, distribution: exponential}`` or quantiles ``{p50: 4 ms, p99: 6 ms}``."""

    shorthand: ClassVar[str] = "constant"

    constant: Seconds | None = None
    mean: Seconds | None = None
    distribution: Literal["constant", "exponential", "lognormal", "gamma"] | None = None
    cv: float | None = None
    """Of a log-normal or gamma distribution: standard deviation ÷ mean."""
    p50: Seconds | None = None
    p90: Seconds | None = None
    p95: Seconds | None = None
    p99: Seconds | None = None

    _short = model_validator(mode="before")(short_for("constant"))

    @model_validator(mode="after")
    def _one_way(self) -> DurationText:
        self.service()
        return self

    def service(self) -> ServiceTime:
        """The distribution that is meant."""
        return service(self.constant, self.mean, self.distribution, self.cv, self.quantiles())

    def quantiles(self) -> dict[float, float]:
        stated = {p: getattr(self, key, None) for key, p in QUANTILES.items()}
        return {p: value for p, value in stated.items() if value is not None}


def service(
    constant: float | None,
    mean: float | None,
    distribution: str | None,
    cv: float | None,
    quantiles: Mapping[float, float],
) -> ServiceTime:
    """The service time of one of three ways to say it; a fault where it is none or several of them."""
    if sum((constant is not None, mean is not None, bool(quantiles))) != 1:
        raise fault("a time said not once", "a constant, a mean with its distribution, or quantiles")
    if constant is not None:
        return ServiceTime.constant(constant)
    if quantiles:
        try:
            return ServiceTime.through(quantiles)
        except ValueError:
            raise fault("quantiles that decrease or are not positive", "p50 ≤ p90 ≤ p95 ≤ p99, above zero") from None
    assert mean is not None
    match distribution:
        case "constant":
            return ServiceTime.constant(mean)
        case "exponential" if mean > 0:
            return ServiceTime.exponential(mean)
        case "lognormal" if mean > 0 and cv is not None and cv > 0:
            return ServiceTime.lognormal(mean, cv)
        case "gamma" if mean > 0 and cv is not None and 0 < cv <= MOST_CV:
            return ServiceTime.gamma(mean, cv)
    raise fault("a mean without its distribution", "distribution: constant, exponential, or lognormal or gamma with cv")


def _by_pool(value: Any) -> Any:
    if isinstance(value, Mapping) and not set(value) & {"constant", "mean", "distribution", "cv", *QUANTILES}:
        return value
    return {"": value}


class _TimesSchema:
    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        by_pool = handler(schema)
        return {"anyOf": [by_pool["additionalProperties"], by_pool]}


Times = Annotated[dict[str, DurationText], _TimesSchema, BeforeValidator(_by_pool)]
"""A duration that holds for every pool (key ``""``), or one for each pool."""
