"""Trees of facilities and places: every bad link is found, and nothing else, against plain Python."""

from __future__ import annotations

import geopandas as gpd
import hypothesis.strategies as st
import pandas as pd
from hypothesis import given

from cultureplan.base.checks import FaultList, Origin
from cultureplan.world.table import parent_positions, validate_tree

Link = tuple[int, str | None]  # rank, parent

FAULTS = ("world.unknown_parent", "world.cycle", "world.rank_not_falling")
links = st.integers(1, 8).flatmap(
    lambda n: st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from([None, "elsewhere", *(f"F{i}" for i in range(n))])),
        min_size=n,
        max_size=n,
    )
)


def found(tree: list[Link]) -> dict[str, set[int]]:
    """The rows that are noted for each kind of fault."""
    ranks, parents = zip(*tree, strict=True)
    frame = gpd.GeoDataFrame(
        {
            "facility_id": pd.array([f"F{i}" for i in range(len(tree))], dtype="string"),
            "parent_id": pd.array(parents, dtype="string"),
            "level": pd.array([f"level {rank}" for rank in ranks], dtype="string"),
        },
        geometry=gpd.points_from_xy(range(len(tree)), range(len(tree))),
    )
    faults = FaultList()
    validate_tree(
        frame,
        "facility_id",
        pd.Series(ranks, dtype=float),
        origin=Origin(table="t", first_row=0),
        faults=faults,
    )
    noted = {fault.code: fault for fault in faults}
    assert len(noted) == len(faults)
    assert all(fault.n_rows <= 8 for fault in faults)
    return {
        code: set(map(int, noted[code].rows)) | _hidden(noted[code]) if code in noted else set()
        for code in FAULTS
    }


def _hidden(fault) -> set[int]:
    """Only five rows are shown; the others are counted."""
    return {-1 - extra for extra in range(fault.n_rows - len(fault.rows))}


def expected(tree: list[Link]) -> dict[str, set[int]]:
    """The same by following every parent by hand."""
    index = {f"F{i}": i for i in range(len(tree))}
    unknown = {i for i, (_, parent) in enumerate(tree) if parent is not None and parent not in index}
    in_circle = set()
    for start in range(len(tree)):
        here, steps = start, 0
        while steps <= len(tree):
            parent = tree[here][1]
            if parent not in index:
                break
            here, steps = index[parent], steps + 1
            if here == start:
                in_circle.add(start)
                break
    not_falling = {
        i
        for i, (rank, parent) in enumerate(tree)
        if parent in index and i not in in_circle and tree[index[parent]][0] <= rank
    }
    rows = dict(zip(FAULTS, (unknown, in_circle, not_falling), strict=True))
    return {code: set(sorted(bad)[:5]) | {-1 - k for k in range(len(bad) - 5)} for code, bad in rows.items()}


@given(links)
def test_every_bad_link_is_found_and_no_other(tree: list[Link]):
    """Unknown parents, circles of any length, ranks that do not fall: exactly those of the oracle."""
    assert found(tree) == expected(tree)


@given(links)
def test_what_is_found_does_not_depend_on_the_order_of_rows(tree: list[Link]):
    """The same faults, as many of each."""
    ids = [f"F{i}" for i in range(len(tree))]
    turned = [tree[i] for i in reversed(range(len(tree)))]
    names = dict(zip(reversed(ids), ids, strict=True))
    turned = [(rank, names.get(parent, parent)) for rank, parent in turned]
    assert {code: len(rows) for code, rows in found(tree).items()} == {
        code: len(rows) for code, rows in found(turned).items()
    }


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.data())
def test_a_good_tree_has_no_fault(ranks: list[int], data: st.DataObject):
    """Every parent is of a higher rank, or there is none."""
    tree = [
        (
            rank,
            data.draw(st.sampled_from([None, *(f"F{i}" for i, other in enumerate(ranks) if other > rank)])),
        )
        for rank in ranks
    ]
    assert not any(found(tree).values())


@given(links)
def test_parents_are_found_by_position(tree: list[Link]):
    """Minus one where there is none, or it is not here."""
    frame = pd.DataFrame(
        {"facility_id": [f"F{i}" for i in range(len(tree))], "parent_id": [p for _, p in tree]}
    )
    wanted = [int(p[1:]) if p is not None and p.startswith("F") else -1 for _, p in tree]
    assert parent_positions(frame, "facility_id").tolist() == wanted


def test_a_level_that_was_not_understood_is_no_fault_of_the_link():
    """It has been noted as a word already."""
    tree = [(2, None), (1, "F0")]
    frame = gpd.GeoDataFrame(
        {"facility_id": ["F0", "F1"], "parent_id": [None, "F0"], "level": [pd.NA, "branch"]},
        geometry=gpd.points_from_xy([0, 1], [0, 1]),
    )
    faults = FaultList()
    ranks = pd.Series([float("nan"), 1.0])
    validate_tree(frame, "facility_id", ranks, origin=Origin(table="t"), faults=faults)
    assert len(faults) == 0
    assert not any(found(tree).values())


def test_ids_used_twice_hide_links_until_they_are_mended():
    """Nobody could say which row is meant."""
    frame = gpd.GeoDataFrame(
        {"facility_id": ["F0", "F0"], "parent_id": ["F9", "F0"], "level": ["head", "head"]},
        geometry=gpd.points_from_xy([0, 1], [0, 1]),
    )
    faults = FaultList()
    validate_tree(frame, "facility_id", pd.Series([1.0, 1.0]), origin=Origin(table="t"), faults=faults)
    assert len(faults) == 0
