"""The legend of the map: colours of the people, circles, levels, and what planning adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cultureplan.base.messages import Lang, text
from cultureplan.lab.layers import is_mobile
from cultureplan.lab.map_data import own_radius_m
from cultureplan.lab.paint import Painted
from cultureplan.lab.reached import street_rule
from cultureplan.lab.state import LabState
from cultureplan.plotting.style import INK, LOST, NOT_ASSESSED, PROPOSED, SETTLEMENT_COLOURS
from cultureplan.plotting.wording import cost_words, length_words
from cultureplan.world.levels import Level, Settlement, Status, word


def legend_records(
    state: LabState, painted: Painted, *, layers: Mapping[str, bool], lang: Lang = "en"
) -> list[dict[str, Any]]:
    """Return one record an entry: ``colour``, ``label``, ``persons`` and ``shape`` where it is no dot.

    Only what is on the map is explained.
    """
    entries = [entry.record() for entry in painted.legend]
    open_sites = [site for site in state.sites.values() if site.is_open]
    if not layers.get("people", True):
        entries = []
    if layers.get("circles"):
        entries += _circles(state, lang)
    if layers.get("isochrones") and state.ground.world.streets is not None:
        entries += _isochrones(state, lang)
    if layers.get("links") and any(site.parent_id in state.sites for site in open_sites):
        entries.append({"colour": INK, "label": text("lab_map.legend_link", lang), "shape": "link"})
    stops = [site for site in open_sites if is_mobile(site)]
    if layers.get("mobile", True) and stops:
        entries.append({"colour": INK, "label": text("lab_map.legend_mobile", lang), "shape": "mobile"})
    present = {site.level for site in open_sites if not is_mobile(site)}
    for level in sorted(Level, key=lambda level: -level.rank):
        if str(level) in present:
            entries.append({"colour": INK, "label": word("level", level, lang), "shape": str(level)})
    if state.opened_ids:
        entries.append({"colour": PROPOSED, "label": text("lab.legend_new", lang), "shape": "service_point"})
    if state.asleep:
        label = text("lab_map.legend_asleep", lang)
        entries.append({"colour": NOT_ASSESSED, "label": label, "shape": "branch"})
    base = state.ground.base_sites
    closed = [n for n, site in state.sites.items() if n in base and base[n].is_open and not site.is_open]
    if closed:
        entries.append({"colour": LOST, "label": text("lab.legend_closed", lang), "shape": "closed"})
    if layers.get("candidates") and state.free_candidates:
        entries.append(
            {"colour": PROPOSED, "label": text("lab.legend_candidate", lang), "shape": Status.CANDIDATE.value}
        )
    if layers.get("candidates") and state.required_free:
        label = text("lab_map.legend_required", lang)
        entries.append({"colour": PROPOSED, "label": label, "shape": "required"})
    if layers.get("candidates") and state.forbidden_free:
        label = text("lab_map.legend_forbidden", lang)
        entries.append({"colour": LOST, "label": label, "shape": "forbidden"})
    return entries


def _isochrones(state: LabState, lang: Lang) -> list[dict[str, Any]]:
    present = {site.settlement for site in state.sites.values() if site.is_open}
    entries = []
    for settlement in Settlement:
        rule = street_rule(state.standard, settlement)
        if rule is not None and str(settlement) in present:
            label = text("lab_map.legend_isochrone", lang, limit=cost_words(rule.limit, str(rule.unit), lang))
            entries.append({"colour": SETTLEMENT_COLOURS[settlement], "label": label, "shape": "isochrone"})
    return entries


def _circles(state: LabState, lang: Lang) -> list[dict[str, Any]]:
    standard = state.standard
    drawn = {
        site.settlement for site in state.sites.values() if site.is_open and own_radius_m(site, standard) > 0
    }
    entries = []
    for settlement in Settlement:
        rule = standard.rule(settlement)
        if rule is not None and rule.radius_m is not None and str(settlement) in drawn:
            label = text(
                "plot.circle", lang,
                settlement=word("settlement", settlement, lang), radius=length_words(rule.radius_m, lang),
            )  # fmt: skip
            entries.append({"colour": SETTLEMENT_COLOURS[settlement], "label": label, "shape": "circle"})
    return entries
