"""What a policy standard says before and after the plan, and which departments must act on what is left."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.assignment import assign
from cultureplan.governance.places import Governance
from cultureplan.governance.places import load as load_governance
from cultureplan.governance.places import names as governance_names
from cultureplan.lab.state import LabState
from cultureplan.standards.catalogue import load_standard, standards_frame
from cultureplan.standards.check import check_standard
from cultureplan.standards.compliance import VERDICTS, ComplianceReport
from cultureplan.standards.registers import Registers

DEFAULT_POLICY = "ordos-2014"


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """A world before and after the plan, checked against one standard.

    Parameters
    ----------
    before, after : ComplianceReport
        The same object twice where nothing was changed.
    governance : Governance, optional
        Whose departments must act.
    """

    before: ComplianceReport = field(repr=False)
    after: ComplianceReport = field(repr=False)
    governance: Governance | None = field(default=None, repr=False)


def check_both(
    state: LabState, policy: str, duties: str = "", *, registers: Registers | None = None
) -> Checked:
    """Return how the world keeps to a policy standard today, and with the plan.

    Parameters
    ----------
    state : LabState
        What holds now.
    policy : str
        Name of a policy standard.
    duties : str
        Name of a place's division of duties; empty for none.
    registers : Registers, optional
        Staff, meetings, funds ... as they are today.
    """
    standard = load_standard(policy)
    before = check_standard(state.ground.world, standard, registers)
    after = check_standard(state.world, standard, registers) if state.draft.changes else before
    return Checked(before=before, after=after, governance=load_governance(duties) if duties else None)


def duties_for(policy: str) -> str:
    """Return the division of duties that belongs to a policy standard: that of the same document, if any."""
    return policy if policy in governance_names() else ""


def policy_choices(lang: Lang) -> list[tuple[str, str]]:
    """Return (title, name) of every policy standard."""
    table = standards_frame(lang)
    titles = table["title"] if "title" in table.columns else table.iloc[:, 0]
    return [(str(title), str(name)) for name, title in titles.items()]


def duty_choices(lang: Lang) -> list[tuple[str, str]]:
    """Return (title, name) of every division of duties, and of none."""
    found = [(load_governance(name).title(lang), name) for name in governance_names()]
    return [(text("app.no_duties", lang), ""), *found]


def verdict_counts(checked: Checked) -> pd.DataFrame:
    """Return how many requirements are met, not met and not assessable, before and after.

    Returns
    -------
    DataFrame, index verdict
        ``before``, ``after``.
    """
    return pd.DataFrame({"before": checked.before.counts(), "after": checked.after.counts()}).reindex(
        list(VERDICTS)
    )


def gap_table(checked: Checked, lang: Lang = "en") -> pd.DataFrame:
    """Return the requirements that are assessed, those not met first, with who must act.

    Returns
    -------
    DataFrame
        ``requirement``, ``clause``, ``before`` and ``after`` (MET or NOT_MET), ``n_before`` and ``n_after``
        (findings not met), ``lead``, ``support``, ``reason``.
    """
    before, after = checked.before, checked.after
    n_before, n_after = (_not_met(report) for report in (before, after))
    charges = _charges(checked, lang)
    rows = []
    for requirement in before.standard.requirements:
        verdicts = before.verdicts[requirement.id], after.verdicts[requirement.id]
        if "NOT_ASSESSABLE" in verdicts and "NOT_MET" not in verdicts:
            continue
        lead, support, reason = charges.get(requirement.id, ("", "", ""))
        rows.append(
            {
                "requirement": requirement.id,
                "clause": requirement.clause(lang),
                "before": verdicts[0],
                "after": verdicts[1],
                "n_before": int(n_before.get(requirement.id, 0)),
                "n_after": int(n_after.get(requirement.id, 0)),
                "lead": lead,
                "support": support,
                "reason": reason,
            }
        )
    columns = [
        "requirement", "clause", "before", "after", "n_before", "n_after", "lead", "support", "reason",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    order = {name: number for number, name in enumerate(VERDICTS)}
    return table.sort_values("after", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def missing_table(checked: Checked, lang: Lang = "en") -> pd.DataFrame:
    """Return what would have to be supplied to assess more: ``supply``, ``n_requirements``."""
    table = checked.after.missing_inputs(lang).rename(columns={"what": "supply"})
    return table[["supply", "n_requirements"]].reset_index(drop=True)


def _not_met(report: ComplianceReport) -> pd.Series:
    rows = report.findings[report.findings["verdict"] == "NOT_MET"]
    return rows.groupby("requirement").size()


def _charges(checked: Checked, lang: Lang) -> dict[str, tuple[str, str, str]]:
    """Return lead unit, supporting units and reason of each requirement that is not met."""
    if checked.governance is None:
        return {}
    comma = text("fault.comma", lang)
    assigned = assign(checked.after, checked.governance, lang=lang)
    if len(checked.before.not_met()) and checked.before is not checked.after:
        assigned = pd.concat([assigned, assign(checked.before, checked.governance, lang=lang)])
    charges = {}
    for requirement, own in assigned.groupby("requirement", sort=False):
        leads = list(dict.fromkeys(own["lead_unit"]))
        support = [name for names in own["supporting_units"] for name in names if name not in leads]
        reason = str(own["lead_clause"].iloc[0])
        charges[str(requirement)] = (comma.join(leads), comma.join(dict.fromkeys(support)), reason)
    return charges
