"""What a check found: tidy findings, and the tables that people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import pandas as pd

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.standards.catalogue import Standard
from cultureplan.standards.missing import missing_words
from cultureplan.standards.requirement import Requirement
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import word
from cultureplan.world.world import World

COLUMNS = (
    "requirement", "place_id", "facility_id", "subject", "about", "period",
    "value", "threshold", "unit", "verdict", "missing", "listed",
)  # fmt: skip
VERDICTS = ("NOT_MET", "NOT_ASSESSABLE", "MET")  # the worst first


@dataclass(frozen=True, kw_only=True, eq=False)
class ComplianceReport:
    """How a world keeps to a policy standard.

    Parameters
    ----------
    world : World
        What was checked.
    standard : Standard
        What it was checked against.
    findings : DataFrame
        One row a requirement and subject: ``requirement``, ``place_id``, ``facility_id``, ``subject``,
        ``about`` (code, where a clause asks several things), ``period``, ``value``, ``threshold``,
        ``unit``, ``verdict`` (MET, NOT_MET, NOT_ASSESSABLE), ``missing`` (the input that is missing),
        ``listed`` (codes or ids that are absent or in breach).
    """

    world: World
    standard: Standard
    findings: pd.DataFrame = field(repr=False)

    @cached_property
    def verdicts(self) -> pd.Series:
        """Verdict of each requirement: the worst of its findings."""
        rank = {name: number for number, name in enumerate(VERDICTS)}
        worst = self.findings["verdict"].map(rank).groupby(self.findings["requirement"]).min()
        named = worst.map(dict(enumerate(VERDICTS))).reindex(list(self.standard.ids))
        return named.rename("verdict").rename_axis("requirement")

    def verdict(self, requirement: str) -> str:
        """Return the verdict of one requirement."""
        return str(self.verdicts[self.standard.requirement(requirement).id])

    def not_met(self) -> pd.DataFrame:
        """Return the findings that are not met."""
        return self.findings[self.findings["verdict"] == "NOT_MET"].reset_index(drop=True)

    def counts(self) -> pd.Series:
        """Return how many requirements are met, not met and not assessable."""
        return self.verdicts.value_counts().reindex(list(VERDICTS), fill_value=0).rename("n_requirements")

    def to_frame(self, lang: Lang = "en") -> pd.DataFrame:
        """Return every finding worded in a language.

        Returns
        -------
        DataFrame
            ``requirement``, ``clause``, ``place``, ``subject``, ``about``, ``period``, ``value``,
            ``threshold``, ``unit``, ``verdict``, ``missing`` (what to supply), ``listed`` (what is absent or
            in breach).
        """
        frame, words = self.findings, {r.id: r.clause(lang) for r in self.standard.requirements}
        names = self.names(lang)
        place_ids, facility_ids = frame["place_id"].tolist(), frame["facility_id"].tolist()
        subjects = zip(frame["subject"], place_ids, facility_ids, strict=True)
        return pd.DataFrame(
            {
                "requirement": frame["requirement"],
                "clause": frame["requirement"].map(words),
                "place": [names.get(place, "") for place in place_ids],
                "subject": [self._subject_name(*subject, names) for subject in subjects],
                "about": [self._listed_word(code, lang) for code in frame["about"]],
                "period": frame["period"],
                "value": frame["value"],
                "threshold": frame["threshold"],
                "unit": [policy_word("unit", unit, lang) for unit in frame["unit"]],
                "verdict": [text(f"compliance.{verdict.lower()}", lang) for verdict in frame["verdict"]],
                "missing": [missing_words(code, lang) for code in frame["missing"]],
                "listed": [
                    text("fault.comma", lang).join(self._listed_word(code, lang) for code in codes)
                    for codes in frame["listed"]
                ],
            }
        )

    def summary(self, lang: Lang = "en") -> pd.DataFrame:
        """Return one row a requirement: clause, how many findings of each verdict, what is missing.

        Returns
        -------
        DataFrame, index requirement
            ``clause``, ``limit``, ``verdict``, ``n_met``, ``n_not_met``, ``n_not_assessable``, ``missing``.
        """
        n = Counter(zip(self.findings["requirement"], self.findings["verdict"], strict=True))
        gaps = self.findings.groupby("requirement")["missing"].agg(lambda codes: list(dict.fromkeys(codes)))
        rows = [
            {
                "clause": r.clause(lang),
                "limit": r.limit_words(lang),
                "verdict": text(f"compliance.{self.verdicts[r.id].lower()}", lang),
                "n_met": n[r.id, "MET"],
                "n_not_met": n[r.id, "NOT_MET"],
                "n_not_assessable": n[r.id, "NOT_ASSESSABLE"],
                "missing": text("fault.comma", lang).join(
                    missing_words(code, lang) for code in gaps[r.id] if code
                ),
            }
            for r in self.standard.requirements
        ]
        return pd.DataFrame(rows, index=pd.Index(list(self.standard.ids), name="requirement"))

    def by(self, column: str) -> pd.DataFrame:
        """Return how many findings of each verdict there are by ``type``, ``place_id``, a level of place ...

        Parameters
        ----------
        column : str
            ``requirement``, ``type``, ``checkability``, ``place_id``, ``facility_id``, or a level of place
            (``county``, ``township``: the place of that level to which each finding belongs).

        Returns
        -------
        DataFrame, index `column`
            ``NOT_MET``, ``NOT_ASSESSABLE``, ``MET``, ``met_share`` (of those assessed; NaN where none was).
        """
        keys = self._keys(column)
        table = pd.crosstab(keys.to_numpy(object), self.findings["verdict"].to_numpy(object), dropna=True)
        table = table.reindex(columns=list(VERDICTS), fill_value=0).rename_axis(index=column, columns=None)
        assessed = (table["MET"] + table["NOT_MET"]).where(lambda n: n > 0)
        return table.assign(met_share=table["MET"] / assessed)

    def met_shares(self, level: str) -> pd.DataFrame:
        """Return the share of findings met in each place of a level, by type of requirement.

        A table of indicator values as :func:`cultureplan.standards.evaluation.evaluate` takes them: each
        column is one indicator, higher is better.

        Parameters
        ----------
        level : str
            ``county``, ``township`` ...

        Returns
        -------
        DataFrame, index place_id, one column a type
            NaN where nothing of a type could be assessed in a place.
        """
        assessed = self.findings["verdict"] != "NOT_ASSESSABLE"
        met = (self.findings["verdict"] == "MET").astype(float).where(assessed)
        keys = [self._keys(level).rename(level), self._keys("type").rename("type")]
        shares = met.groupby(keys).mean().rename("share").reset_index()
        return shares.pivot_table(index=level, columns="type", values="share").rename_axis(columns=None)

    def checklists(self) -> pd.DataFrame:
        """Return the checklists facility by facility: items present, items asked, completion, what is absent.

        Returns
        -------
        DataFrame, index facility_id
            ``group`` (``ten_ones`` ...), ``n_present``, ``n_items``, ``completion_share``, ``is_complete``,
            ``absent`` (tuple of requirement ids).
        """
        asked = {r.id: r for r in self.standard.requirements if r.measure == "checklist"}
        rows = self.findings[self.findings["requirement"].isin(asked) & self.findings["value"].notna()]
        records = []
        for facility, own in rows.groupby("facility_id", sort=False):
            absent = tuple(own.loc[own["verdict"] == "NOT_MET", "requirement"])
            n = len(own)
            records.append(
                {
                    "facility_id": facility,
                    "group": asked[own["requirement"].iloc[0]].group,
                    "n_present": n - len(absent),
                    "n_items": n,
                    "completion_share": (n - len(absent)) / n,
                    "is_complete": not absent,
                    "absent": absent,
                }
            )
        names = ["facility_id", "group", "n_present", "n_items", "completion_share", "is_complete", "absent"]
        return pd.DataFrame(records, columns=names).set_index("facility_id")

    def most_missing_items(self) -> pd.DataFrame:
        """Return how often each checklist item is absent, the most missing first.

        Returns
        -------
        DataFrame, index requirement
            ``group``, ``clause_zh``, ``n_facilities``, ``n_absent``, ``absent_share``.
        """
        asked = {r.id: r for r in self.standard.requirements if r.measure == "checklist"}
        rows = self.findings[self.findings["requirement"].isin(asked) & self.findings["value"].notna()]
        values = rows.groupby("requirement")["value"]
        table = pd.DataFrame({"n_facilities": values.size(), "n_present": values.sum()})
        table["n_absent"] = (table["n_facilities"] - table["n_present"]).astype(int)
        table["absent_share"] = table["n_absent"] / table["n_facilities"]
        table["group"] = [asked[i].group for i in table.index]
        table["clause_zh"] = [asked[i].clause_zh for i in table.index]
        shown = ["group", "clause_zh", "n_facilities", "n_absent", "absent_share"]
        return table[shown].sort_values(["n_absent", "n_facilities"], ascending=False, kind="stable")

    def missing_inputs(self, lang: Lang = "en") -> pd.DataFrame:
        """Return what would have to be supplied, and for how many requirements, the most useful first.

        Returns
        -------
        DataFrame, index missing (the code)
            ``what`` (worded), ``n_requirements``, ``requirements`` (tuple of ids).
        """
        rows = self.findings[self.findings["missing"] != ""]
        ids = {code: tuple(dict.fromkeys(own["requirement"])) for code, own in rows.groupby("missing")}
        table = pd.DataFrame(
            {
                "what": [missing_words(str(code), lang) for code in ids],
                "n_requirements": [len(names) for names in ids.values()],
                "requirements": list(ids.values()),
            },
            index=pd.Index(list(ids), name="missing", dtype=object),
        )
        return table.sort_values("n_requirements", ascending=False, kind="stable")

    def conflicts(self) -> pd.DataFrame:
        """Return the pairs of requirements that cannot both be met because two texts disagree.

        Returns
        -------
        DataFrame
            ``requirement``, ``other``, ``verdict``, ``other_verdict``.
        """
        rows = [
            (r.id, other, self.verdict(r.id), self.verdict(other))
            for r in self.standard.requirements
            if (other := str(r.check.get("conflicts_with", ""))) in self.standard.ids and r.id < other
        ]
        return pd.DataFrame(rows, columns=["requirement", "other", "verdict", "other_verdict"])

    def names(self, lang: Lang = "en") -> Mapping[str, str]:
        """Return the name of every facility and place by its id, the English one where there is one."""
        return MappingProxyType(self._english_names if lang == "en" else self._own_names)

    def places_of(self, level: str) -> pd.Series:
        """Return, for each finding, the place of a level (``county``, ``township`` ...) it belongs to.

        Raises
        ------
        UnknownNameError
            If the world has no such level.
        """
        return self._keys(level)

    def requirement(self, id: str) -> Requirement:  # noqa: A002
        """Return a requirement of the standard by its id."""
        return self.standard.requirement(id)

    def __repr__(self) -> str:
        counts = self.counts()
        return (
            f"ComplianceReport({self.world.name!r} by {self.standard.id}: {counts['MET']} requirements met, "
            f"{counts['NOT_MET']} not met, {counts['NOT_ASSESSABLE']} not assessable, "
            f"{len(self.findings):,} findings)"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>{self.summary().to_html()}"

    def _keys(self, column: str) -> pd.Series:
        frame = self.findings
        if column in ("requirement", "place_id", "facility_id"):
            return frame[column]
        if column in ("type", "checkability"):
            return frame["requirement"].map({r.id: getattr(r, column) for r in self.standard.requirements})
        known = ("requirement", "type", "checkability", "place_id", "facility_id")
        if self.world.places is not None:
            levels = sorted(set(self.world.places.frame["place_level"]))
            if column in levels:
                home = frame["place_id"].where(
                    frame["place_id"].notna(), frame["facility_id"].map(self.world.facility_places)
                )
                return home.map(self.world.places.ancestor_at(column))
            known = (*known, *levels)
        raise UnknownNameError.closest("compliance.unknown_column", column, known)

    def _subject_name(self, subject: str, place: str, facility: str, names: Mapping[str, str]) -> str:
        """Return the name in a language of a place or facility that a finding is about, else its subject."""
        for key in (facility, place):
            if key in names and subject in (key, self._own_names.get(key)):
                return names[key]
        return subject

    def _listed_word(self, code: str, lang: Lang) -> str:
        if code in self.standard.ids:
            return self.standard.requirement(code).clause(lang)
        vocabulary, _, value = code.rpartition("/")
        if vocabulary:
            return word(vocabulary, value, lang)
        names = self._english_names if lang == "en" else self._own_names
        return names.get(code) or policy_word("code", code, lang)

    @cached_property
    def _own_names(self) -> dict[str, str]:
        return self._named("name")

    @cached_property
    def _english_names(self) -> dict[str, str]:
        return self._own_names | self._named("name_en")

    def _named(self, column: str) -> dict[str, str]:
        tables = [(self.world.facilities.frame, "facility_id")]
        if self.world.places is not None:
            tables.append((self.world.places.frame, "place_id"))
        return {
            str(i): name
            for frame, key in tables
            if column in frame.columns
            for i, name in zip(frame[key], frame[column], strict=True)
            if isinstance(name, str) and name
        }
