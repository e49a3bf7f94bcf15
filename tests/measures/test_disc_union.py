"""Exact area of unions of discs: analytic values, identities without tolerance of their own, and shapely."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import CulturePlanError, InputError, WrongTypeError
from cultureplan.measures import disc_clip, disc_union
from cultureplan.measures.disc_strips import build_strips
from cultureplan.measures.disc_union import (
    gap_polygon,
    k_fold_area_m2,
    union_area_by_polygon_m2,
    union_area_m2,
    union_polygon,
)

FAR = np.array([412_345.678, 4_123_456.789])  # where a projected city lies

# Whole numbers make circles touch, coincide and meet in threes; other numbers do not.
lattice_discs = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-4, 4), st.sampled_from([0.5, 1.0, 2.0, 5.0])),
    min_size=1,
    max_size=8,
)
loose_discs = st.lists(
    st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.1, 4)), min_size=1, max_size=8
)
discs = st.one_of(lattice_discs, loose_discs)


@st.composite
def clips(draw):
    """Polygons with holes, several parts and corners on the lattice."""
    kind = draw(st.sampled_from(["cells", "hull", "ring"]))
    if kind == "cells":
        cells = draw(st.sets(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=20))
        return shapely.union_all([shapely.box(x, y, x + 1, y + 1) for x, y in cells])
    corner = st.tuples(st.integers(-6, 6), st.integers(-6, 6))
    corners = draw(st.lists(corner, min_size=3, max_size=8, unique=True))
    hull = shapely.MultiPoint(corners).convex_hull
    hull = hull if hull.geom_type == "Polygon" else shapely.box(-3, -3, 3, 3)
    if kind == "hull":
        return hull
    inner = shapely.Point(hull.centroid).buffer(draw(st.floats(0.01, 1)), quad_segs=3)
    ring = hull.difference(inner)
    return ring if ring.geom_type in ("Polygon", "MultiPolygon") and not ring.is_empty else hull


def split(rows) -> tuple[np.ndarray, np.ndarray]:
    """Centres and radii of drawn rows."""
    table = np.asarray(rows, dtype=float)
    return table[:, :2], table[:, 2]


def lens_m2(distance: float, a: float, b: float) -> float:
    """Area common to two discs of radii a and b."""
    at_a = math.acos((distance**2 + a**2 - b**2) / (2 * distance * a))
    at_b = math.acos((distance**2 + b**2 - a**2) / (2 * distance * b))
    return a * a * (at_a - math.sin(2 * at_a) / 2) + b * b * (at_b - math.sin(2 * at_b) / 2)


# ---------------------------------------------------------------- analytic values


@pytest.mark.parametrize("radius", [0.001, 1.0, 800.0, 1e6])
def test_one_disc_has_the_area_of_a_circle(radius: float) -> None:
    """A single disc gives pi r2, wherever it lies."""
    assert union_area_m2([FAR], radius) == pytest.approx(math.pi * radius**2, rel=1e-14)


@pytest.mark.parametrize("distance", [1e-7, 0.5, 1.0, 1.7, 2.499999999])
def test_two_discs_follow_the_lens_formula(distance: float) -> None:
    """Union and twofold cover of two discs of different radius equal the closed formula."""
    xy, radius = FAR + np.array([[0.0, 0.0], [0.5 + distance, 0.0]]), [2.0, 1.0]
    actual = xy[1, 0] - xy[0, 0]
    lens = math.pi if actual <= 1.0 else lens_m2(actual, 2.0, 1.0)
    assert union_area_m2(xy, radius) == pytest.approx(5 * math.pi - lens, rel=1e-12)
    assert k_fold_area_m2(xy, radius, k=2) == pytest.approx(lens, rel=1e-9)


@pytest.mark.parametrize("height", [-0.999999, -0.3, 0.0, 0.6, 1 - 1e-9])
def test_a_half_plane_leaves_a_circular_segment(height: float) -> None:
    """A disc clipped by a straight edge keeps the segment below it."""
    below = shapely.box(-3, -3, 3, height)
    segment = math.acos(-height) + height * math.sqrt(1 - height * height)
    assert union_area_m2([[0.0, 0.0]], 1.0, clip=below) == pytest.approx(segment, abs=1e-13)


def test_a_polygon_inside_a_disc_keeps_its_own_area() -> None:
    """A polygon wholly covered counts whole, also from several discs."""
    town = shapely.Polygon([(0, 0), (4, 1), (3, 4), (1, 3)])
    assert union_area_m2([[2.0, 2.0]], 10.0, clip=town) == town.area
    assert union_area_m2([[2.0, 2.0], [3.0, 3.0]], 10.0, clip=town) == town.area


def test_a_disc_inside_a_polygon_keeps_its_own_area() -> None:
    """A disc that no edge touches counts whole."""
    assert union_area_m2([[0.0, 0.0]], 1.0, clip=shapely.box(-9, -9, 9, 9)) == pytest.approx(
        math.pi, rel=1e-14
    )


def test_a_hole_inside_a_disc_is_taken_off() -> None:
    """Lake within the circle: the disc less the lake, whether or not the centre lies in it."""
    for lake in (shapely.box(-0.1, -0.1, 0.1, 0.1), shapely.box(0.3, 0.3, 0.5, 0.6)):
        region = shapely.box(-9, -9, 9, 9).difference(lake)
        assert union_area_m2([[0.0, 0.0]], 1.0, clip=region) == pytest.approx(math.pi - lake.area, rel=1e-13)


def test_a_disc_inside_a_hole_covers_nothing() -> None:
    """A circle in the middle of a lake adds no land."""
    region = shapely.box(-9, -9, 9, 9).difference(shapely.box(-2, -2, 2, 2))
    assert union_area_m2([[0.0, 0.0]], 1.0, clip=region) == 0.0


def test_an_island_in_a_lake_inside_a_disc_counts() -> None:
    """Parts, holes and parts in holes within one disc are told apart."""
    rings = [shapely.box(-h, -h, h, h) for h in (0.6, 0.4, 0.2)]
    region = shapely.union(rings[0].difference(rings[1]), rings[2])
    assert union_area_m2([[0.0, 0.0]], 1.0, clip=region) == pytest.approx(region.area, rel=1e-14)


# ---------------------------------------------------------------- degenerate positions


def test_touching_discs_on_a_lattice_add_up() -> None:
    """A grid of discs that only touch has the sum of their areas and no twofold cover."""
    xy = FAR + np.stack(np.meshgrid(np.arange(9.0), np.arange(7.0)), axis=-1).reshape(-1, 2)
    assert union_area_m2(xy, 0.5) == pytest.approx(63 * math.pi / 4, rel=1e-12)
    assert k_fold_area_m2(xy, 0.5, k=2) == pytest.approx(0.0, abs=1e-8)


def test_four_discs_through_one_point_cover_their_square() -> None:
    """Circles that all meet in the middle of a cell leave no gap there."""
    xy = np.stack(np.meshgrid(np.arange(6.0), np.arange(6.0)), axis=-1).reshape(-1, 2)
    assert union_area_m2(xy, math.sqrt(0.5), clip=shapely.box(0, 0, 5, 5)) == pytest.approx(25.0, rel=1e-12)


def test_discs_at_one_place_count_once_in_the_union_and_each_in_the_folds() -> None:
    """Duplicates change nothing in the union; k-fold cover sees every one."""
    xy = np.repeat([[1.0, 1.0], [2.5, 1.0]], [3, 1], axis=0)
    lens = lens_m2(1.5, 1.0, 1.0)
    assert union_area_m2(xy, 1.0) == pytest.approx(2 * math.pi - lens, rel=1e-14)
    assert [k_fold_area_m2(xy, 1.0, k=k) for k in (2, 3, 4, 5)] == pytest.approx(
        [math.pi, math.pi, lens, 0.0], rel=1e-14
    )


def test_a_disc_within_a_disc_changes_nothing() -> None:
    """Inner discs, touching the rim from inside or not, add no area."""
    xy, radius = [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [0.0, 0.0]], [2.0, 1.0, 1.0, 0.5]
    assert union_area_m2(xy, radius) == pytest.approx(4 * math.pi, rel=1e-14)


@pytest.mark.parametrize("apart", [1e-15, 1e-12, 1e-9, 1e-6])
def test_nearly_coincident_discs_differ_by_nearly_nothing(apart: float) -> None:
    """Two discs a hair apart cover one disc and a strip 2 r wide."""
    area = union_area_m2([[0.0, 0.0], [apart, 0.0]], 1.0)
    assert area == pytest.approx(math.pi + 2 * apart, rel=1e-14)


@pytest.mark.parametrize("quad_segs", [1, 2, 3, 16, 256, 1024])
def test_a_polygon_with_all_corners_on_the_circle_keeps_its_area(quad_segs: int) -> None:
    """Inscribed polygons are covered whole though rounding puts corners on either side of the circle."""
    for centre, radius in (((0.0, 0.0), 1.0), (FAR, 800.0)):
        drawn = shapely.Point(centre).buffer(radius, quad_segs=quad_segs)
        assert union_area_m2([centre], radius, clip=drawn) == pytest.approx(drawn.area, rel=1e-12)


def test_a_polygon_that_touches_the_circle_from_outside_keeps_the_disc() -> None:
    """A circumscribed square, and one outside that touches in a point, are told apart."""
    square = shapely.box(-1, -1, 1, 1)
    assert union_area_m2([[0.0, 0.0]], 1.0, clip=square) == pytest.approx(math.pi, rel=1e-14)
    assert union_area_m2([[2.0, 0.0]], 1.0, clip=square) == 0.0


def test_corners_on_the_circle_by_whole_numbers() -> None:
    """A polygon through lattice points of the circle of radius 5 is covered whole; its complement is not."""
    corners = [(5, 0), (4, 3), (3, 4), (0, 5), (-4, 3), (-5, 0), (-3, -4), (0, -5), (4, -3)]
    inner = shapely.Polygon(corners)
    outer = shapely.box(-9, -9, 9, 9).difference(inner)
    assert union_area_m2([[0.0, 0.0]], 5.0, clip=inner) == pytest.approx(inner.area, rel=1e-13)
    assert union_area_m2([[0.0, 0.0]], 5.0, clip=outer) == pytest.approx(25 * math.pi - inner.area, rel=1e-12)


def test_an_edge_through_the_centre_halves_the_disc() -> None:
    """A polygon edge through the centres of several discs halves each."""
    xy = np.column_stack((np.arange(0.0, 30.0, 3.0), np.zeros(10)))
    half = union_area_m2(xy, 1.0, clip=shapely.box(-5, 0, 50, 5))
    assert half == pytest.approx(5 * math.pi, rel=1e-14)


def test_no_discs_or_only_points_cover_nothing() -> None:
    """Zero discs, radius zero and an empty clip give 0."""
    assert union_area_m2([], 800.0) == 0.0
    assert union_area_m2(np.empty((0, 2)), np.empty(0), clip=shapely.box(0, 0, 1, 1)) == 0.0
    assert union_area_m2([[0.0, 0.0]], 0.0) == 0.0
    assert union_area_m2([[0.0, 0.0]], 1.0, clip=shapely.Polygon()) == 0.0
    assert union_area_by_polygon_m2([[0.0, 0.0]], 1.0, []).shape == (0,)


# ---------------------------------------------------------------- properties


@settings(max_examples=60)
@given(discs, clips())
def test_area_equals_shapely_with_very_fine_circles(rows, clip) -> None:
    """Free and clipped area agree with circles of 2,048 corners."""
    xy, radius = split(rows)
    drawn = shapely.union_all(shapely.buffer(shapely.points(xy), radius, quad_segs=512))
    tolerance = 1e-5 * float(np.sum(radius**2))
    assert union_area_m2(xy, radius) == pytest.approx(drawn.area, abs=tolerance)
    assert union_area_m2(xy, radius, clip=clip) == pytest.approx(drawn.intersection(clip).area, abs=tolerance)


@settings(max_examples=60)
@given(discs, clips(), st.booleans())
def test_the_folds_add_up_to_the_discs(rows, clip, far: bool) -> None:
    """Areas covered by at least 1, 2, 3 ... discs sum to the areas of the discs, clipped or not."""
    xy, radius = split(rows)
    shift = FAR if far else np.zeros(2)
    xy, clip = xy + shift, shapely.transform(clip, lambda points: points + shift)
    for region in (None, clip) if clip.is_valid else (None,):
        folds = sum(k_fold_area_m2(xy, radius, k=k, clip=region) for k in range(1, len(xy) + 1))
        each = sum(union_area_m2([p], r, clip=region) for p, r in zip(xy, radius, strict=True))
        assert folds == pytest.approx(each, rel=1e-9, abs=1e-9)


@settings(max_examples=40)
@given(discs, clips(), st.randoms(use_true_random=False))
def test_row_order_changes_no_digit(rows, clip, random) -> None:
    """Shuffled discs give the identical number."""
    shuffled = random.sample(rows, len(rows))
    for k in (1, 2):
        first = k_fold_area_m2(*split(rows), k=k, clip=clip)
        assert k_fold_area_m2(*split(shuffled), k=k, clip=clip) == first


@settings(max_examples=40)
@given(discs, discs, clips())
def test_more_discs_or_wider_ones_never_cover_less(rows, more, clip) -> None:
    """Area grows with every disc and every radius and never exceeds the clip polygon."""
    xy, radius = split(rows)
    area = union_area_m2(xy, radius, clip=clip)
    assert 0.0 <= area <= clip.area
    slack = 1e-9 * clip.area
    assert union_area_m2(*split(rows + more), clip=clip) >= area - slack
    assert union_area_m2(xy, radius * 1.1, clip=clip) >= area - slack


@settings(max_examples=40)
@given(discs, st.lists(clips(), min_size=1, max_size=4))
def test_each_polygon_gets_what_it_gets_alone(rows, polygons) -> None:
    """Areas by polygon equal one call a polygon, also where polygons overlap."""
    xy, radius = split(rows)
    together = union_area_by_polygon_m2(xy, radius, polygons)
    alone = [union_area_m2(xy, radius, clip=polygon) for polygon in polygons]
    assert together == pytest.approx(alone, rel=1e-10, abs=1e-10)


def test_towns_share_out_the_region() -> None:
    """The towns of a partition add up to the whole, with circles of four levels mixed; an empty one has 0."""
    rng = np.random.default_rng(3)
    xy = FAR + rng.uniform(0, 20_000, (150, 2))
    radius = rng.choice([500.0, 800.0, 2_000.0, 6_000.0], 150, p=[0.5, 0.3, 0.15, 0.05])
    steps = np.linspace(0, 20_000, 5)
    corners = [FAR + np.array([x, y]) for x in steps[:-1] for y in steps[:-1]]
    towns = [shapely.box(*corner, *(corner + 5_000)) for corner in corners]
    whole = union_area_m2(xy, radius, clip=shapely.box(*FAR, *(FAR + 20_000)))
    areas = union_area_by_polygon_m2(xy, radius, [*towns, shapely.Polygon()])
    assert areas[-1] == 0.0
    assert areas.sum() == pytest.approx(whole, rel=1e-10)


# ---------------------------------------------------------------- one algorithm, plain and compiled


def test_compiled_loops_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain and compiled loops agree on free, clipped and k-fold areas."""
    rng = np.random.default_rng(5)
    xy, radius = rng.uniform(0, 40, (120, 2)).round(1), rng.choice([0.5, 1.0, 3.0, 9.0], 120)
    clip = shapely.box(5, 5, 35, 30).difference(shapely.box(10, 10, 20, 20))

    def answers() -> list[float]:
        folds = [k_fold_area_m2(xy, radius, k=k, clip=c) for k in (1, 3) for c in (None, clip)]
        return [*folds, union_polygon(xy, radius).area]

    monkeypatch.setattr(disc_clip, "PLAIN_STEPS", 10**9)
    plain = answers()
    monkeypatch.setattr(disc_clip, "PLAIN_STEPS", 0)
    assert answers() == pytest.approx(plain, rel=1e-12)


