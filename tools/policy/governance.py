"""Turn the governance part of the clause catalogue into one document a place."""

from __future__ import annotations

from typing import Any

# What a document says of a body, and the catalogue's name of it.
BODY = {"name_zh": "body", "head_zh": "head", "deputy_zh": "deputy", "office_host_zh": "office_host"}
RULES = (
    "regular_meetings_per_year",
    "month",
    "notice_days_major",
    "chair_roles",
    "agenda_path",
    "decision_rule",
    "minutes_require_member_signoff",
    "invitees_decided_by",
    "records_archived",
    "who_may_propose",
    "liaison_required",
    "review_interval_years",
    "lower_level_bodies_required",
    "limits",
)
# The requirement in which a figure of the rules stands: the figure itself is not written twice.
RULE_REQUIREMENTS = {
    "K": {
        "chair_roles": "K-DEL-02",
        "agenda_path": "K-DEL-03",
        "notice_days_major": "K-DEL-04",
        "decision_rule": "K-DEL-05",
        "regular_meetings_per_year": "K-DEL-06",
        "invitees_decided_by": "K-DEL-07",
        "records_archived": "K-DEL-08",
        "review_interval_years": "K-REV-01",
    },
    "S": {
        "regular_meetings_per_year": "S-DEL-01",
        "liaison_required": "S-COM-01",
        "lower_level_bodies_required": "S-ORG-01",
        "review_interval_years": "S-REV-01",
    },
    "J": {
        "regular_meetings_per_year": "J-DEL-01",
        "month": "J-DEL-01",
        "who_may_propose": "J-DEL-02",
        "agenda_path": "J-DEL-04",
        "decision_rule": "J-DEL-06",
        "minutes_require_member_signoff": "J-DEL-06",
        "liaison_required": "J-ORG-06",
        "lower_level_bodies_required": "J-ORG-07",
        "limits": "J-DEL-10",
    },
    "Q": {},
    "O": {"lower_level_bodies_required": "O-ORG-02"},
}
# The catalogue words these as notes in English; the paper's own words stand in anomaly A-J-5.
OVERRIDES = {"J": {"head_zh": "", "office_host_zh": "宣传部（《规则》）；省文化厅（《方案》）"}}
OFFICE_FUNCTIONS = {"K": ["CUL"], "S": ["CUL"], "J": ["PUB", "CUL"], "Q": ["CRE"], "O": []}


def governance_document(
    place: str,
    paper: dict[str, Any],
    catalogue: dict[str, Any],
    details: dict[str, str],
    clauses_en: dict[str, str],
) -> dict[str, Any]:
    """Return bodies, members, duties and anomalies of one place."""
    rules = catalogue["deliberation_rules"][place]
    body = {
        "id": f"{place}-BODY",
        "kind": paper["body_kind"],
        "level": rules["level"].replace("district", "county"),
    }
    body |= {key: rules[name] for key, name in BODY.items() if rules.get(name)}
    body |= {"office_functions": OFFICE_FUNCTIONS[place]} | OVERRIDES.get(place, {})
    linked = RULE_REQUIREMENTS[place]
    missing = {name for name in linked if rules.get(name) is None}
    if missing:
        raise SystemExit(f"{place}: rules named but not in the catalogue: {sorted(missing)}")
    document: dict[str, Any] = {
        "id": paper["id"],
        "standard": paper["id"],
        "title_en": paper["title_en"],
        "title_zh": paper["title_zh"],
        "bodies": [body],
        "rules": [
            {"rule": name, "requirement": linked[name]}
            for name in RULES
            if rules.get(name) is not None and name in linked
        ],
        "members": [
            {"body": body["id"], "unit": unit["unit"], "functions": unit["functions"]}
            for unit in catalogue["units"].get(place, [])
        ],
        "duties": [
            {
                "id": duty["id"],
                "unit": duty["unit"],
                "functions": duty["clause_functions"],
                "role": duty["role"],
                "themes": duty["themes"],
                "clause_zh": duty["clause_zh"],
                "clause_en": clauses_en[duty["id"]],
                "source": duty["source_file"],
            }
            for duty in catalogue["duties"]
            if duty["place"] == place
        ],
        "anomalies": [
            {
                "id": anomaly["id"],
                "kind": anomaly["kind"],
                "detail_en": anomaly["detail"],
                "detail_zh": details[anomaly["id"]],
            }
            for anomaly in catalogue["anomalies"]
            if place in anomaly["place"].split(",")
        ],
    }
    if place in OUTSIDERS:
        document["outsiders"] = OUTSIDERS[place]
    aliases = ALIASES.get(place, {})
    if aliases:
        document["aliases"] = [{"name": name, "unit": unit} for name, unit in aliases.items()]
    return {key: value for key, value in document.items() if value != []}


# Units with duties that the member list leaves out: catalogue anomaly A-J-3.
OUTSIDERS = {"J": ["省文化厅"]}
# One unit under two names, or several units under one entry: catalogue anomalies A-J-4, A-S-1, A-S-2.
ALIASES = {
    "S": {
        "市文化旅游广电局": "市文旅广电局",
        "市委督查室、市政府督查室": "市委督查室|市政府督查室",
        "各县区": "大武口区|惠农区|平罗县",
    },
    "J": {
        "省质监总局": "省质量技术监督局",
        "共青团省委": "省共青团",
        "省总工会": "省工会",
        "省教育厅": "教育厅",
        "省科技厅": "科技厅",
        "省人力资源和社会保障厅": "省人力资源社会保障厅",
    },
}
