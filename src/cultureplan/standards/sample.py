"""Make registers for a world: records that would satisfy a standard, some of them left out at random.

For teaching, testing and demonstration only; nothing in it is an observation. Each requirement is turned
round: where its measure counts records, that many are written for every place and year; where it looks for
codes or marks, they are filled in. Every such act is left undone with a probability of one minus
`fulfilment`, so that a report has something to say. With a fulfilment of 1 every requirement that depends on
registers and has a figure is met.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.standards.catalogue import Standard
from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, MissingInput
from cultureplan.standards.register_schema import register_columns
from cultureplan.standards.registers import Registers
from cultureplan.standards.requirement import Requirement
from cultureplan.standards.sample_tables import OWN_TABLES, Draft, required_value
from cultureplan.standards.words import policy_word
from cultureplan.world.world import World

_COUNTED = frozenset({"rows", "exists", "total", "distinct", "level_exists", "codes", "allowed"})
_ROW_FILLS = frozenset({"each", "chair", "filled", "days_between", "notice", "sign_off"})


def sample_registers(
    world: World,
    standard: Standard,
    *,
    rng: np.random.Generator,
    years: Sequence[int] = (2021, 2022, 2023),
    fulfilment: float = 0.9,
    units: Sequence[str] = (),
) -> Registers:
    """Return made-up registers for a world and a standard.

    Parameters
    ----------
    world : World
        Its places and facilities are those the registers name.
    standard : Standard
        What the records are made to satisfy.
    rng : numpy.random.Generator
        Source of chance; the same one gives the same registers.
    years : sequence of int
        Years that yearly records are made for; at least two for trends.
    fulfilment : float
        Probability with which each record or mark that a clause asks for is there (0 to 1).
    units : sequence of str
        Names of the member units; by default one for each function the standard holds responsible.

    Examples
    --------
    >>> import numpy as np
    >>> import cultureplan as cp
    >>> from cultureplan.standards.sample import sample_registers
    >>> world, standard = cp.load_world("sanheyuan"), cp.load_standard("shizuishan-2021")
    >>> registers = sample_registers(world, standard, rng=np.random.default_rng(1), fulfilment=1.0)
    >>> cp.check_standard(world, standard, registers).verdict("S-STAFF-03")
    'MET'
    """
    functions = dict.fromkeys(code for r in standard.requirements for code in r.responsible)
    draft = Draft(
        rng=rng,
        years=tuple(years),
        fulfilment=fulfilment,
        units=tuple(units) or tuple(policy_word("function", code, "zh") for code in functions),
    )
    context = Context(world=world, standard=standard, registers=Registers())
    measured = [(r, context.resolve(r.check)) for r in standard.requirements if r.measure]
    for requirement, args in measured:
        try:
            _write_counted(draft, context, requirement, args)
        except MissingInput:
            continue  # the world lacks what the clause is about, so there is nobody to write records for
    for requirement, args in measured:
        own = OWN_TABLES.get(requirement.measure)
        if own is not None:
            own(draft, context, requirement, args)
    for requirement, args in measured:
        _fill_rows(draft, requirement, args)
    return Registers(tables={name: pd.DataFrame(rows) for name, rows in draft.tables.items() if rows})


def _write_counted(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    """Write the records that a counting measure looks for."""
    kind = requirement.measure
    if kind not in _COUNTED | _ROW_FILLS:
        return
    if "register" not in args or args["register"] in ("attendance", "venues", "agenda"):
        return
    per_row = args.get("per") == "row" or kind in _ROW_FILLS or kind == "allowed"
    many = 1 if kind not in ("rows", "distinct") else max(1, round(requirement.threshold or 1))
    if kind == "rows" and args["register"] == "members":
        many = max(0, many - len(draft.tables.get("members", [])))
    for place, facility, unit in _subjects(context, draft, args):
        for year in draft.years if args.get("yearly") else draft.years[:1]:
            if per_row and draft.has_rows(args):
                continue
            for number in range(many):
                if not per_row and not draft.happens():
                    continue
                record = _record(draft, args, year=year, number=number)
                if place and args.get("place", "place_id") in register_columns(args["register"]):
                    record[args.get("place", "place_id")] = place
                if facility:
                    record["facility_id"] = facility
                if unit:
                    record["unit"] = unit
                _complete(draft, record, requirement, args)
                draft.add(args["register"], record)


def _record(draft: Draft, args: Args, *, year: int, number: int) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for column in register_columns(args["register"]).values():
        if column.required or column.kind in ("year", "date"):
            record[column.name] = required_value(column, draft, year=year, number=number)
    if args["register"] == "meetings":  # one that no clause counts, unless it says which kind
        record["kind"] = "adhoc"
    for column_name, wanted in args.get("where", {}).items():
        record[column_name] = wanted[0] if isinstance(wanted, list | tuple) else wanted
    for column_name, code in args.get("contains", {}).items():
        record[column_name] = (code,)
    for column_name in args.get("filled", ()):
        record.setdefault(column_name, 1 if column_name == "deputies" else "yes")
    if args.get("due") and "date" in record:
        record["date"] = f"{args['due']}-01"
    return record


def _complete(draft: Draft, record: dict[str, Any], requirement: Requirement, args: Args) -> None:
    """Fill the column that a total, a count of values or a list of codes reads."""
    if requirement.measure == "total":
        record[args["column"]] = requirement.threshold or 1
    if requirement.measure == "distinct":
        record[args["column"]] = f"mode_{len(draft.tables.get(args['register'], []))}"
    if requirement.measure == "codes":
        codes = tuple(code for code in args["wanted"] if draft.happens())
        _put_codes(draft, record, args, codes)
    if requirement.measure == "allowed":
        record[args["column"]] = args["allowed"][0]


def _put_codes(draft: Draft, record: dict[str, Any], args: Args, codes: tuple[str, ...]) -> None:
    column = register_columns(args["register"])[args["column"]]
    if column.kind == "codes":
        record[column.name] = codes
        return
    record[column.name] = codes[0] if codes else required_value(column, draft, year=draft.years[0], number=0)
    for code in codes[1:]:  # one value a record: a record for each further code
        draft.add(args["register"], record | {column.name: code})


def _fill_rows(draft: Draft, requirement: Requirement, args: Args) -> None:
    """Fill the marks and codes that a clause asks of every record."""
    per_row = requirement.measure == "codes" and args.get("per") == "row"
    if requirement.measure not in ("each", "chair", "allowed", "filled", "days_between") and not per_row:
        return
    for record in draft.matching(args):
        good = draft.happens()
        if per_row:
            record[args["column"]] = tuple(args["wanted"]) if good else tuple(args["wanted"][:-1])
        if requirement.measure == "chair":
            record["chair_role"], record["is_delegated"] = ("head" if good else "member"), "no"
        if requirement.measure == "allowed" and not record.get(args["column"]):
            record[args["column"]] = args["allowed"][0]
        if requirement.measure == "days_between":
            record["deadline"] = str(
                (pd.Timestamp(record["opened"]) + pd.Timedelta(days=requirement.threshold or 30)).date()
            )
        if "flag" in args:
            record[args["flag"]] = "yes" if good else "no"
        for column, code in args.get("has", {}).items():
            present = tuple(record.get(column) or ())
            record[column] = tuple(dict.fromkeys((*present, code))) if good else present
        for column, value in args.get("equal", {}).items():
            record[column] = value
        for column in (*args.get("filled", ()), *args.get("columns", ())):
            _fill_column(record, args["register"], column, good=good)


def _fill_column(record: dict[str, Any], register: str, column: str, *, good: bool) -> None:
    if record.get(column) or not good:
        return
    kind = register_columns(register)[column].kind
    record[column] = {"codes": ("CUL",), "date": record.get("date"), "number": 1}.get(kind, "named")


def _subjects(context: Context, draft: Draft, args: Args) -> list[tuple[str, str, str]]:
    """Return (place, facility, unit) of everybody records are written for; one empty triple for all."""
    per = args.get("per")
    if per in (None, "row"):
        return [("", "", "")]
    if per == "facility":
        venues = context.facilities(args)
        return [(str(home or ""), str(i), "") for i, home in venues["home"].items()]
    if per == "unit":
        return [("", "", unit) for unit in draft.units]
    return [(str(i), "", "") for i in context.places_at(per).index]
