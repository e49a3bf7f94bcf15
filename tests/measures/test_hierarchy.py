"""How the service network fits the places: places left out, loads, spans."""

from __future__ import annotations

import geopandas as gpd
import pytest

import cultureplan as cp
from cultureplan.base.errors import UnknownNameError
from cultureplan.measures.hierarchy import head_load, hierarchy_summary, places_without_facility
from tests.worlds import CRS, ORIGIN, circle, demand, facilities, standard


@pytest.fixture
def county() -> cp.World:
    """One county of two towns: a head and a branch stand in the first, nothing in the second."""
    places = gpd.GeoDataFrame(
        {
            "place_id": ["C", "T1", "T2", "V1", "V2"],
            "name": ["county", "one", "two", "v one", "v two"],
            "place_level": ["county", "township", "township", "village", "village"],
            "parent_id": [None, "C", "C", "T1", "T2"],
        },
        geometry=gpd.points_from_xy(*([c + k for k in range(5)] for c in ORIGIN)),
        crs=CRS,
    )
    return cp.World(
        name="county",
        places=cp.Places(places),
        demand=demand([(0, 0), (5000, 0)], [30, 70], place_id=["V1", "V2"]),
        facilities=facilities(
            [(0, 0), (10, 0), (4000, 0)],
            ids=["H", "B", "S"],
            level=["head", "branch", "service_point"],
            parent_id=[None, "H", "B"],
            place_id=["C", "T1", "V1"],
        ),
    )


def test_a_town_without_a_branch_is_named_with_its_people(county: cp.World) -> None:
    """The branch of town one serves town one only (S-HIER-01)."""
    missing = places_without_facility(county, "township", level="branch")
    assert missing.index.tolist() == ["T2"]
    assert missing["persons"].tolist() == [70]
    assert places_without_facility(county, "county").empty
    assert places_without_facility(county, "village").index.tolist() == ["V2"]


def test_an_unknown_level_is_answered_with_the_closest(county: cp.World) -> None:
    """Town is written township here."""
    with pytest.raises(UnknownNameError, match="'township'"):
        places_without_facility(county, "townshp")


def test_a_head_carries_the_people_of_its_branches(county: cp.World) -> None:
    """30 go to the head's own door, 70 to the service point two levels below."""
    load = head_load(cp.measure_coverage(county, standard(circle(500))))
    assert load.loc["H", "load_persons"] == 100
    assert load.loc["H", "n_facilities"] == 2


def test_the_summary_counts_levels_spans_and_orphans(county: cp.World) -> None:
    """Close the branch: the service point is an orphan."""
    assert hierarchy_summary(county)["n_facilities"].to_dict() == {"head": 1, "branch": 1, "service_point": 1}
    after = cp.Scenario(county).close("B").apply()
    assert hierarchy_summary(after).loc["service_point", "n_orphans"] == 1
    assert county.network.orphaned_by_closing("H")["is_direct"].tolist() == [True, False]