def test_a_small_world_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred circles and 36 towns of 40 corners are done by plain loops; many circles are not."""
    asked = []
    loops = disc_clip.loops

    def noting(*, compiled: bool):
        asked.append(compiled)
        return loops(compiled=False)

    monkeypatch.setattr(disc_clip, "loops", noting)
    xy = np.random.default_rng(1).uniform(0, 30_000, (200, 2))
    steps = range(2_500, 30_000, 5_000)
    towns = [shapely.Point(x, y).buffer(2_500, quad_segs=10) for x in steps for y in steps]
    union_area_by_polygon_m2(xy, 800.0, towns)
    assert asked == [False]
    many = build_strips(np.random.default_rng(1).uniform(0, 30_000, (20_000, 2)), np.full(20_000, 800.0))
    disc_clip.loops_for(many)
    assert asked == [False, True]


def test_threads_change_no_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Circles shared out to threads give the identical number."""
    xy = np.random.default_rng(2).uniform(0, 50, (150, 2))
    alone = union_area_m2(xy, 2.0)
    monkeypatch.setattr(disc_clip, "THREADS_FROM", 1)
    assert union_area_m2(xy, 2.0) == alone


# ---------------------------------------------------------------- shapes to draw


@settings(max_examples=60)
@given(discs, st.sampled_from([1e-3, 0.05, 1.0]), st.booleans())
def test_the_drawn_union_keeps_its_promise(rows, chord_error_m: float, far: bool) -> None:
    """Valid, corners on the rim, within the union, and short of it by no more than the chord error allows."""
    xy, radius = split(rows)
    xy = xy + (FAR if far else 0.0)
    shape = union_polygon(xy, radius, chord_error_m=chord_error_m)
    assert shape.is_valid
    assert shape.geom_type in ("Polygon", "MultiPolygon")
    corners = shapely.get_coordinates(shape)
    outside = np.linalg.norm(corners[:, None] - xy[None], axis=2) - radius
    assert np.abs(outside.min(axis=1)).max() < 5e-6
    area = union_area_m2(xy, radius)
    assert shape.area <= area + 1e-4
    sagitta = np.minimum(chord_error_m, radius * (1 - math.cos(math.pi / 8)))
    assert shape.area >= area - float(np.sum(math.tau * radius * sagitta)) - 1e-4


