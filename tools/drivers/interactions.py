"""The cells in which several dimensions meet, from one more pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tools.drivers.choosing import Cells
from tools.drivers.contributions import Breakdown, sums
from tools.drivers.whole import Part, Whole

if TYPE_CHECKING:
    from tools.semantic.query import Key

MOST_CELLS = 400_000


def cells_of_one(breakdown: Breakdown) -> Cells:
    """A single dimension's values."""
    import numpy as np

    found = sorted(breakdown.contributions, key=lambda one: (one.value is None, one.value or ""))
    return Cells(
        (tuple(one.value for one in found),),
        np.arange(len(found), dtype=np.intp)[:, None],
        np.array([one.change for one in found]),
        np.array([one.base for one in found]),
        np.array([one.weight for one in found]),
    )


def cells_of(
    whole: Whole, parts: Mapping[Key, Part], place: int, further: Sequence[Callable[[str | None], str | None]]
) -> Cells | None:
    """The cells of parts by the values of several dimensions; None where they do not sum to the whole.

    The key at `place`, if there is one, is a product, and stands for its attributes, which `further` tell.
    """
    import numpy as np

    if not parts or not sums(whole, parts.values()):
        return None
    keys = sorted(parts, key=lambda key: tuple((cell is None, cell or "") for cell in key))
    columns: list[list[str | None]] = [[key[at] for key in keys] for at in range(place)]
    columns += [[attribute(key[place]) for key in keys] for attribute in further]
    values: list[tuple[str | None, ...]] = []
    codes = np.empty((len(keys), len(columns)), dtype=np.intp)
    for at, column in enumerate(columns):
        known = sorted(set(column), key=lambda cell: (cell is None, cell or ""))
        code = {cell: number for number, cell in enumerate(known)}
        values.append(tuple(known))
        codes[:, at] = [code[cell] for cell in column]
    listed = [parts[key] for key in keys]
    arrays = [np.array([getattr(part, name) for part in listed]) for name in Part.__dataclass_fields__]
    together = Part(*arrays)
    return Cells(tuple(values), codes, whole.contribution(together), whole.base(together), whole.weight(together))


def fitting(sizes: Sequence[int]) -> int:
    """How many dimensions, from the first on, may meet without more cells than can be looked through."""
    product = 1
    for count, size in enumerate(sizes):
        product *= size
        if product > MOST_CELLS:
            return count
    return len(sizes)
