"""Measures of the service network: the tree of libraries, its reach over places, shared resources."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import pandas as pd

from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure
from cultureplan.standards.requirement import Requirement


@measure("tree")
def tree(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each branch and service point how many main libraries stand above it: one is right."""
    venues = context.facilities(args)
    below = venues[venues["level"].isin(["branch", "service_point"]).to_numpy(bool)]
    if len(below) == 0:
        raise MissingInput("facilities", "branch|service_point")
    orphans = set(context.world.network.orphans())
    parents = context.world.network.parents
    for i, venue in below.iterrows():
        met = i not in orphans and isinstance(parents.get(i), str)
        yield _of(venue, float(met), met)


@measure("four_levels")
def four_levels(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the counts and links of the tree: one central library, a head a county, a branch a township.

    A service point must report to a branch of its own township, or to a head library where the reading
    allows it (U-18).
    """
    venues = context.existing
    n_central = int((venues["level"] == "central").sum())
    yield Measured(
        value=float(n_central),
        figure=1.0,
        is_met=n_central == 1,
        about="level/central",
    )
    for place_level, level in (("county", "head"), ("township", "branch")):
        home = venues.loc[(venues["level"] == level).to_numpy(bool), "home"]
        counts = home.map(context.ancestor(place_level)).value_counts()
        for place, row in context.places_at([place_level]).iterrows():
            n = int(counts.get(place, 0))
            yield Measured(
                value=float(n),
                figure=1.0,
                is_met=n >= 1,
                place_id=str(place),
                subject=str(row["name"]),
                about=f"level/{level}",
            )
    yield from _service_points(context, args)


def _service_points(context: Context, args: Args) -> Iterator[Measured]:
    venues, parents = context.existing, context.world.network.parents
    township = context.ancestor("township")
    allowed = {"branch"} if args["service_point_parent"] == "branch" else {"branch", "head"}
    points = venues[(venues["level"] == "service_point").to_numpy(bool)]
    for i, venue in points.iterrows():
        parent = parents.get(i)
        if not isinstance(parent, str):
            yield _of(venue, 0.0, False, about="level/service_point")
            continue
        above = venues.loc[parent]
        here, there = township.get(venue["home"]), township.get(above["home"])
        same = above["level"] != "branch" or not (isinstance(here, str) and isinstance(there, str))
        met = above["level"] in allowed and (same or here == there)
        yield _of(venue, float(met), met, about="level/service_point")


@measure("main_branch")
def main_branch(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each county and kind whether a main house is there, and the share of townships reached."""
    venues = context.existing
    branch_home = venues.loc[(venues["level"] == "branch").to_numpy(bool), "home"]
    reached = set(branch_home.map(context.ancestor("township")).dropna())
    townships = context.places_at(["township"])
    county_of = pd.Series(townships.index, index=townships.index).map(context.ancestor("county"))
    for kind in args["kinds"]:
        heads = venues[(venues["kind"].eq(kind) & venues["level"].isin(["head", "central"])).to_numpy(bool)]
        if kind != "library":
            heads = venues[venues["kind"].eq(kind).to_numpy(bool)]
        with_head = set(heads["home"].map(context.ancestor("county")).dropna())
        for place, row in context.places_at(["county"]).iterrows():
            name, has_head = str(row["name"]), place in with_head
            own = list(county_of.index[(county_of == place).to_numpy(bool)])
            lacking = tuple(str(i) for i in own if i not in reached)
            if args["full_coverage"] in ("both", "counties"):
                yield Measured(
                    value=float(has_head),
                    is_met=has_head,
                    place_id=str(place),
                    subject=name,
                    about=f"kind/{kind}",
                )
            if args["full_coverage"] in ("both", "townships") and own:
                share = 1.0 - len(lacking) / len(own) if has_head else 0.0
                yield Measured(
                    value=share,
                    is_met=has_head and not lacking,
                    place_id=str(place),
                    subject=name,
                    about=f"kind/{kind}",
                    listed=lacking,
                )


@measure("linked")
def linked(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each county into how many groups its facilities fall by sharing: one is right."""
    links = context.register("sharing_links")
    venues = context.facilities(args)
    county = venues["home"].map(context.ancestor(args["per"]))
    for place, row in context.places_at([args["per"]]).iterrows():
        own = venues.index[(county == place).to_numpy(bool)]
        if len(own) == 0:
            continue
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(own)
        pairs = zip(links["facility_id"], links["other_facility_id"], strict=True)
        graph.add_edges_from((a, b) for a, b in pairs if a in graph and b in graph)
        groups = sorted(nx.connected_components(graph), key=len, reverse=True)
        apart = tuple(sorted(i for group in groups[1:] for i in group))
        yield Measured(
            value=float(len(groups)),
            figure=1.0,
            is_met=len(groups) == 1,
            place_id=str(place),
            subject=str(row["name"]),
            listed=apart,
        )


@measure("target_tree")
def target_tree(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield at how many levels targets exist; those whose parts add up to less than themselves are listed."""
    targets = context.register("targets")
    if len(targets) == 0:
        raise MissingInput("rows", "targets")
    present = set(targets["place_level"])
    absent = [f"place_level/{level}" for level in args["levels"] if level not in present]
    parts = targets.groupby("parent_target_id")["value"].sum()
    own = targets.set_index("target_id")["value"]
    short = [str(i) for i, value in parts.items() if i in own.index and value < own[i] - 1e-9]
    unknown = [str(i) for i in parts.index if i not in own.index]
    yield Measured(
        value=float(len(args["levels"]) - len(absent)),
        is_met=not absent and not short and not unknown,
        listed=tuple(absent + short + unknown),
    )


def _of(venue: Frame, value: float, met: bool, *, about: str = "") -> Measured:
    home = venue["home"]
    return Measured(
        value=value,
        figure=1.0,
        is_met=met,
        facility_id=str(venue["facility_id"]),
        place_id="" if home is None or home != home else str(home),
        subject=str(venue["name"]),
        about=about,
    )
