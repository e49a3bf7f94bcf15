"""What the lab says: the figures under the map, and what a point or a facility tells when pointed at."""

from __future__ import annotations

import numpy as np

from cultureplan.base.messages import Lang, text
from cultureplan.lab.ground import Site
from cultureplan.lab.meter import Measured
from cultureplan.lab.state import LabState
from cultureplan.lab.week import hour_words, stated_hours
from cultureplan.plotting.wording import cost_words, count_words, share_words, shown_names, signed_words
from cultureplan.world.levels import Status, word


def figures_line(state: LabState, measured: Measured, today: Measured, *, lang: Lang = "en") -> str:
    """Return the figures of a state as a sentence: share, persons, facilities, change since today."""
    now, before = measured.everyone, today.everyone
    line = text(
        "lab.figures", lang,
        share=share_words(now.share), covered=count_words(now.persons_covered),
        assessed=count_words(now.persons_assessed), n=count_words(len(state.open_ids) - len(state.asleep)),
    )  # fmt: skip
    if state.draft.hour is not None:
        line = text("lab_map.at_hour", lang, when=hour_words(state.draft.hour, lang), line=line)
    if not state.draft.changes:
        return line
    change = signed_words(now.persons_covered - before.persons_covered)
    return text("lab.figures_change", lang, line=line, change=change)


def site_lines(state: LabState, site: Site, measured: Measured, *, lang: Lang = "en") -> list[str]:
    """Return what a facility tells: name, level and kind, persons nearest to it, whom it reports to."""
    kind = text(
        "lab.level_kind", lang, level=word("level", site.level, lang), kind=word("kind", site.kind, lang)
    )
    lines = [site.label(lang), kind]
    if not site.is_open:
        draft, name = state.draft, site.status
        if site.facility_id in draft.forbidden | draft.required:
            name = "forbidden" if site.facility_id in draft.forbidden else "required"
        return [*lines, text(f"lab.is_{name}", lang)]
    hours = stated_hours(state.ground).get(site.facility_id)
    if hours is not None:
        lines.append(text("lab_map.open_hours", lang, hours=hours))
    if site.facility_id in state.asleep:
        return [*lines, text("lab_map.is_asleep", lang)]
    nearest = float(measured.persons[measured.nearest_id == site.facility_id].sum())
    lines.append(text("lab.nearest_to", lang, n=count_words(nearest)))
    parent = state.sites.get(site.parent_id)
    if parent is not None and parent.status == Status.EXISTING:
        lines.append(text("lab.reports_to", lang, parent=parent.label(lang)))
    return lines


def demand_lines(state: LabState, row: int, measured: Measured, *, lang: Lang = "en") -> list[str]:
    """Return what a demand point tells: name, persons, nearest facility and cost, limit, circles."""
    ground = state.ground
    settlement = word("settlement", str(measured.settlement[row]), lang)
    persons = text(
        "lab.persons_settlement", lang, n=count_words(measured.persons[row]), settlement=settlement
    )
    lines = [str(ground.demand_names[row] or ground.demand_ids[row]), persons]
    if not measured.has_rule[row]:
        return [*lines, text("lab.not_assessed", lang)]
    rule = state.standard.rule(str(measured.settlement[row]))
    nearest, cost = measured.nearest_id[row], float(measured.nearest_cost[row])
    if rule is not None and nearest is not None and np.isfinite(cost):
        site = state.sites[str(nearest)]
        lines.append(
            text(
                "lab.nearest_is", lang, name=site.label(lang),
                cost=cost_words(cost, str(rule.unit), lang),
                limit=cost_words(rule.limit, str(rule.unit), lang),
            )
        )  # fmt: skip
    verdict = "covered" if measured.is_covered[row] else "uncovered"
    circles = text("lab.n_circles", lang, n=int(measured.n_circles[row]))
    return [*lines, text("lab.verdict", lang, verdict=text(f"lab.{verdict}", lang), circles=circles)]


def place_lines(state: LabState, place_id: str, measured: Measured, *, lang: Lang = "en") -> list[str]:
    """Return what a place tells: name, its people, and how many of those assessed are covered."""
    places = state.ground.world.places
    if places is None:
        return []
    inside = state.ground.demand_place_ids == place_id
    persons, assessed = measured.persons[inside], measured.has_rule[inside]
    lines = [
        str(shown_names(places, lang).get(place_id, place_id)),
        text("lab_map.place_persons", lang, n=count_words(float(persons.sum()))),
    ]
    total = float(persons[assessed].sum())
    if total == 0:
        return lines
    covered = float(persons[measured.is_covered[inside]].sum())
    share = share_words(covered / total)
    return [*lines, text("lab_map.place_covered", lang, share=share, n=count_words(total - covered))]
