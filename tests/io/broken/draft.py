"""One good folder, the tools to break it, and what a case of the corpus says must be found."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import rasterio
from affine import Affine

GOOD = {
    "facilities.csv": """\
facility_id,name,level,parent_id,place_id,volumes,opening_hours,lon,lat
F1,市图书馆,central,,6402,250000,Tu-Su 09:00-21:00,106.3764,39.0128
F2,区图书馆,head,F1,640202,90000,Tu-Su 09:00-18:00,106.3802,39.0211
F3,朝阳分馆,branch,F2,640202001,8000,Mo-Fr 09:00-17:00,106.3911,39.0165
F4,骏马服务点,service_point,F3,640202001,1200,24/7,106.3957,39.0198
""",
    "demand.csv": """\
demand_id,persons,settlement,place_id,minors_persons,lon,lat
D1,4019,urban,640202001,603,106.3900,39.0165
D2,6118,urban,640202001,918,106.3929,39.0228
D3,850,rural,640202,90,106.4460,38.9712
D4,120,pastoral,640202,15,106.2871,39.0533
""",
    "places.csv": """\
place_id,name,place_level,parent_id,lon,lat
6402,石嘴山市,city,,106.3777,39.0136
640202,大武口区,county,6402,106.3777,39.0136
640202001,朝阳街道,township,640202,106.3920,39.0180
""",
    "world.toml": 'name = "Test"\ncoordinates = "wgs84"\n',
}

FACILITIES, DEMAND, PLACES, TOML = "facilities.csv", "demand.csv", "places.csv", "world.toml"
SOMEWHERE = Affine(0.01, 0.0, 106.3, 0.0, -0.01, 39.1)

Found = tuple[str, str | None, tuple[str, ...], str | None]


class Draft:
    """The files of a folder, still to be written."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {name: text.encode() for name, text in GOOD.items()}

    def rows(self, name: str) -> list[list[str]]:
        """The cells of a CSV file."""
        return [line.split(",") for line in self.files[name].decode().splitlines()]

    def put(self, name: str, rows: list[list[str]]) -> None:
        """Write cells back."""
        self.files[name] = ("\n".join(",".join(row) for row in rows) + "\n").encode()

    def set(self, name: str, row: int, column: str, value: str) -> None:
        """Change one cell; rows are counted as a spreadsheet does."""
        rows = self.rows(name)
        rows[row - 1][rows[0].index(column)] = value
        self.put(name, rows)

    def column(self, name: str, column: str, change: Callable[[str], str]) -> None:
        """Change every cell of a column."""
        for row in range(2, len(self.rows(name)) + 1):
            rows = self.rows(name)
            self.set(name, row, column, change(rows[row - 1][rows[0].index(column)]))

    def rename(self, name: str, column: str, to: str) -> None:
        """Change a heading."""
        rows = self.rows(name)
        rows[0][rows[0].index(column)] = to
        self.put(name, rows)

    def drop(self, name: str, *columns: str) -> None:
        """Take columns out."""
        rows = self.rows(name)
        keep = [at for at, heading in enumerate(rows[0]) if heading not in columns]
        self.put(name, [[row[at] for at in keep] for row in rows])

    def replace(self, name: str, old: str, new: str) -> None:
        """Change text wherever it stands."""
        text = self.files[name].decode()
        assert old in text
        self.files[name] = text.replace(old, new).encode()

    def toml(self, text: str) -> None:
        """Write another ``world.toml``."""
        self.files["world.toml"] = text.encode()

    def move(self, name: str, to: str) -> None:
        """Give a file another name."""
        self.files[to] = self.files.pop(name)

    def frame(self, name: str, crs: object = "EPSG:4326") -> gpd.GeoDataFrame:
        """A CSV table as a GeoDataFrame."""
        table = pd.read_csv(BytesIO(self.files[name]), dtype=str, keep_default_na=False)
        table = table.replace("", None)
        points = gpd.points_from_xy(table.pop("lon").astype(float), table.pop("lat").astype(float))
        return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326").to_crs(crs)

    def save(self, folder: Path) -> None:
        """Write the files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)


@dataclass(frozen=True)
class Case:
    """A way to break the good folder, and what must be found."""

    name: str
    change: Callable[[Draft], None]
    found: list[Found] = field(default_factory=list)


CASES: list[Case] = []


def broken(*found: Found) -> Callable[[Callable[[Draft], None]], Callable[[Draft], None]]:
    """Add a case to the corpus."""

    def add(change: Callable[[Draft], None]) -> Callable[[Draft], None]:
        CASES.append(Case(change.__name__, change, list(found)))
        return change

    return add


def in_file(file: str, code: str, *rows: int, column: str | None = None) -> Found:
    """What must be found in a file."""
    return code, file, tuple(map(str, rows)), column


def workbook(rows: list[list[str]]) -> bytes:
    """An Excel file of some rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def geopackage(layers: dict[str, gpd.GeoDataFrame]) -> bytes:
    """A GeoPackage of some layers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        for name, frame in layers.items():
            frame.to_file(path, layer=name, driver="GPKG", mode="a" if path.exists() else "w")
        return path.read_bytes()


def geojson(kind: str, coordinates: list) -> bytes:
    """A GeoJSON of one place of a shape."""
    feature = {
        "type": "Feature",
        "properties": {"place_id": "6402", "name": "石嘴山市", "place_level": "city"},
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def grid_file(persons: np.ndarray, *, transform: Affine | None = SOMEWHERE) -> bytes:
    """A GeoTIFF of persons."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.MemoryFile() as memory:
            with memory.open(
                driver="GTiff", width=persons.shape[1], height=persons.shape[0], count=1,
                dtype="float32", crs="EPSG:4326" if transform else None, transform=transform,
            ) as grid:  # fmt: skip
                grid.write(persons.astype("float32"), 1)
            return bytes(memory.read())


def in_plane(draft: Draft, name: str, crs: str, names: tuple[str, str] = ("x", "y")) -> None:
    """Give a table coordinates in another system."""
    points = draft.frame(name, crs).geometry
    rows = draft.rows(name)
    rows[0][-2:] = names
    for row, x, y in zip(rows[1:], points.x, points.y, strict=True):
        row[-2:] = [f"{x:.3f}", f"{y:.3f}"]
    draft.put(name, rows)


def to_england(draft: Draft) -> None:
    """Move both tables to London; there are no places."""
    del draft.files[PLACES]
    for name in (FACILITIES, DEMAND):
        draft.drop(name, "place_id")
        draft.column(name, "lon", lambda value: f"{float(value) - 107.9:.4f}")
        draft.column(name, "lat", lambda value: f"{float(value) + 12.5:.4f}")
