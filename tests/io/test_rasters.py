"""Population grids: one demand point for every cell with somebody in it, and nobody lost."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from cultureplan.base.errors import MissingExtraError
from cultureplan.io.coordinates import read_system
from cultureplan.io.folder import check_world, read_world

rasterio = pytest.importorskip("rasterio")
from affine import Affine  # noqa: E402 - comes with rasterio
from rasterio.io import MemoryFile  # noqa: E402

from cultureplan.base.checks import FaultList, Origin  # noqa: E402
from cultureplan.io.rasters import read_population_grid  # noqa: E402
from tests.io.folders import save  # noqa: E402

NORTH_UP = Affine(0.01, 0.0, 106.3, 0.0, -0.01, 39.1)
FACILITIES = "facility_id,name,level,lon,lat\nF1,市图书馆,central,106.31,39.08\n"


def grid(
    cells: np.ndarray, *, crs: str | None = "EPSG:4326", transform: Affine = NORTH_UP, **profile
) -> bytes:
    """A GeoTIFF of cells."""
    height, width = cells.shape
    with MemoryFile() as memory:
        profile |= {"width": width, "height": height, "count": 1, "dtype": cells.dtype}
        with memory.open(driver="GTiff", crs=crs, transform=transform, **profile) as file:
            file.write(cells, 1)
        return bytes(memory.read())


def read(data: bytes, path: Path):
    """Read a grid by itself; return its cells and the faults."""
    path.write_bytes(data)
    faults = FaultList()
    return read_population_grid(path, origin=Origin(table="demand", file=path.name), faults=faults), faults


def test_a_cell_becomes_a_point_at_its_centre(tmp_path: Path):
    """Named after its row and column from the top left."""
    cells = np.array([[0, 5.25, 0], [np.nan, 0, 7]], dtype="float32")
    shapes, _ = read(grid(cells), tmp_path / "population.tif")
    assert shapes.frame["demand_id"].tolist() == ["r0c1", "r1c2"]
    assert shapes.frame["persons"].tolist() == [5.25, 7.0]
    xy = [[point.x, point.y] for point in shapes.geometry]
    np.testing.assert_allclose(xy, [[106.315, 39.095], [106.325, 39.085]])


@pytest.mark.parametrize(
    "profile",
    [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}, {"compress": "deflate"}, {"blockysize": 1}],
    ids=str,
)
@given(
    cells=arrays(
        "float32",
        st.tuples(st.integers(1, 40), st.integers(1, 40)),
        elements=st.sampled_from([0.0, 0.5, 3.0, 1e4, -99999.0, -1.0, float("nan")]),
    )
)
def test_nobody_is_lost_and_nobody_is_made_up(tmp_path_factory: pytest.TempPathFactory, cells, profile):
    """Persons in all are those of the cells above 0, however the file is laid out."""
    if "tiled" not in profile and cells.shape[0] < 2:
        profile = {}
    shapes, faults = read(grid(cells, **profile), tmp_path_factory.mktemp("grid") / "population.tif")
    assert len(faults) == 0
    assert shapes.frame["persons"].sum() == pytest.approx(float(cells[cells > 0].astype(float).sum()))
    rows, columns = np.nonzero(cells > 0)
    assert shapes.frame["demand_id"].tolist() == [f"r{r}c{c}" for r, c in zip(rows, columns, strict=True)]


@pytest.mark.parametrize(
    ("dtype", "nodata"), [("float32", -3.4028234663852886e38), ("int32", -1), ("uint16", 65535)]
)
def test_cells_without_data_are_left_out(tmp_path: Path, dtype: str, nodata: float):
    """Whatever value says so."""
    cells = np.array([[nodata, 12], [0, nodata]], dtype=dtype)
    shapes, _ = read(grid(cells, nodata=nodata), tmp_path / "population.tif")
    assert shapes.frame["persons"].tolist() == [12]


def test_scale_and_offset_are_applied(tmp_path: Path):
    """A file may keep tenths of persons as whole numbers."""
    path = tmp_path / "population.tif"
    path.write_bytes(grid(np.array([[0, 125]], dtype="int16")))
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)
    shapes, _ = read(path.read_bytes(), path)
    assert shapes.frame["persons"].tolist() == pytest.approx([12.5])


def test_a_turned_grid_is_read(tmp_path: Path):
    """The centre of a cell follows the whole transform."""
    turned = Affine(0.01, 0.002, 106.3, 0.003, -0.01, 39.1)
    shapes, _ = read(
        grid(np.array([[0.0, 1.0]], dtype="float32"), transform=turned), tmp_path / "population.tif"
    )
    assert (shapes.geometry[0].x, shapes.geometry[0].y) == pytest.approx(turned @ (1.5, 0.5))


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:4490", "EPSG:4544", "EPSG:32648", "ESRI:54009"])
def test_a_grid_in_any_system_lies_where_it_lies(tmp_path: Path, code: str):
    """Equal-area systems of global grids too; a world so declared in GCJ-02 does not shift it."""
    x, y = read_system(code).from_lonlat(np.array([[106.3, 39.1]]))[0]
    step = 0.01 if abs(x) < 180 else 1000.0
    data = grid(np.array([[3.0]], dtype="float32"), crs=code, transform=Affine(step, 0, x, 0, -step, y))
    toml = 'coordinates = "gcj02"\ncrs = "EPSG:4544"\n'
    world = read_world(save(tmp_path / "w", toml=toml, facilities__csv=FACILITIES, population__tif=data))
    wanted = read_system(code).convert(np.array([[x + step / 2, y - step / 2]]), world.crs)
    np.testing.assert_allclose(world.demand.xy, wanted, atol=0.001)


def test_a_grid_without_a_system_takes_the_declared_one(tmp_path: Path):
    """And is otherwise doubtful in China."""
    data = grid(np.array([[3.0]], dtype="float32"), crs=None)
    folder = save(tmp_path / "w", facilities__csv=FACILITIES, population__tif=data)
    assert read_world(folder).demand.persons.tolist() == [3]
    (folder / "world.toml").write_text('[coordinates]\nfacilities = "wgs84"\n', encoding="utf-8")
    assert [fault.code for fault in check_world(folder)] == ["io.coordinates_undeclared"]


def test_infinite_persons_are_a_fault(tmp_path: Path):
    """A broken cell is not passed over."""
    data = grid(np.array([[3.0, np.inf]], dtype="float32"))
    (fault,) = check_world(save(tmp_path / "w", facilities__csv=FACILITIES, population__tif=data))
    assert (fault.code, fault.rows) == ("table.infinite", ("2",))


def test_without_rasterio_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It is an ImportError too."""
    folder = save(tmp_path / "w", facilities__csv=FACILITIES, population__tif=grid(np.ones((1, 1))))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingExtraError, match=r"cultureplan\[raster\]") as caught:
        read_world(folder)
    assert isinstance(caught.value, ImportError)


def test_a_real_grid_gives_the_points_that_others_exported(tmp_path: Path, shared_data: Path):
    """São Miguel, Azores: 934 cells, the people of GPW version 4.11, at the centres exported beside it."""
    source = shared_data / "popgrid_saomiguel"
    facilities = "facility_id,name,level,lon,lat\nF1,Ponta Delgada,central,-25.668,37.741\n"
    folder = save(tmp_path / "azores", toml=None, facilities__csv=facilities, population__tif=b"")
    shutil.copy(source / "gpw_v411_2020_count_2020.tif", folder / "population.tif")
    world = read_world(folder)
    wanted = pd.read_csv(source / "gpw_count_2020_points.csv")
    values, lonlat = wanted.iloc[:, -1].to_numpy(), wanted.iloc[:, :2].to_numpy()
    assert len(world.demand) == len(wanted) == 934
    assert world.demand.persons.sum() == pytest.approx(values.sum(), rel=1e-6)
    xy = read_system("wgs84").convert(lonlat, world.crs)
    order, wanted_order = np.lexsort(world.demand.xy.T.round(1)), np.lexsort(xy.T.round(1))
    np.testing.assert_allclose(world.demand.xy[order], xy[wanted_order], atol=0.5)
