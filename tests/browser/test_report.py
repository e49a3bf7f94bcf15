"""The report as a reader opens it: from disk, without network, at every width, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import cultureplan as cp
from cultureplan.report import write_report
from cultureplan.siting.models.maximal_coverage import MaximalCoverage

SIZES = """() => [...document.querySelectorAll("figure svg")].map(svg => {
  const box = svg.getBoundingClientRect();
  const drawn = svg.querySelectorAll("path, use, image, text").length;
  return [svg.getAttribute("class"), box.width, box.height, drawn];
})"""
COLUMN = """([table, at]) => [...document.querySelectorAll("table")][table].tBodies[0].rows.length &&
  [...[...document.querySelectorAll("table")][table].tBodies[0].rows].map(row => row.cells[at].dataset.v)"""


@pytest.fixture(scope="module", params=["en", "zh"])
def report(request, tmp_path_factory) -> Path:
    """The plan of two new sites for the teaching town."""
    world, standard = cp.load_world("sanheyuan"), cp.load_circles("ordos-2014")
    problem = cp.SitingProblem.from_world(world, standard)
    return write_report(
        tmp_path_factory.mktemp(f"report-{request.param}"),
        world=world,
        standard=standard,
        coverage=cp.measure_coverage(world, standard),
        siting=cp.solve_siting(problem, MaximalCoverage(n_sites=2)),
        lang=request.param,
    )


def test_every_picture_is_drawn_and_every_table_has_rows(report, chromium_page):
    """No error, no request (the page guard sees to it), no picture without size, no empty table."""
    chromium_page.goto(report.as_uri())
    pictures = chromium_page.evaluate(SIZES)
    assert len(pictures) >= 9
    for name, width, height, drawn in pictures:
        assert width > 150, name
        assert height > 80, name
        assert drawn > 5, name
    rows = chromium_page.evaluate(
        "() => [...document.querySelectorAll('tbody')].map(body => body.rows.length)"
    )
    assert len(rows) >= 12
    assert min(rows) >= 1


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_page_fits_its_window(report, chromium_page, width):
    """Nothing sticks out sideways; a wide table scrolls in itself."""
    chromium_page.set_viewport_size({"width": width, "height": 900})
    chromium_page.goto(report.as_uri())
    assert chromium_page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_click_on_a_heading_sorts_the_table(report, chromium_page):
    """Numbers fall at the first click and rise at the second; words rise first."""
    chromium_page.goto(report.as_uri())
    titles = chromium_page.evaluate(
        "() => [...document.querySelectorAll('table')]"
        ".map(table => [...table.tHead.rows[0].cells].map(cell => cell.className))"
    )
    table = next(at for at, classes in enumerate(titles) if len(classes) > 4 and classes.count("n") > 2)
    column = titles[table].index("n")
    heading = chromium_page.locator("table").nth(table).locator("th button").nth(column)
    heading.click()
    values = [float(value) for value in chromium_page.evaluate(COLUMN, [table, column])]
    assert values == sorted(values, reverse=True)
    heading.click()
    values = [float(value) for value in chromium_page.evaluate(COLUMN, [table, column])]
    assert values == sorted(values)
    assert heading.locator("..").get_attribute("aria-sort") == "ascending"


def test_the_contents_lead_to_the_chapters(report, chromium_page):
    """A click brings the chapter to the top."""
    chromium_page.goto(report.as_uri())
    chromium_page.locator("nav a[href='#standard']").click()
    chromium_page.wait_for_function(
        "() => Math.abs(document.getElementById('standard').getBoundingClientRect().top) < 60"
    )


def test_labels_inside_pictures_do_not_lie_on_each_other(report, chromium_page):
    """Axis labels and legends of every chart keep apart; numbers in pins and names on maps may touch."""
    chromium_page.goto(report.as_uri())
    overlaps = chromium_page.evaluate(
        """() => [...document.querySelectorAll("figure svg")]
          .filter(svg => /bars|tree/.test(svg.getAttribute("class")))
          .flatMap(svg => {
            const texts = [...svg.querySelectorAll("text")]
              .map(text => [text.textContent, text.getBoundingClientRect()]);
            const found = [];
            texts.forEach(([a, p], i) => texts.slice(i + 1).forEach(([b, q]) => {
              const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
              const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
              if (across > 3 && down > 4) found.push(svg.getAttribute("class") + ": " + a + " / " + b);
            }));
            return found;
          })"""
    )
    assert overlaps == []


def test_chinese_is_drawn_on_the_page_and_in_pictures(report, chromium_page, chinese_glyphs):
    """Two different characters of a picture look different: they are glyphs, not the same empty box."""
    if "zh" not in report.parent.name:
        pytest.skip("the English report")
    chromium_page.goto(report.as_uri())
    family = chromium_page.evaluate(
        "() => getComputedStyle(document.querySelector('figure svg text')).fontFamily"
    )
    shots = []
    for character in "覆盖":
        chromium_page.evaluate(
            "([c, f]) => { const s = document.createElement('span'); s.id = 'probe'; s.textContent = c;"
            " s.style.cssText = `font: 40px ${f}; position: fixed; top: 0; left: 0; background: #fff`;"
            " document.getElementById('probe')?.remove(); document.body.append(s); }",
            [character, family],
        )
        shots.append(chromium_page.locator("#probe").screenshot())
    assert shots[0] != shots[1]
    assert "未覆盖" in chromium_page.locator("figure svg").first.text_content()


def test_the_page_prints_without_its_contents_and_with_every_table(report, chromium_page, tmp_path):
    """On paper the navigation is gone and tables are not cut off at the side."""
    chromium_page.emulate_media(media="print")
    chromium_page.set_viewport_size({"width": 794 - 106, "height": 1123})  # A4 less its margins, at 96 dpi
    chromium_page.goto(report.as_uri())
    assert not chromium_page.locator("nav").is_visible()
    widest = chromium_page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right))"
    )
    assert widest <= 794 - 106 + 1
    chromium_page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").stat().st_size > 20_000
