"""What the shapes of a model's inputs say about batch and picture."""

from __future__ import annotations

from collections.abc import Sequence

Shape = Sequence[int]
_CHANNELS = (1, 3, 4)


def batch_of(shapes: Sequence[Shape]) -> int | None:
    """The leading dimension of all inputs where they agree on it; None else, or where it is not fixed."""
    leading = {shape[0] if len(shape) > 1 else None for shape in shapes}
    (only,) = leading if len(leading) == 1 else (None,)
    return only if only and only > 0 else None


def picture_of(shapes: Sequence[Shape]) -> int | None:
    """The edge of the one square picture among the inputs (N×C×H×W or N×H×W×C) [px]."""
    edges = [edge for shape in shapes if (edge := _edge(shape))]
    return edges[0] if len(edges) == 1 else None


def _edge(shape: Shape) -> int | None:
    if len(shape) != 4:
        return None
    _, a, b, c = shape
    if a in _CHANNELS and b == c and b > 1:
        return b
    return a if c in _CHANNELS and a == b and a > 1 else None
