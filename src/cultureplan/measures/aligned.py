"""Values given for ids, as an array in the order of the ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array
from cultureplan.base.errors import InputError


def aligned_array(name: str, values: object, ids: pd.Index, *, non_negative: bool = True) -> np.ndarray:
    """Return `values` in the order of `ids`, shape (n_ids,), finite and (unless told otherwise) 0 or more.

    Parameters
    ----------
    name : str
        What messages call the values.
    values : Series or array-like
        A Series is matched by its index, which may be in any order and hold ids that are not asked for; an
        array must already be in the order of `ids`.
    ids : Index
        Unique ids.
    non_negative : bool
        Refuse numbers below 0.

    Raises
    ------
    InputError
        If an id has no value or more than one, a value is missing or infinite, or the length is wrong.
    """
    if not isinstance(values, pd.Series):
        return finite_array(name, values, n=len(ids), non_negative=non_negative)
    if values.index is ids or values.index.equals(ids):
        return finite_array(name, values, non_negative=non_negative)
    if values.index.has_duplicates:
        first = values.index[values.index.duplicated()][0]
        raise InputError.of("access.index_repeats", name=name, first=first)
    positions = values.index.get_indexer(ids)
    missing = positions < 0
    if missing.any():
        raise InputError.of(
            "access.not_aligned", name=name, n=int(missing.sum()), first=ids[missing][0], of=ids.name or "id"
        )
    return finite_array(name, values.to_numpy(float, na_value=np.nan)[positions], non_negative=non_negative)
