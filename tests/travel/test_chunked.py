"""Partitions: the same numbers as in memory, whoever does the work, and faults that name the file."""

from __future__ import annotations

import itertools
import math
import os
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.base.errors import (
    InputError,
    MissingColumnError,
    MissingFileError,
    OutputExistsError,
    TableError,
)
from cultureplan.travel import chunked, geodesic, kernels, parquet_parts
from tests.worlds import facilities

QUIET = chunked.Run(progress=False)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """12,000 places with fractional persons, some of them empty."""
    rng = np.random.default_rng(4)
    n = 12_000
    return pd.DataFrame(
        {
            "x": rng.random(n) * 9_000,
            "y": rng.random(n) * 9_000,
            "persons": np.where(rng.random(n) < 0.1, 0.0, rng.random(n) * 30),
            "county": rng.choice(["大武口", "惠农", "平罗"], n),
            "income": rng.integers(0, 400, n) / 7,
        }
    )


@pytest.fixture(scope="module")
def folder(people: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same people in nine files of unequal length, with several row groups, one of them empty."""
    where = tmp_path_factory.mktemp("people")
    edges = [0, 10, 2_000, 2_000, 5_500, 5_501, 8_000, 9_000, 11_999, 12_000]
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        people.iloc[start:stop].to_parquet(where / f"{number}.parquet", row_group_size=700)
    return where


@pytest.fixture(scope="module")
def sites() -> np.ndarray:
    """Forty libraries, two of them on one spot."""
    points = np.random.default_rng(8).random((40, 2)) * 9_000
    points[7] = points[3]
    return points


@pytest.fixture(autouse=True, params=[2**20, 900])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Parts of whole files, and parts that split them."""
    monkeypatch.setattr(parquet_parts, "BATCH", request.param)
    return int(request.param)


def test_coverage_is_that_in_memory_to_the_last_bit(
    people: pd.DataFrame, folder: Path, sites: np.ndarray
) -> None:
    """Persons inside, circles about each person, persons about each site, and the counties."""
    xy, persons = people[["x", "y"]].to_numpy(), people["persons"].to_numpy()
    limit_m = np.where(np.arange(40) % 2, 800.0, 500.0)
    near = kernels.sites_near(xy, sites, limit_m, persons=persons)
    found = chunked.coverage(
        folder, sites, limit_m=limit_m, columns=chunked.Columns(group="county"), run=QUIET
    )
    inside = near.n_within > 0
    assert found.n_points == 12_000
    assert found.persons == math.fsum(persons)
    assert found.persons_inside == cp.covered_persons(xy, persons, sites, limit_m=limit_m)
    assert found.share == found.persons_inside / found.persons
    assert near.site_persons is not None
    assert found.site_persons.tolist() == near.site_persons.tolist()
    for circles, held in found.overlap.items():
        assert held == math.fsum(persons[near.n_within == circles])
    for county, row in found.groups.iterrows():
        rows = (people["county"] == county).to_numpy()
        assert row["persons"] == math.fsum(persons[rows])
        assert row["persons_inside"] == math.fsum(persons[rows & inside])


def test_nearest_is_that_in_memory_and_is_written_row_by_row(
    people: pd.DataFrame, folder: Path, sites: np.ndarray, tmp_path: Path
) -> None:
    """The distribution of distances, the persons who go to each site, and a file a part."""
    xy, persons = people[["x", "y"]].to_numpy(), people["persons"].to_numpy()
    site, distance_m = kernels.nearest_site(xy, sites)
    found = chunked.nearest(folder, sites, out=tmp_path / "out", run=QUIET)
    products = persons * distance_m
    assert found.persons == math.fsum(persons)
    assert found.spread.mean == math.fsum(products) / math.fsum(persons)
    assert found.spread.is_exact
    assert found.sites["nearest_persons"].tolist() == [
        math.fsum(persons[site == at]) for at in range(len(sites))
    ]
    assert found.sites["nearest_persons"].iloc[7] == 0  # on the spot of 3, which stands first
    parts = sorted((tmp_path / "out").glob("*.parquet"))
    assert len(parts) == found.n_parts
    rows = pd.concat([pd.read_parquet(part) for part in parts])
    assert np.array_equal(rows["nearest_m"], distance_m)
    assert np.array_equal(rows["nearest_facility_id"], site)
    assert np.array_equal(rows["persons"], persons)
    with pytest.raises(OutputExistsError, match="already holds"):
        chunked.nearest(folder, sites, out=tmp_path / "out", run=QUIET)


def test_access_is_that_from_coordinates_in_memory(
    people: pd.DataFrame, folder: Path, sites: np.ndarray, tmp_path: Path
) -> None:
    """Enhanced two-step access of every row, a decay of the library or plain steps, and its equality."""
    xy, persons = people[["x", "y"]].to_numpy(), people["persons"].to_numpy(copy=True)
    supply = np.arange(40) * 12.5
    near = cp.access.step({500: 1.0, 1_000: 0.68, 2_000: 0.22})
    expected = cp.access.two_step_from_coordinates(xy, persons, sites, supply, decay=near).to_numpy()
    found = chunked.access(folder, sites, supply, decay=near, out=tmp_path / "access", run=QUIET)
    rows = pd.concat([pd.read_parquet(part) for part in sorted((tmp_path / "access").glob("*.parquet"))])
    assert rows["access"].to_numpy() == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert found.spread.mean == pytest.approx(np.average(expected, weights=persons), rel=1e-12)
    assert found.spread.gini == pytest.approx(cp.equity.gini(expected, weights=persons), rel=1e-9)
    plain = chunked.access(folder, sites, supply, decay={500: 1.0, 1_000: 0.68, 2_000: 0.22}, run=QUIET)
    assert plain.spread.gini == found.spread.gini
    again = chunked.equity(tmp_path / "access", columns=chunked.Columns(value="access"), run=QUIET)
    assert again.spread.gini == found.spread.gini
    assert again.spread.mean == found.spread.mean


def test_equity_of_a_column_is_that_in_memory(people: pd.DataFrame, folder: Path) -> None:
    """Gini, Lorenz curve, mean and median of a column that holds four hundred different values."""
    values, persons = people["income"].to_numpy(), people["persons"].to_numpy()
    found = chunked.equity(folder, columns=chunked.Columns(value="income"), run=QUIET).spread
    assert found.gini == pytest.approx(cp.equity.gini(values, weights=persons), rel=1e-11)
    assert found.gini_error == 0.0
    assert len(found.keys) == 400
    curve = found.lorenz_curve(11)
    assert curve["value_share"].iloc[[0, -1]].tolist() == pytest.approx([0.0, 1.0])
    assert np.all(np.diff(curve["value_share"], 2) > -1e-12)  # poorest first: it bends upwards
    order = np.argsort(values)
    half = np.searchsorted(np.cumsum(persons[order]), persons.sum() / 2)
    assert found.quantile(0.5) == values[order][half]


def test_threads_and_order_of_files_change_nothing(folder: Path, sites: np.ndarray) -> None:
    """One thread or three, files forwards or backwards, one folder or a list or a pattern."""
    one = chunked.coverage(folder, sites, limit_m=800, run=chunked.Run(progress=False, threads=1))
    files = sorted(folder.glob("*.parquet"), reverse=True)
    three = chunked.coverage(files, sites, limit_m=800, run=chunked.Run(progress=False, threads=3))
    pattern = chunked.coverage(str(folder / "*.parquet"), sites, limit_m=800, run=QUIET)
    for other in (three, pattern):
        assert other.persons_inside == one.persons_inside
        assert other.site_persons.equals(one.site_persons)
        assert other.overlap.equals(one.overlap)


def test_degrees_are_measured_along_the_ground(tmp_path: Path) -> None:
    """Two provinces, several map zones apart, in one run."""
    rng = np.random.default_rng(2)
    lonlat = np.repeat([[106.4, 39.0], [121.5, 31.2]], 2_000, axis=0) + rng.normal(0, 0.05, (4_000, 2))
    sites = np.array([[106.4, 39.0], [121.5, 31.2], [121.52, 31.2]])
    frame = pd.DataFrame({"lon": lonlat[:, 0], "lat": lonlat[:, 1], "persons": rng.integers(0, 90, 4_000)})
    frame.to_parquet(tmp_path / "p.parquet")
    columns = chunked.Columns(x="lon", y="lat", degrees=True)
    near = geodesic.geodesic_near(lonlat, sites, limit_m=5_000, persons=frame["persons"])
    found = chunked.coverage(tmp_path, sites, limit_m=5_000, columns=columns, run=QUIET)
    assert near.site_persons is not None
    assert found.site_persons.tolist() == near.site_persons.tolist()
    assert found.persons_inside == frame["persons"][near.n_within > 0].sum()
    far = chunked.nearest(tmp_path, sites, columns=columns, run=QUIET)
    assert far.spread.quantile(1.0) == near.nearest_m[frame["persons"] > 0].max()


def test_a_table_of_facilities_counts_the_existing_ones_by_their_ids(tmp_path: Path) -> None:
    """Closed ones reach nobody, limits and supply stand as the table does, a tie goes to the first id."""
    table = facilities(
        [(0, 0), (0, 0), (50, 0)], ids=["F2", "F1", "F0"], status=["existing", "existing", "closed"]
    )
    pd.DataFrame({"x": table.xy[:, 0], "y": table.xy[:, 1] + 90, "persons": 1.0}).to_parquet(
        tmp_path / "p.parquet"
    )
    found = chunked.coverage(tmp_path, table, limit_m=[100.0, 50.0, 900.0], run=QUIET)
    assert found.site_persons.to_dict() == {"F1": 0.0, "F2": 2.0}
    assert chunked.nearest(tmp_path, table, run=QUIET).sites["nearest_persons"].to_dict() == {
        "F1": 3.0,
        "F2": 0.0,
    }
    supply = pd.Series({"F0": 1.0, "F1": 30.0, "F2": 60.0})
    shared = chunked.access(tmp_path, table, supply, decay={100.0: 1.0}, run=QUIET)
    assert shared.sites["supply_per_person"].to_dict() == {"F1": 15.0, "F2": 30.0}


def test_nobody_in_the_files_is_nobody_inside(tmp_path: Path) -> None:
    """An empty table is no fault; a share of nobody is NaN."""
    pd.DataFrame({"x": [], "y": [], "persons": []}, dtype=float).to_parquet(tmp_path / "none.parquet")
    found = chunked.coverage(tmp_path, [[0, 0]], limit_m=5, run=QUIET)
    assert (found.persons, found.n_parts) == (0.0, 0)
    assert math.isnan(found.share)
    assert math.isnan(chunked.nearest(tmp_path, [[0, 0]], run=QUIET).spread.gini)


def test_files_that_do_not_fit_are_all_named(tmp_path: Path) -> None:
    """A missing column, words for numbers, half a file: every one of them, in both languages."""
    good = pd.DataFrame({"x": [0.0], "y": [0.0], "persons": [1]})
    good.to_parquet(tmp_path / "a.parquet")
    good.rename(columns={"persons": "人口"}).to_parquet(tmp_path / "b.parquet")
    good.assign(persons=["many"]).to_parquet(tmp_path / "c.parquet")
    (tmp_path / "d.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:60])
    with pytest.raises(TableError) as caught:
        chunked.coverage(tmp_path, [[0, 0]], limit_m=5, run=QUIET)
    said, chinese = str(caught.value), caught.value.render("zh")
    assert "3 faults" in said
    for name in ("b.parquet", "c.parquet", "d.parquet"):
        assert name in said
        assert name in chinese
    assert "a.parquet" not in said
    assert "人口" in said
    with pytest.raises(MissingColumnError, match=r"b\.parquet: has no column 'persons'"):
        chunked.coverage([tmp_path / "a.parquet", tmp_path / "b.parquet"], [[0, 0]], limit_m=5, run=QUIET)
    with pytest.raises(MissingFileError, match="No Parquet file"):
        chunked.coverage(tmp_path / "nowhere", [[0, 0]], limit_m=5)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("persons", -3.0, "negative"), ("x", None, "missing or infinite"), ("persons", math.inf, "infinite")],
)
def test_rows_that_are_wrong_are_named(tmp_path: Path, column: str, value: float | None, words: str) -> None:
    """The file, the row as counted from 1, the column and the value."""
    frame = pd.DataFrame({"x": np.zeros(3_000), "y": 0.0, "persons": 1.0})
    frame.loc[2_345, column] = value
    frame.to_parquet(tmp_path / "p.parquet", row_group_size=500)
    with pytest.raises(TableError, match=rf"p\.parquet, row 2346, column {column}.*{words}"):
        chunked.coverage(tmp_path, [[0, 0]], limit_m=5, run=QUIET)


