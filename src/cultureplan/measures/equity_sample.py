"""What every inequality index reads: values and persons of demand points, matched by their index."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array
from cultureplan.base.errors import InputError
from cultureplan.measures.aligned import aligned_array


def read_sample(values: object, weights: object, *, endless: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return values and persons as arrays in the order of the values."""
    if endless:
        held = np.asarray(values, dtype=float)
        finite_array("values", np.where(np.isposinf(held), 0.0, held))
    else:
        held = finite_array("values", values)
    persons = np.ones(len(held)) if weights is None else like(values, "weights", weights)
    return held, persons


def like(values: object, name: str, other: object, *, non_negative: bool = True) -> np.ndarray:
    """Return another array or Series in the order of the values."""
    if isinstance(values, pd.Series):
        return aligned_array(name, other, values.index, non_negative=non_negative)
    return finite_array(name, other, n=len(np.asarray(values)), non_negative=non_negative)


def same_order(values: object, name: str, other: object) -> np.ndarray:
    """Return labels or numbers in the order of the values."""
    n = len(np.asarray(values))
    if isinstance(values, pd.Series) and isinstance(other, pd.Series):
        if other.index.has_duplicates:
            first = other.index[other.index.duplicated()][0]
            raise InputError.of("access.index_repeats", name=name, first=first)
        found = other.index.get_indexer(values.index)
        if (found < 0).any():
            raise InputError.of(
                "access.not_aligned",
                name=name,
                n=int((found < 0).sum()),
                first=values.index[found < 0][0],
                of=values.index.name or "id",
            )
        return other.to_numpy()[found]
    array = np.asarray(other)
    if array.shape != (n,):
        raise InputError.of("fault.wrong_shape", name=name, got=array.shape, want=(n,))
    return array


def read_groups(values: object, groups: object) -> np.ndarray:
    """Return the group of each value as an object array; a missing one is an error."""
    found = same_order(values, "groups", groups).astype(object)
    missing = np.asarray(pd.isna(found))
    if missing.any():
        first = int(np.flatnonzero(missing)[0])
        raise InputError.of("equity.no_group", n=int(missing.sum()), first=first)
    return found


def validate_choice(name: str, value: object, known: tuple[str, ...]) -> None:
    """Raise unless `value` is one of the known words."""
    if value not in known:
        raise InputError.of(
            "fault.not_one_of", name=name, value=value, known=", ".join(known), closest=known[0]
        )