def test_touching_discs_are_drawn_as_discs_that_touch() -> None:
    """A ring of discs whose circles meet in shared corners stays valid and whole."""
    xy = np.stack(np.meshgrid(np.arange(5.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    shape = union_polygon(xy, 0.5, chord_error_m=0.01)
    assert shape.is_valid
    assert len(shapely.get_parts(shape)) == 20
    chain = np.array([[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [-0.2, 1]], dtype=float)
    ring = union_polygon(np.vstack((chain, chain + 0.5)), 0.5, chord_error_m=0.01)
    assert ring.is_valid
    assert ring.area == pytest.approx(union_area_m2(np.vstack((chain, chain + 0.5)), 0.5), rel=0.02)


def test_a_union_with_a_hole_is_drawn_with_its_hole() -> None:
    """Discs round a gap draw one polygon with one hole."""
    angle = np.linspace(0, math.tau, 12, endpoint=False)
    shape = union_polygon(10 * np.column_stack((np.cos(angle), np.sin(angle))), 4.0, chord_error_m=0.01)
    assert shape.geom_type == "Polygon"
    assert len(shape.interiors) == 1
    assert union_polygon([], 1.0).is_empty


@settings(max_examples=30)
@given(discs, clips())
def test_gap_and_union_share_out_the_region(rows, region) -> None:
    """What is drawn as gap and as covered make up the region, but for where chords happen to begin."""
    xy, radius = split(rows)
    slack = 0.01 * math.tau * radius.sum()
    gap = gap_polygon(region, xy, radius, chord_error_m=0.01)
    covered = union_polygon(xy, radius, chord_error_m=0.01).intersection(region)
    assert gap.is_valid
    assert gap.area + covered.area == pytest.approx(region.area, abs=slack)
    assert gap.area >= region.area - union_area_m2(xy, radius, clip=region) - 1e-6


def test_no_gap_is_an_empty_polygon_and_no_disc_is_all_gap() -> None:
    """Both ends of the scale give polygons."""
    region = shapely.box(0, 0, 1, 1)
    assert gap_polygon(region, [[0.5, 0.5]], 5.0).is_empty
    assert gap_polygon(region, [], 5.0).equals(region)
    assert gap_polygon(region, [[50.0, 50.0]], 5.0).equals(region)


# ---------------------------------------------------------------- input


BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        pytest.param(lambda: union_area_m2([[0, 0]], -1.0), InputError, "fault.negative", id="negative"),
        pytest.param(lambda: union_area_m2([[0, 0]], math.nan), InputError, "fault.not_finite", id="nan"),
        pytest.param(lambda: union_area_m2([[0, math.inf]], 1.0), InputError, "fault.not_finite", id="inf"),
        pytest.param(lambda: union_area_m2([[0, 0, 0]], 1.0), InputError, "fault.wrong_shape", id="3d"),
        pytest.param(lambda: union_area_m2([[0, 0]], [1, 2]), InputError, "fault.wrong_shape", id="radii"),
        pytest.param(
            lambda: union_area_m2([[0, 0]], 1.0, clip=BOWTIE), InputError, "area.invalid_polygon", id="clip"
        ),
        pytest.param(
            lambda: union_area_m2([], 1.0, clip=shapely.Point(0, 0)),
            WrongTypeError,
            "fault.wrong_type",
            id="point",
        ),
        pytest.param(
            lambda: union_area_by_polygon_m2([], 1.0, [None]), WrongTypeError, "fault.wrong_type", id="none"
        ),
        pytest.param(lambda: k_fold_area_m2([[0, 0]], 1.0, k=0), InputError, "area.k_below_one", id="k=0"),
        pytest.param(lambda: k_fold_area_m2([[0, 0]], 1, k=1.5), WrongTypeError, "fault.wrong_type", id="k"),
        pytest.param(
            lambda: union_polygon([[0, 0]], 1.0, chord_error_m=0.0),
            InputError,
            "fault.not_positive",
            id="chord",
        ),
        pytest.param(
            lambda: gap_polygon(BOWTIE, [[0, 0]], 1.0), InputError, "area.invalid_polygon", id="region"
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, error: type[CulturePlanError], code: str) -> None:
    """Each kind of bad input raises its own fault, worded in both languages."""
    with pytest.raises(error) as caught:
        call()
    assert caught.value.faults[0].code == code
    assert caught.value.render("en")
    assert caught.value.render("zh")


def test_a_bad_polygon_is_named_by_position() -> None:
    """The message says which polygon is invalid and why."""
    with pytest.raises(InputError, match=r"first at position 1: Self-intersection"):
        union_area_by_polygon_m2([[0.0, 0.0]], 1.0, [shapely.box(0, 0, 1, 1), BOWTIE])


def test_nothing_given_is_changed() -> None:
    """Arrays and polygons of the caller stay as they were."""
    xy, radius, clip = np.array([[3.0, 1.0], [0.0, 0.0]]), np.array([1.0, 2.0]), shapely.box(0, 0, 2, 2)
    before = xy.copy(), radius.copy(), clip.wkb
    union_area_m2(xy, radius, clip=clip)
    disc_union.gap_polygon(clip, xy, radius)
    assert (xy == before[0]).all()
    assert (radius == before[1]).all()
    assert clip.wkb == before[2]