def test_degrees_and_decays_that_are_none_are_refused(folder: Path) -> None:
    """Metres read as degrees, weights that rise, no weights at all, a decay in minutes."""
    with pytest.raises(TableError, match="no longitude and latitude"):
        chunked.coverage(folder, [[106.0, 39.0]], limit_m=5, columns=chunked.Columns(degrees=True), run=QUIET)
    with pytest.raises(InputError, match="do not fall"):
        chunked.access(folder, [[0, 0]], [1], decay={500: 0.5, 900: 1.0}, run=QUIET)
    for decay in ({}, cp.access.step({15: 1.0}, unit="minutes"), cp.access.gaussian(500)):
        with pytest.raises(InputError, match="no steps"):
            chunked.access(folder, [[0, 0]], [1], decay=decay, run=QUIET)


def test_progress_counts_the_parts_and_the_bar_speaks(
    folder: Path, sites: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    """A function is told every part; without one a bar is drawn, and neither where it is not wanted."""
    told: list[tuple[int, int]] = []
    run = chunked.Run(progress=lambda done, n: told.append((done, n)))
    found = chunked.coverage(folder, sites, limit_m=800, run=run)
    assert told == [(done, found.n_parts) for done in range(1, found.n_parts + 1)]
    assert capfd.readouterr().err == ""
    chunked.coverage(folder, sites, limit_m=800)
    assert "100%" in capfd.readouterr().err


@pytest.fixture
def cluster() -> Iterator[object]:
    """Two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about ports and a dying worker
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
            ) as made,
            distributed.Client(made) as client,
        ):
            yield client


@pytest.mark.slow
def test_a_worker_killed_half_way_changes_nothing(
    cluster: object, folder: Path, sites: np.ndarray, batch: int
) -> None:
    """Two processes, one shot when half of the parts are done: the answer still comes, the very same."""
    client: object = cluster
    here = chunked.coverage(folder, sites, limit_m=800, run=QUIET)
    killed: list[int] = []

    def shoot(done: int, n: int) -> None:
        if done == n // 2 and not killed:
            victim = sorted(client.run(os.getpid).values())[0]  # type: ignore[attr-defined]
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    there = chunked.coverage(folder, sites, limit_m=800, run=chunked.Run(client=client, progress=shoot))
    assert killed
    assert there.persons_inside == here.persons_inside
    assert there.site_persons.equals(here.site_persons)
    assert there.n_points == here.n_points
    columns, run = chunked.Columns(degrees=True), chunked.Run(client=client, progress=False)
    with pytest.raises(TableError, match="no longitude and latitude"):  # a fault comes back from a worker
        chunked.coverage(folder, [[106.0, 39.0]], limit_m=5, columns=columns, run=run)
