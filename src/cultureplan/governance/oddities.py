"""What is odd about a paper: what the catalogue documents, and what the data themselves show."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from cultureplan.base.messages import Lang
from cultureplan.governance.places import Governance
from cultureplan.standards.words import policy_word


def anomalies(governance: Governance, lang: Lang = "en") -> pd.DataFrame:
    """Return the documented anomalies of a paper, worded.

    Returns
    -------
    DataFrame, index id
        ``kind``, ``kind_name``, ``detail``.
    """
    return pd.DataFrame(
        {
            "kind": [a.kind for a in governance.anomalies],
            "kind_name": [policy_word("anomaly", a.kind, lang) for a in governance.anomalies],
            "detail": [a.detail(lang) for a in governance.anomalies],
        },
        index=pd.Index([a.id for a in governance.anomalies], name="id", dtype=object),
    )


def found_anomalies(governance: Governance) -> pd.DataFrame:
    """Return what the member and duty lists show by themselves, whether documented or not.

    Returns
    -------
    DataFrame
        ``kind`` (``member_without_duty``, ``duplicate_member``, ``duty_without_membership``,
        ``name_mismatch``, ``joint_entry``), ``unit``.
    """
    rows = [("member_without_duty", u) for u in governance.units if not governance.duties_of(u)]
    counts = Counter(member.unit for member in governance.members)
    rows += [("duplicate_member", unit) for unit, n in counts.items() if n > 1]
    named = dict.fromkeys(duty.unit for duty in governance.duties)
    rows += [("duty_without_membership", unit) for unit in named if unit in governance.outsiders]
    for unit in named:
        units = governance.members_of(unit)
        if len(units) > 1:
            rows.append(("joint_entry", unit))
        elif units[0] != unit:
            rows.append(("name_mismatch", unit))
    return pd.DataFrame(rows, columns=["kind", "unit"])
