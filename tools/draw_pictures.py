"""Draw every picture of the library on bundled worlds, in both languages, into docs/images/pictures.

    python tools/draw_pictures.py            draw them all
    python tools/draw_pictures.py NAME ...   draw some of them

The pages of the gallery show these files, and tests/plotting/test_gallery.py holds fresh drawings against
them, so a picture that changes is drawn anew here, looked at, and committed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from PIL import Image

import cultureplan as cp
from cultureplan import plotting
from cultureplan.measures.coverage import Coverage
from cultureplan.siting.pareto import pareto_front

FOLDER = Path(__file__).parent.parent / "docs" / "images" / "pictures"
DPI = 84
LANGUAGES = ("en", "zh")


@cache
def city() -> cp.World:
    """Return Shizuishan, whose paper sets 15-minute circles."""
    return cp.load_world("shizuishan")


@cache
def today() -> Coverage:
    """Return its coverage as it is."""
    return cp.measure_coverage(city(), cp.load_circles("shizuishan-2021"))


@cache
def problem() -> cp.SitingProblem:
    """Return the question where its next stations go."""
    return cp.SitingProblem.from_world(city(), today().standard)


@cache
def planned(n_sites: int) -> cp.World:
    """Return the city with so many more stations."""
    best = cp.solve_siting(problem(), cp.MaximalCoverage(n_sites=n_sites))
    return cp.Scenario(city()).add(best).apply()


@cache
def curve() -> pd.DataFrame:
    """Return what one to eight stations cover."""
    return cp.coverage_curve(problem(), 8)


@cache
def compared() -> object:
    """Return the city today, with two and with five more stations."""
    worlds = {"2026": city(), "2026 + 2": planned(2), "2026 + 5": planned(5)}
    return cp.compare(worlds, today().standard)


@cache
def county() -> tuple[cp.World, Coverage]:
    """Return an invented county of towns, farms and pastures, and its coverage."""
    world = cp.load_world("sanheyuan")
    return world, cp.measure_coverage(world, cp.load_circles("ordos-2014"))


@cache
def streets(lang: str) -> tuple[cp.World, Coverage, Coverage]:
    """Return part of Wuhan, measured along straight lines and along streets."""
    world = cp.load_world("wuhan")
    on_foot = cp.Streets(profile="walk")
    line, street = (
        cp.CircleStandard(id=name, rules=(cp.CircleRule(settlement="urban", limit=15, mode=mode),))
        for name, mode in (
            ("straight lines" if lang == "en" else "直线", cp.Walking(detour=1.0)),
            ("streets" if lang == "en" else "街道", on_foot),
        )
    )
    return world, cp.measure_coverage(world, line), cp.measure_coverage(world, street)


@cache
def seats() -> pd.Series:
    """Return the floor area each person of the county can draw on."""
    world, _ = county()
    costs = cp.travel_costs(world, cp.StraightLine(), limit=15_000)
    supply = world.facilities.frame.loc[world.facilities.select(), "floor_area_m2"].fillna(0.0).to_numpy()
    return cp.access.two_step_floating_catchment(costs, world.demand.persons, supply)


def _front(lang: str) -> Axes:
    # built anew: three stations among the places that have one, for people within 2 km
    world, _ = county()
    costs = cp.straight_line_costs(world.demand.xy, world.facilities.xy, limit_m=1e6)
    anew = cp.SitingProblem(costs=costs, persons=world.demand.persons.to_numpy(), limit=2_000.0)
    front = pareto_front(anew, against="mean_cost", n_sites=3)
    return plotting.pareto_front(front, lang=lang)


def _phases(lang: str) -> Axes:
    persons = curve()["persons"].to_numpy()
    years = pd.DataFrame(
        {"persons_covered": persons[[2, 4, 5]], "n_sites": [2, 2, 1]}, index=[2027, 2028, 2029]
    )
    return plotting.phase_chart(years, before=float(persons[0]), lang=lang)


def _week(lang: str) -> Axes:
    weekly = cp.hours.measure_weekly_coverage(city(), today().standard)
    return plotting.week_hours(weekly, lang=lang)


def _lorenz(lang: str) -> Axes:
    world, _ = county()
    groups = world.demand.frame.set_index("demand_id")["settlement"]
    return plotting.lorenz_curve(seats(), world.demand.persons, by=groups, lang=lang)


def _access(lang: str) -> Axes:
    title = "Floor area to draw on, m² a person" if lang == "en" else "人均可用建筑面积（平方米）"
    return plotting.access_map(county()[0], seats(), title=title, lang=lang)


def _matrix(lang: str) -> Axes:
    report = cp.check_standard(city(), cp.load_standard("shizuishan-2021", target_share=0.9))
    return plotting.verdict_matrix(report, "county", lang=lang)


PICTURES: dict[str, Callable[[str], object]] = {
    "coverage_map": lambda lang: plotting.coverage_map(today(), lang=lang),
    "circles_map": lambda lang: plotting.circles_map(county()[1], lang=lang),
    "settlement_bars": lambda lang: plotting.settlement_bars(county()[1], lang=lang),
    "group_bars": lambda lang: plotting.group_bars(today(), lang=lang),
    "place_bars": lambda lang: plotting.place_bars(today(), lang=lang),
    "streets_map": lambda lang: plotting.streets_map(
        streets(lang)[0], cp.Streets(profile="walk"), limit=[5, 15], lang=lang
    ),
    "agreement_map": lambda lang: plotting.agreement_map(*streets(lang)[1:], lang=lang),
    "access_map": _access,
    "lorenz_curve": _lorenz,
    "week_hours": _week,
    "hierarchy_map": lambda lang: plotting.hierarchy_map(city(), lang=lang),
    "hierarchy_tree": lambda lang: plotting.hierarchy_tree(city(), lang=lang),
    "siting_map": lambda lang: plotting.siting_map(
        today(), cp.measure_coverage(planned(5), today().standard), lang=lang
    ),
    "coverage_curve": lambda lang: plotting.coverage_curve(curve(), lang=lang),
    "pareto_front": _front,
    "phase_chart": _phases,
    "comparison_bars": lambda lang: plotting.comparison_bars(compared(), lang=lang),
    "comparison_maps": lambda lang: plotting.comparison_maps(compared(), lang=lang),
    "verdict_matrix": _matrix,
}


def drawn(name: str, lang: str) -> Image.Image:
    """Return a picture with at most 256 colours, as it is kept."""
    made = PICTURES[name](lang)
    figure = (made[0] if isinstance(made, list) else made).figure
    page = BytesIO()
    figure.savefig(page, dpi=DPI, format="png")
    plt.close(figure)
    page.seek(0)
    return Image.open(page).convert("RGB").quantize(256, dither=Image.Dither.NONE)


def main(names: list[str]) -> None:
    """Draw the named pictures, all where none is named."""
    for name in names or PICTURES:
        for lang in LANGUAGES:
            file = FOLDER / lang / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            drawn(name, lang).save(file, optimize=True)
            print(f"{lang} {name} {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
