"""Hand every finding that is not met to the departments that must act on it, with the clause that says so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.places import Duty, Governance
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.standards.requirement import Requirement
from cultureplan.standards.words import policy_word

_ROLE_ORDER = ("lead", "coordinate", "implement", "guide", "assist", "participate")
_OFFICE = ("OFF", "CRE", "TWG", "INS", "MGV")  # no member of their own: the office of the body stands in


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One unit in charge of a finding, and why."""

    unit: str
    basis: str
    duty: Duty | None = None


@cache
def themes_of_type(type: str) -> tuple[str, ...]:  # noqa: A002
    """Return the duty themes that a type of requirement belongs to, the closest first."""
    file = resources.files("cultureplan.governance").joinpath("data", "type_themes.csv")
    table = pd.read_csv(StringIO(file.read_text(encoding="utf-8")), dtype=str).set_index("type")
    return tuple(str(table.at[type, "themes"]).split("|")) if type in table.index else ()


def assign(
    report: ComplianceReport,
    governance: Governance,
    *,
    verdicts: tuple[str, ...] = ("NOT_MET",),
    lang: Lang = "en",
) -> pd.DataFrame:
    """Return every finding that is not met with its lead and supporting departments.

    The lead is the first responsible function of the clause that a unit of the place has; a finding in a
    county goes to that county where lower governments are responsible, one about a member unit to that unit
    where all are; where no unit has the function, the office of the body takes it. The duty clause that
    covers the subject is named as the reason, or else the function itself. Supporting are the other
    responsible units and those with a duty on the same themes.

    Parameters
    ----------
    report : ComplianceReport
        From :func:`cultureplan.check_standard`.
    governance : Governance
        From :func:`load`; it may be of another place than the standard, to see how that place would act.
    verdicts : tuple of str
        Findings to hand out.
    lang : {"en", "zh"}
        Language of the clauses.

    Returns
    -------
    DataFrame
        ``requirement``, ``clause``, ``place_id``, ``facility_id``, ``subject``, ``period``, ``verdict``,
        ``lead_unit``, ``lead_basis`` (``duty``, ``function`` or ``office``), ``lead_duty``, ``lead_clause``,
        ``supporting_units``, ``supporting_duties`` (tuples).

    Examples
    --------
    >>> import cultureplan as cp
    >>> report = cp.check_standard(cp.load_world("shizuishan"), cp.load_standard("shizuishan-2021"))
    >>> todo = cp.governance.assign(report, cp.governance.load("shizuishan-2021"), lang="zh")
    >>> todo["lead_unit"].notna().all().item()
    True
    """
    rows = []
    findings = report.findings[report.findings["verdict"].isin(verdicts)]
    known: dict[tuple[str, str], tuple[Charge, tuple[Charge, ...]]] = {}
    counties = _county_names(report)
    for finding in findings.to_dict("records"):
        requirement = report.requirement(str(finding["requirement"]))
        county = counties.get(str(finding["place_id"]), "")
        unit = str(finding["subject"]) if "ALL" in requirement.responsible else ""
        key = (requirement.id, county or unit)
        if key not in known:
            known[key] = _charges(requirement, governance, county, unit)
        lead, supporting = known[key]
        rows.append(
            {
                "requirement": requirement.id,
                "clause": requirement.clause(lang),
                "place_id": finding["place_id"],
                "facility_id": finding["facility_id"],
                "subject": finding["subject"],
                "period": finding["period"],
                "verdict": finding["verdict"],
                "lead_unit": lead.unit,
                "lead_basis": lead.basis,
                "lead_duty": lead.duty.id if lead.duty else "",
                "lead_clause": lead.duty.clause(lang) if lead.duty else _reason(requirement, lead, lang),
                "supporting_units": tuple(charge.unit for charge in supporting),
                "supporting_duties": tuple(charge.duty.id for charge in supporting if charge.duty),
            }
        )
    columns = [
        "requirement", "clause", "place_id", "facility_id", "subject", "period", "verdict", "lead_unit",
        "lead_basis", "lead_duty", "lead_clause", "supporting_units", "supporting_duties",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def task_list(assigned: pd.DataFrame) -> pd.DataFrame:
    """Return one row a lead unit: findings, requirements, and the units that support it.

    Parameters
    ----------
    assigned : DataFrame
        From :func:`assign`.

    Returns
    -------
    DataFrame, index lead_unit
        ``n_findings``, ``n_requirements``, ``requirements``, ``supporting_units`` (tuples), most first.
    """
    rows = []
    for unit, own in assigned.groupby("lead_unit", sort=False):
        supporting = [name for names in own["supporting_units"] for name in names]
        rows.append(
            {
                "lead_unit": unit,
                "n_findings": len(own),
                "n_requirements": own["requirement"].nunique(),
                "requirements": tuple(dict.fromkeys(own["requirement"])),
                "supporting_units": tuple(dict.fromkeys(supporting)),
            }
        )
    columns = ["lead_unit", "n_findings", "n_requirements", "requirements", "supporting_units"]
    table = pd.DataFrame(rows, columns=columns).set_index("lead_unit")
    return table.sort_values("n_findings", ascending=False, kind="stable")


def _charges(
    requirement: Requirement, governance: Governance, county: str, unit: str
) -> tuple[Charge, tuple[Charge, ...]]:
    themes = themes_of_type(requirement.type)
    leading: list[Charge] = []
    equals: list[Charge] = []  # several governments of one rank: none of them leads the others
    for function in requirement.responsible:
        units = _units(function, governance, county, unit)
        for name in units:
            duty = _duty_on(governance, name, themes)
            basis = "duty" if duty else ("office" if function in _OFFICE else "function")
            charge = Charge(unit=name, basis=basis, duty=duty)
            (equals if function == "SUB" and len(units) > 1 else leading).append(charge)
    if not leading:
        offices = governance.office_units or (governance.title("zh"),)
        leading = [Charge(unit=unit, basis="office") for unit in offices]
    # a unit of the place comes before the office that only stands in for a function without one
    leading.sort(key=lambda charge: charge.basis == "office")
    charges = [*leading, *equals]
    for theme in themes:
        for duty in sorted(governance.duties, key=lambda d: _ROLE_ORDER.index(d.role)):
            if theme in duty.themes:
                units = governance.members_of(duty.unit)
                chosen = [u for u in units if u == county] or list(units)
                charges += [Charge(unit=unit, basis="duty", duty=duty) for unit in chosen]
    once = {charge.unit: charge for charge in reversed(charges)}
    lead = charges[0]
    return lead, tuple(once[unit] for unit in dict.fromkeys(c.unit for c in charges) if unit != lead.unit)


def _units(function: str, governance: Governance, county: str, unit: str) -> tuple[str, ...]:
    units = governance.units_with(function)
    if function == "SUB":
        return tuple(name for name in units if name == county) or units
    if function == "ALL":  # each unit answers for itself
        return tuple(name for name in governance.units if name == unit)
    return units or (governance.office_units if function in _OFFICE else ())


def _duty_on(governance: Governance, unit: str, themes: tuple[str, ...]) -> Duty | None:
    own = [duty for duty in governance.duties_of(unit) if set(duty.themes) & set(themes)]
    if not own:
        return None
    rank = {theme: number for number, theme in enumerate(themes)}
    return min(
        own,
        key=lambda d: (min(rank.get(t, len(rank)) for t in d.themes), _ROLE_ORDER.index(d.role)),
    )


def _reason(requirement: Requirement, lead: Charge, lang: Lang) -> str:
    functions = text("fault.comma", lang).join(
        policy_word("function", code, lang) for code in requirement.responsible
    )
    basis = policy_word("basis", requirement.responsible_basis, lang)
    return text(f"governance.by_{lead.basis}", lang, functions=functions, basis=basis)


def _county_names(report: ComplianceReport) -> dict[str, str]:
    """Return place id -> name of the county it lies in."""
    places = report.world.places
    if places is None:
        return {}
    county = places.ancestor_at("county").dropna()
    return {str(place): str(places.names[home]) for place, home in county.items()}
