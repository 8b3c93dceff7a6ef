"""Which models and hardware, run in which way, the words of a user ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from hardware_profiles.catalogue.devices import profiled_as
from hardware_profiles.catalogue.identity import known_hardware, known_models
from hardware_profiles.catalogue.tables import Pair
from hardware_profiles.matching import Part, is_way, readings

_Fits = Sequence[int | None]


def understood(pattern: str) -> list[Asked]:
    """The readings in which every part means something, first one whose words are not divided between two names."""
    found = [asked for asked in map(Asked, readings(pattern)) if asked.is_understood]
    return sorted(found, key=lambda asked: asked.is_divided)


class Asked:
    """What the parts of a pattern ask for, of models and of hardware."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = [part for part in parts if not part.how]
        self.said = [part for part in parts if part.how]
        self._models = {name: [part.of_model(name) for part in self.parts] for name in known_models()}
        self._places = {name: [part.of_hardware(name) for part in self.parts] for name in known_hardware()}
        sides = [*self._models.values(), *self._places.values()]
        fitting = [i for i in range(len(self.parts)) if any(fits[i] is not None for fits in sides)]
        self._exact = [i for i in fitting if self.parts[i].model or self.parts[i].hardware]
        self._loose = [i for i in fitting if i not in self._exact and not is_way(self.parts[i])]
        # Words that a single name holds all of are not divided between a model and hardware.
        self._together = any(map(self._has_loose, sides))

    @property
    def loosely(self) -> str:
        """Words that belong together and are no name."""
        return " ".join(self.parts[i].text for i in self._loose) if self._together and len(self._loose) > 1 else ""

    @property
    def is_divided(self) -> bool:
        """Whether words that are no name are held by no single name either."""
        return len(self._loose) > 1 and not self._together

    @property
    def is_understood(self) -> bool:
        """Whether every part is a name, held by one, or a way of running."""
        return all(i in self._exact or i in self._loose or is_way(part) for i, part in enumerate(self.parts))

    def names(self, pair: Pair) -> bool:
        """Whether each part that can only mean a model or hardware means one of this pair."""
        sides = self._fits(pair)
        if self._together and not any(map(self._has_loose, sides)):
            return False
        return all(any(self._fits_at(fits, i) for fits in sides) for i in (*self._exact, *self._loose))

    def asks_about(self) -> Iterator[Pair]:
        """The pairs of which the pattern names both the model and the hardware."""
        whole = [part.model for part in self.parts if part.model]
        models = [m for m, fits in self._models.items() if _any(fits) and not any(m.startswith(f"{w}.") for w in whole)]
        places = [h for h, fits in self._places.items() if _any(fits) and profiled_as(h) == h]
        for pair in product(models, places):
            if self.names(pair) and not any(None not in fits for fits in self._fits(pair)):
                yield pair

    def ways(self, pair: Pair) -> list[Part]:
        """What is left to say in which way it ran."""
        sides = self._fits(pair)
        return [*self.said, *(p for i, p in enumerate(self.parts) if all(fits[i] is None for fits in sides))]

    def rank(self, pair: Pair) -> tuple[int, int, str, str]:
        """Lower for what fits better, then for shorter names."""
        sides = self._fits(pair)
        found = [[fit for fit in fits if fit is not None] for fits in zip(*sides, strict=True)]
        extra = sum(len(name) for name, fits in zip(pair, sides, strict=True) if any(fits[i] for i in self._loose))
        return sum(min(fits, default=0) for fits in found), extra, *pair

    def _fits(self, pair: Pair) -> tuple[_Fits, _Fits]:
        return self._models[pair[0]], self._places[pair[1]]

    def _fits_at(self, fits: _Fits, i: int) -> bool:
        """A number alone says nothing: it must stand in the name that holds the word in front of it."""
        alone = self.parts[i].text.replace(".", "").isdigit() and i - 1 in self._loose
        return fits[i] is not None and not (alone and fits[i - 1] is None)

    def _has_loose(self, fits: _Fits) -> bool:
        return bool(self._loose) and all(fits[i] is not None for i in self._loose)


def _any(fits: _Fits) -> bool:
    return any(fit is not None for fit in fits)
