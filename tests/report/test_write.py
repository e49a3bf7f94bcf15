"""The report holds what was measured, says it in both languages, and every figure can be traced."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.report import exports, write_report
from cultureplan.report.facts import Subject
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from tests.plotting.worlds import planned, world
from tests.report.pages import all_words, read_page

STANDARD = cp.load_circles("ordos-2014")


def written(folder: Path, small: cp.World, standard: cp.CircleStandard = STANDARD, **options: object) -> Path:
    """Write the report of a world and return its path."""
    coverage = cp.measure_coverage(small, standard)
    return write_report(folder, world=small, standard=standard, coverage=coverage, **options)


@pytest.fixture(scope="module")
def small() -> cp.World:
    """A world of a thousand persons."""
    return world()


@pytest.fixture(scope="module")
def result(small):
    """The two best sites of the small world, proven."""
    problem = cp.SitingProblem.from_world(small, STANDARD)
    return cp.solve_siting(problem, MaximalCoverage(n_sites=2))


@pytest.fixture(scope="module", params=["en", "zh"])
def report(request, small, result, tmp_path_factory) -> Path:
    """A report with everything in it: plan, comparison, proof; in both languages."""
    folder = tmp_path_factory.mktemp(f"report-{request.param}")
    comparison = cp.compare({"now": small, "then": planned(small)}, STANDARD)
    return written(folder, small, comparison=comparison, siting=result, lang=request.param)


def page_words(report: Path) -> str:
    """Return the text of a report."""
    return all_words(read_page(report.read_text(encoding="utf-8")))


def rows_of(report: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV beside a report."""
    with (report.parent / "tables" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_is_well_formed_and_needs_nothing_but_itself(report):
    """Every tag closes; nothing is loaded from anywhere, a link on which a reader clicks apart."""
    elements = read_page(report.read_text(encoding="utf-8"))
    for element in elements:
        for attribute in ("src", "href", "action", "data", "poster", "srcset"):
            value = element.attributes.get(attribute, "")
            if element.tag != "a" and value:
                assert value.startswith(("#", "data:")), (element.tag, value)
    style = "".join("".join(e.words) for e in elements if e.tag == "style")
    assert "@import" not in style
    assert not re.search(r"url\((?!#|data:)", style)


def test_the_policy_of_the_page_allows_its_own_script_and_no_other(report):
    """The content security policy names the digest of the one script there is."""
    html = report.read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    (policy,) = [e for e in read_page(html) if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert f"script-src 'sha256-{digest}'" in policy.attributes["content"]
    assert "default-src 'none'" in policy.attributes["content"]


def test_the_headline_figures_are_those_that_were_measured(report):
    """700 of 1,000 persons, 300 left out, 100 more with the plan that opens two and closes one."""
    words = page_words(report)
    for figure in ("70.0%", "300", "+100", "80.0%"):
        assert figure in words


def test_every_chapter_is_there_and_the_contents_lead_to_it(report):
    """Each link of the contents has its target."""
    elements = read_page(report.read_text(encoding="utf-8"))
    ids = {e.attributes["id"] for e in elements if "id" in e.attributes}
    targets = {e.attributes["href"][1:] for e in elements if e.attributes.get("href", "").startswith("#")}
    wanted = {
        "overview",
        "maps",
        "people",
        "gaps",
        "plan",
        "comparison",
        "network",
        "standard",
        "data",
        "limits",
    }
    assert wanted | {"files"} <= ids
    assert wanted | {"files"} <= targets
    assert {target for target in targets if "-" not in target} <= ids


def test_no_id_stands_twice(report):
    """Pictures do not take each other's shapes."""
    ids = re.findall(r'\sid="([^"]+)"', report.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_every_table_on_the_page_has_rows_and_its_file(report):
    """What stands under a table is a file that is there, with at least as many rows."""
    html = report.read_text(encoding="utf-8")
    tables = re.findall(r"<table>.*?</table>.*?</section>", html, re.DOTALL)
    assert len(tables) >= 12
    for table in tables:
        n_rows = table.count("<tr>") - 1
        path = re.search(r'href="(tables/\w+\.csv)"', table).group(1)
        assert n_rows >= 1
        assert len(pd.read_csv(report.parent / path)) >= n_rows


def test_every_link_to_a_file_leads_to_one_and_every_file_is_listed(report):
    """The list of files is complete and true."""
    elements = read_page(report.read_text(encoding="utf-8"))
    linked = {e.attributes["href"] for e in elements if e.tag == "a"}
    linked = {href for href in linked if not href.startswith(("#", "http"))}
    there = {
        path.relative_to(report.parent).as_posix() for path in report.parent.rglob("*") if path.is_file()
    }
    assert linked == there - {"report.html"}


def test_the_report_speaks_one_language(report):
    """No key of the catalogue shows, and the page declares its language."""
    html = report.read_text(encoding="utf-8")
    assert not re.search(
        r"\b(?:report|plot|coverage|siting)\.[a-z_]+\b(?!\.(?:csv|geojson))", page_words(report)
    )
    is_chinese = "zh" in report.parent.name
    assert f'<html lang="{"zh-CN" if is_chinese else "en"}">' in html
    assert ("覆盖情况" in html) == is_chinese
    assert ("Who is covered" in html) != is_chinese


def test_points_add_up_to_what_the_page_says(report):
    """Shares by settlement and place are sums of the rows in demand_points.csv."""
    points = pd.read_csv(report.parent / "tables" / "demand_points.csv")
    covered = points[points["is_covered"]]
    assert covered["persons"].sum() == 700
    for row in rows_of(report, "coverage_by_settlement"):
        if row["settlement"] != "all":
            assert (
                float(row["persons_covered"])
                == covered[covered["settlement"] == row["settlement"]]["persons"].sum()
            )
    places = pd.DataFrame(rows_of(report, "coverage_by_place"))
    towns = places[places["place_level"] == "township"]
    assert towns["persons_uncovered"].astype(float).sum() == 300


def test_gaps_come_largest_first_and_say_how_far(report):
    """200 persons at 150 minutes, then 100 at 6.3 km."""
    rows = rows_of(report, "gaps")
    assert [row["demand_id"] for row in rows] == ["D3", "D6"]
    assert float(rows[0]["excess_cost"]) == pytest.approx(140.07, abs=0.01)
    assert rows[1]["unit"] == "m"


def test_proposed_sites_say_what_each_adds(report):
    """The site that adds most comes first; together they add what the plan without the closing adds."""
    rows = rows_of(report, "proposed_sites")
    assert [row["facility_id"] for row in rows] == ["N1", "N2"]
    assert [float(row["persons_added"]) for row in rows] == [200.0, 100.0]
    assert [row["number"] for row in rows] == ["1", "2"]


def test_the_proof_is_told_in_words_and_figures(report):
    """Status, objective and bound stand on the page, and what they mean."""
    words = page_words(report)
    assert ("Proven: no other choice of 2 sites" in words) or ("已证明：在候选地点中，任何其他 2 处" in words)
    assert "1,000 persons" in words or "1,000 人" in words


def test_the_network_tells_levels_loads_and_places_without_a_facility(report):
    """Five facilities on four levels, the head's load, and the town without one."""
    levels = {row["level"]: int(row["n_facilities"]) for row in rows_of(report, "hierarchy_levels")}
    assert levels == {"central": 1, "head": 1, "branch": 2, "service_point": 1}
    (head,) = rows_of(report, "head_libraries")
    assert float(head["n_below"]) == 3
    assert [row["place_id"] for row in rows_of(report, "places_without_facility")] == ["T1"]


def test_the_standard_stands_with_source_clause_and_readings(report):
    """Title, source, clause, and each setting with what it could be instead."""
    words = page_words(report)
    assert STANDARD.source.split(" (")[0].split("（")[0] in words
    assert "speed_m_per_minute" in words
    assert "radius | diameter" in words


def test_what_is_modelled_is_said_at_the_top_and_column_by_column(report):
    """A reader learns on the first screen that persons are modelled."""
    words = page_words(report)
    assert words.index("persons") < words.index("speed_m_per_minute")
    statuses = {(row["table"], row["column"]): row["status_code"] for row in rows_of(report, "data_columns")}
    assert statuses == {("demand", "persons"): "modelled", ("demand", "name"): "real"}


def test_maps_are_in_longitude_and_latitude(report):
    """GeoJSON without a declared system is WGS84, and the points lie where the world lies."""
    for name, n in (("facilities", 7), ("demand", 6), ("proposed_sites", 2), ("gaps", 2)):
        path = report.parent / "maps" / f"{name}.geojson"
        assert "crs" not in json.loads(path.read_text(encoding="utf-8"))
        layer = gpd.read_file(path)
        assert len(layer) == n
        assert layer.total_bounds[0] > 104
        assert layer.total_bounds[3] < 41
    back = gpd.read_file(report.parent / "maps" / "demand.geojson").to_crs("EPSG:4545")
    assert back.geometry.iloc[0].distance(world().demand.frame.geometry.iloc[0]) < 0.02
    land = gpd.read_file(report.parent / "maps" / "gap_land.geojson").to_crs("EPSG:4545")
    assert land.geometry.is_valid.all()


def test_the_workbook_has_a_sheet_a_table_with_the_same_rows(report):
    """Numbers are numbers, headings are readable, rows are those of the CSV."""
    book = openpyxl.load_workbook(report.parent / "tables.xlsx")
    assert len(book.sheetnames) == len(list((report.parent / "tables").glob("*.csv")))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    rows = rows_of(report, "coverage_by_settlement")
    assert sheet.max_row == len(rows) + 1
    heading = [cell.value for cell in sheet[1]]
    share = heading.index("Share covered" if "en" in report.parent.name else "覆盖率")
    assert sheet.cell(2, share + 1).value == pytest.approx(float(rows[0]["covered_share"]))
    assert sheet.cell(2, share + 1).number_format == "0.0%"


def test_a_csv_opens_in_excel_with_its_characters(report):
    """The file begins with the mark by which Excel knows UTF-8."""
    for path in (report.parent / "tables").glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")


HOSTILE = ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "<b>b</b> & '{{7*7}}'"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_everywhere(name, tmp_path):
    """No tag, no handler, no template, no formula comes out of a name: on the page, in CSV, in Excel."""
    bad = world(name=name)
    report = written(
        tmp_path, bad, lang="zh", comparison=cp.compare({name: bad, "b": planned(bad)}, STANDARD)
    )
    html = report.read_text(encoding="utf-8")
    elements = read_page(html)
    assert sum(element.tag == "script" for element in elements) == 1
    assert not [e for e in elements if e.tag == "b" and "".join(e.words) == "b"]
    assert not [key for e in elements for key in e.attributes if key.startswith("on")]
    assert name in all_words(elements)
    assert "49" not in re.findall(r"\{\{.*?\}\}|49(?=图书馆)", html)
    names = [row["name"] for row in rows_of(report, "facilities")]
    assert f"{name}图书馆" in [value.removeprefix("'") for value in names]
    assert not [value for value in names if value.startswith("=")]
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    for sheet in book.worksheets:
        assert not [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    layer = gpd.read_file(tmp_path / "maps" / "facilities.geojson")
    assert f"{name}图书馆" in set(layer["name"])


def test_a_source_with_a_dangerous_address_gets_no_link(tmp_path):
    """Only web addresses become links; anything else is shown as words."""
    import dataclasses

    base = world()
    notes = {"sources": [{"what": "x", "reference": "javascript:alert(1)"}, "plain words"]}
    report = written(tmp_path, dataclasses.replace(base, notes=notes))
    elements = read_page(report.read_text(encoding="utf-8"))
    assert not [e for e in elements if e.attributes.get("href", "").startswith("javascript")]
    assert "javascript:alert(1)" in all_words(elements)
    assert "plain words" in all_words(elements)


def test_without_openpyxl_the_page_says_how_to_get_the_workbook(small, tmp_path, monkeypatch):
    """An optional library that is missing is a note, not a failure."""
    monkeypatch.setattr(exports, "find_spec", lambda name: None)
    report = written(tmp_path, small)
    assert not (tmp_path / "tables.xlsx").exists()
    assert "cultureplan[excel]" in page_words(report)


def test_a_second_report_leaves_nothing_of_the_first_and_nothing_of_others_is_touched(
    small, result, tmp_path
):
    """A plan that is no more does not stay in the folder; a reader's own files do."""
    written(tmp_path, small, siting=result)
    assert (tmp_path / "tables" / "proposed_sites.csv").exists()
    (tmp_path / "tables" / "my_notes.csv").write_text("mine")
    written(tmp_path, small)
    assert not (tmp_path / "tables" / "proposed_sites.csv").exists()
    assert not (tmp_path / "maps" / "proposed_sites.geojson").exists()
    assert (tmp_path / "tables" / "my_notes.csv").read_text() == "mine"


def test_a_plan_alone_is_compared_with_today(small, result, tmp_path):
    """Given only the answer of a solver, the report makes the comparison itself."""
    words = page_words(written(tmp_path, small, siting=result))
    assert (
        "2 new sites raise the share covered from 70.0% to 100.0% (+30.0 points): 300 more people." in words
    )


def test_the_same_input_gives_the_same_page(small, tmp_path):
    """Two runs on a day write the same bytes."""
    first, second = written(tmp_path / "a", small), written(tmp_path / "b", small)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("options", "standard"),
    [
        ({"has_places": False, "has_parents": False}, "ordos-2014"),
        ({"has_polygons": False}, "shizuishan-2021"),
        ({"has_parents": False}, "zhejiang-2022"),
    ],
)
def test_a_world_that_lacks_something_has_a_report_without_it(options, standard, tmp_path):
    """No places, no boundaries, no hierarchy, no rule for some people: shorter, and still whole."""
    report = written(tmp_path, world(**options), cp.load_circles(standard))
    read_page(report.read_text(encoding="utf-8"))
    assert "nan" not in re.findall(r"\w+", page_words(report))


def test_nobody_left_out_is_said(tmp_path):
    """With a circle as wide as the world there are no gaps, and the chapter says so."""
    wide = cp.CircleStandard(
        id="wide",
        rules=tuple(
            cp.CircleRule(settlement=s, limit=100_000, mode=cp.StraightLine()) for s in ("urban", "rural")
        ),
    )
    words = page_words(written(tmp_path, world(), wide))
    assert "Everybody assessed is covered." in words
    assert "100.0%" in words


def test_a_standard_without_circles_has_no_circle_map(tmp_path, monkeypatch):
    """Where ways follow streets there is no radius: the map of circles and its files are left out."""
    from cultureplan.measures.circles import CircleRule

    monkeypatch.setattr(CircleRule, "radius_m", property(lambda rule: None))
    report = written(tmp_path, world())
    html = report.read_text(encoding="utf-8")
    assert "circles-map" not in html
    assert not (tmp_path / "maps" / "circles.geojson").exists()
    assert not (tmp_path / "tables" / "covered_land.csv").exists()


def test_orphans_are_named(tmp_path):
    """Facilities below the top that report to nobody are listed and counted among the findings."""
    report = written(tmp_path, world(has_parents=False))
    assert {row["facility_id"] for row in rows_of(report, "orphans")} == {"H", "B1", "B2", "S1"}
    assert "4 facilities report to nobody" in page_words(report)


def test_paths_name_district_and_town(small):
    """A town's path is its district; its facilities' path has the town too; unknown places have none."""
    subject = Subject(coverage=cp.measure_coverage(small, STANDARD))
    assert subject.paths(pd.Series(["T1", None, "P1"])) == ["West County", "", ""]
    assert subject.paths(pd.Series(["T1"]), with_own=True) == ["West County, Town 1"]
