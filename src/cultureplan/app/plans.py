"""A planner's work as a file: the plan alone, or the whole world with the plan in it."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from cultureplan.app.phasing import Budgets
from cultureplan.base.errors import InputError
from cultureplan.io.folder import write_world
from cultureplan.lab.saving import save_state, state_from
from cultureplan.lab.state import LabState

PLAN = "plan.json"
_OURS = "app"  # where the page keeps what the lab does not know


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a planner chose beside the facilities.

    Parameters
    ----------
    policy : str
        Policy standard.
    duties : str
        Division of duties; empty for none.
    budgets : Budgets, optional
        Money by year.
    """

    policy: str
    duties: str
    budgets: Budgets | None = None


def plan_document(state: LabState, desk: Desk) -> dict[str, Any]:
    """Return the plan as JSON knows it: that of the lab, and what the page adds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / PLAN
        save_state(state, path)
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    budgets = desk.budgets
    document[_OURS] = {
        "policy": desk.policy,
        "duties": desk.duties,
        "budgets": None
        if budgets is None
        else {
            "first_year": budgets.first_year,
            "yuan": list(budgets.yuan),
            "carries_over": budgets.carries_over,
            "usual_cost": budgets.usual_cost,
        },
    }
    return document


def plan_bytes(state: LabState, desk: Desk) -> bytes:
    """Return the plan as a JSON file."""
    return (json.dumps(plan_document(state, desk), ensure_ascii=False, indent=1) + "\n").encode()


def read_plan(state: LabState, document: Mapping[str, Any], *, otherwise: Desk) -> tuple[LabState, Desk]:
    """Return the state and the choices that a plan holds, on the world of a state.

    Parameters
    ----------
    state : LabState
        Of the world the plan was made for.
    document : mapping
        Read from JSON.
    otherwise : Desk
        Choices where the plan, saved by the lab, says nothing of them.

    Raises
    ------
    InputError
        If it is no plan, or one of another world.
    """
    after = state_from(state, dict(document), name=PLAN)
    own = document.get(_OURS)
    if not isinstance(own, Mapping):
        return after, otherwise
    try:
        money = own.get("budgets")
        budgets = None
        if money is not None:
            budgets = Budgets(
                first_year=int(money["first_year"]),
                yuan=tuple(float(sum_) for sum_ in money["yuan"]),
                carries_over=bool(money["carries_over"]),
                usual_cost=float(money["usual_cost"]),
            )
        desk = Desk(policy=str(own["policy"]), duties=str(own["duties"]), budgets=budgets)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError.of("lab.not_a_lab_file", path=PLAN, why=repr(error)) from None
    return after, desk


def world_bytes(state: LabState, desk: Desk) -> bytes:
    """Return a zip with the world as it was opened and the plan beside it: dropped again, all is back."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_world(state.ground.world, Path(name) / "world")
        (folder / PLAN).write_bytes(plan_bytes(state, desk))
        return zipped(folder)


def zipped(folder: Path) -> bytes:
    """Return all files of a folder as a zip."""
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return content.getvalue()
