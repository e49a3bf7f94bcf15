"""Errors say what is wrong, where, and what to do, in two languages, and are builtins at once."""

from __future__ import annotations

import json

import pytest

from cultureplan.base import errors
from cultureplan.base.errors import CulturePlanError, Fault, MissingExtraError, TableError, UnknownNameError

FAULT = Fault(
    code="table.negative",
    file="demand.csv",
    table="demand",
    column="人口",
    rows=("3", "7"),
    n_rows=2,
    samples=("-5", ""),
)


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("InputError", ValueError),
        ("WrongTypeError", TypeError),
        ("TableError", ValueError),
        ("MissingColumnError", ValueError),
        ("WorldError", ValueError),
        ("CrsError", ValueError),
        ("UnitError", ValueError),
        ("UnknownNameError", LookupError),
        ("MissingFileError", FileNotFoundError),
        ("OutputExistsError", FileExistsError),
        ("MissingExtraError", ImportError),
        ("InfeasibleError", RuntimeError),
    ],
)
def test_every_error_is_ours_and_a_builtin(name: str, builtin: type[Exception]):
    """So that code which never heard of us can catch it."""
    kind = getattr(errors, name)
    assert issubclass(kind, CulturePlanError)
    assert issubclass(kind, builtin)


def test_every_error_class_is_in_the_list_above():
    """A new one brings its builtin."""
    family = {
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)
    }
    assert len(family) == 13  # the twelve above and CulturePlanError


def test_a_fault_in_english():
    """File, rows, column, values, what, what to do."""
    assert FAULT.render("en") == (
        "demand.csv, rows 3, 7, column 人口, value -5, (empty): The number is negative. Give 0 or more."
    )


def test_a_fault_in_chinese():
    """The same, in the other language, without blanks between sentences."""
    assert FAULT.render("zh") == "demand.csv，第 3, 7 行，列 人口，值 -5, （空）：数值为负。请填写 0 或正数。"


def test_more_rows_than_are_shown_are_counted():
    """The first five and how many there are."""
    fault = Fault(code="table.negative", table="demand", rows=("1", "2", "3", "4", "5"), n_rows=1234)
    assert "rows 1, 2, 3, 4, 5 ... (1,234 rows in all)" in fault.render("en")
    assert "共 1,234 行" in fault.render("zh")


def test_without_a_file_the_table_is_named():
    """Somebody gave a frame, not a file."""
    assert Fault(code="table.empty", table="places").render().startswith("table places: ")
    assert Fault(code="table.empty").render().startswith("The table has no rows.")


def test_one_fault_is_one_line_and_several_are_numbered():
    """The error's own text is English; `render` gives the other."""
    assert str(TableError(FAULT)) == FAULT.render("en")
    lines = TableError(FAULT, FAULT).render("zh").splitlines()
    assert lines[0] == "共 2 处错误："
    assert lines[2] == f"  2. {FAULT.render('zh')}"
    assert str(TableError(FAULT, FAULT)).splitlines()[0] == "2 faults:"


def test_a_fault_as_plain_values_is_json():
    """For programs that read the command line."""
    said = json.loads(json.dumps(FAULT.to_dict("en")))
    assert said["rows"] == ["3", "7"]
    assert said["message"] == "The number is negative."
    assert said["remedy"] == "Give 0 or more."


def test_an_unknown_name_comes_with_the_closest():
    """And with those that are known."""
    error = UnknownNameError.closest("world.unknown_id", "F03", ["F01", "F13", "X"], table="facilities")
    assert "Did you mean 'F13'?" in str(error) or "Did you mean 'F01'?" in str(error)
    assert "F01, F13, X" in str(error)


def test_an_unknown_name_among_none_or_many():
    """Nothing to suggest, or too many to list."""
    assert "'-'" in str(UnknownNameError.closest("world.unknown_id", "a", [], table="t"))
    many = UnknownNameError.closest("world.unknown_id", "a", [f"F{i}" for i in range(50)], table="t")
    assert str(many).endswith(" ....")


def test_a_missing_library_says_how_to_get_it():
    """With the extra of this package."""
    assert 'pip install "cultureplan[excel]"' in str(MissingExtraError.for_extra("openpyxl", "excel"))
