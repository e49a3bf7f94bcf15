"""Mixed-integer programs as arrays: put together in blocks, written as text, solved by HiGHS.

A model states its program once, here; the same object is shown in the documentation and the tests as
text, and handed to the solver as one sparse matrix.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from cultureplan.siting.stopping import current_stop

Sense = Literal["min", "max"]
Progress = Callable[["ProgressPoint"], None]

INTEGRALITY = 1e-6  # what HiGHS calls an integer
_INFINITY = np.inf
_POLL_S = 0.1  # how often a running solver is told that it should stop


@dataclass(frozen=True, kw_only=True)
class ProgressPoint:
    """How far a solve is: what a progress callback receives.

    Parameters
    ----------
    seconds : float
        Since the start.
    objective : float
        Best answer so far; NaN while there is none.
    bound : float
        No answer can be better than this.
    stage : str
        What is running (``greedy``, ``swap``, ``lagrange``, ``highs`` ...).
    """

    seconds: float
    objective: float
    bound: float
    stage: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Mip:
    """A mixed-integer linear program: optimise ``cost @ v + offset`` with ``row_lower <= A v <= row_upper``.

    Parameters
    ----------
    sense : {"min", "max"}
        Direction.
    cost, lower, upper : ndarray, shape (n_columns,)
        Objective and bounds of the variables.
    is_integer : ndarray of bool, shape (n_columns,)
        Which variables are integers.
    matrix : csr_array, shape (n_rows, n_columns)
    row_lower, row_upper : ndarray, shape (n_rows,)
    offset : float
        Constant of the objective.
    column_blocks, row_blocks : tuple of (name, labels)
        Names for :meth:`to_text`.
    """

    sense: Sense
    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    is_integer: np.ndarray
    matrix: csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    offset: float
    column_blocks: tuple[tuple[str, Sequence[object]], ...]
    row_blocks: tuple[tuple[str, Sequence[object]], ...]

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return len(self.cost)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def with_row(self, columns: np.ndarray, values: np.ndarray, *, upper: float) -> Mip:
        """Return the program with one more row: ``values @ v[columns] <= upper``."""
        row = csr_array((values, columns, [0, len(columns)]), shape=(1, self.n_columns))
        return dataclasses.replace(
            self,
            matrix=csr_array(vstack([self.matrix, row], format="csr")),
            row_lower=np.append(self.row_lower, -_INFINITY),
            row_upper=np.append(self.row_upper, upper),
            row_blocks=(*self.row_blocks, ("without", [len(self.row_lower)])),
        )

    def to_text(self) -> str:
        """Return the program as readable lines: objective, one line a row, then the variables."""
        names = [_name(block, label) for block, labels in self.column_blocks for label in labels]
        rows = [_name(block, label) for block, labels in self.row_blocks for label in labels]
        objective = _terms(self.cost, np.arange(self.n_columns), names)
        if self.offset or not objective:
            objective = f"{objective} + {_number(self.offset)}" if objective else _number(self.offset)
        lines = [f"{self.sense} {objective}"]
        for row, name in enumerate(rows):
            part = slice(self.matrix.indptr[row], self.matrix.indptr[row + 1])
            left = _terms(self.matrix.data[part], self.matrix.indices[part], names) or "0"
            lines.append(f"{name}: " + _relation(left, self.row_lower[row], self.row_upper[row]))
        for column, name in enumerate(names):
            low, high = self.lower[column], self.upper[column]
            if self.is_integer[column] and (low, high) == (0, 1):
                lines.append(f"{name} in {{0, 1}}")
            else:
                kind = " integer" if self.is_integer[column] else ""
                lines.append(_relation(name, low, high) + kind)
        return "\n".join(lines)


class MipBuilder:
    """Collects the blocks of a program.

    Parameters
    ----------
    sense : {"min", "max"}
        Direction.
    """

    def __init__(self, sense: Sense) -> None:
        self.sense: Sense = sense
        self._columns: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
        self._rows: list[tuple[np.ndarray, np.ndarray]] = []
        self._entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._column_blocks: list[tuple[str, Sequence[object]]] = []
        self._row_blocks: list[tuple[str, Sequence[object]]] = []
        self._n_columns = 0
        self._n_rows = 0
        self.offset = 0.0

    def add_columns(
        self,
        name: str,
        labels: Sequence[object],
        *,
        cost: np.ndarray | float = 0.0,
        lower: np.ndarray | float = 0.0,
        upper: np.ndarray | float = 1.0,
        integer: bool = True,
    ) -> np.ndarray:
        """Add a block of variables and return their column numbers."""
        n = len(labels)
        full = [np.broadcast_to(np.asarray(part, dtype=float), (n,)) for part in (cost, lower, upper)]
        self._columns.append((full[0], full[1], full[2], np.full(n, integer)))
        self._column_blocks.append((name, labels))
        self._n_columns += n
        return np.arange(self._n_columns - n, self._n_columns)

    def add_rows(
        self,
        name: str,
        labels: Sequence[object],
        *,
        lower: np.ndarray | float = -_INFINITY,
        upper: np.ndarray | float = _INFINITY,
    ) -> np.ndarray:
        """Add a block of rows and return their row numbers."""
        n = len(labels)
        low, high = (np.broadcast_to(np.asarray(part, dtype=float), (n,)) for part in (lower, upper))
        self._rows.append((low, high))
        self._row_blocks.append((name, labels))
        self._n_rows += n
        return np.arange(self._n_rows - n, self._n_rows)

    def add_entries(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray | float) -> None:
        """Add coefficients; those of one place are summed."""
        rows, columns = np.broadcast_arrays(np.asarray(rows), np.asarray(columns))
        values = np.broadcast_to(np.asarray(values, dtype=float), rows.shape)
        self._entries.append((rows.ravel(), columns.ravel(), values.ravel()))

    def build(self) -> Mip:
        """Return the program."""
        shape = (self._n_rows, self._n_columns)
        rows, columns, values = (
            np.concatenate([entry[k] for entry in self._entries] or [np.empty(0)]) for k in range(3)
        )
        matrix = csr_array(
            coo_array((values, (rows.astype(np.int64), columns.astype(np.int64))), shape=shape)
        )
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        cost, lower, upper, is_integer = (
            np.concatenate([block[k] for block in self._columns] or [np.empty(0)]) for k in range(4)
        )
        low, high = (np.concatenate([block[k] for block in self._rows] or [np.empty(0)]) for k in range(2))
        return Mip(
            sense=self.sense,
            cost=cost,
            lower=lower,
            upper=upper,
            is_integer=is_integer.astype(bool),
            matrix=matrix,
            row_lower=low,
            row_upper=high,
            offset=self.offset,
            column_blocks=tuple(self._column_blocks),
            row_blocks=tuple(self._row_blocks),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class MipSolution:
    """What the solver found.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible", "none"}
        ``none``: stopped before an answer was found.
    values : ndarray or None, shape (n_columns,)
        Best answer.
    bound : float
        No answer is better than this.
    row_duals : ndarray, optional, shape (n_rows,)
        Prices of the rows, of a relaxation.
    """

    status: Literal["optimal", "feasible", "infeasible", "none"]
    values: np.ndarray | None
    bound: float
    row_duals: np.ndarray | None = None


def solve_mip(
    mip: Mip,
    *,
    time_limit_s: float,
    gap: float = 0.0,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
    relax: bool = False,
    heuristics: bool = True,
) -> MipSolution:
    """Solve a program with HiGHS.

    Parameters
    ----------
    mip : Mip
        Program.
    time_limit_s : float
        Seconds.
    gap : float
        Stop when the relative gap between answer and bound is at most this.
    start : ndarray, optional
        A feasible answer to begin with, shape (n_columns,).
    progress : callable, optional
        Called with a :class:`ProgressPoint` while the solver runs.
    relax : bool
        Solve the linear relaxation instead.
    heuristics : bool
        Let the solver look for answers; no use where `start` is hard to beat.

    Returns
    -------
    MipSolution
        Ctrl-C, or the stop of the solve this is part of (:func:`cultureplan.siting.stopping.listening`),
        returns the best answer so far with its bound.
    """
    worst = _INFINITY if mip.sense == "max" else -_INFINITY
    if time_limit_s <= 0 or current_stop().is_set():
        return MipSolution(status="none", values=None, bound=worst)
    solver = _load(mip, relax=relax)
    solver.setOptionValue("time_limit", float(time_limit_s))
    solver.setOptionValue("mip_rel_gap", float(gap))
    solver.setOptionValue("mip_abs_gap", 0.0 if gap == 0 else 1e-9)
    if not heuristics:
        _switch_off_heuristics(solver)
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), np.asarray(start, dtype=float))
    _run(solver, progress)
    return _read(solver, mip, relax=relax)


def _switch_off_heuristics(solver: Any) -> None:
    """Spend the time on the bound; no effort alone still leaves most of the sub-programs running."""
    solver.setOptionValue("mip_heuristic_effort", 0.0)
    for name in ("rins", "rens", "root_reduced_cost", "feasibility_jump"):
        solver.setOptionValue(f"mip_heuristic_run_{name}", False)
    solver.setOptionValue("mip_allow_restart", False)


def _highspy() -> Any:
    return import_module("highspy")  # the solver is loaded only when a program is solved


def _load(mip: Mip, *, relax: bool) -> Any:
    highspy = _highspy()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("random_seed", 0)
    sense = highspy.ObjSense.kMaximize if mip.sense == "max" else highspy.ObjSense.kMinimize
    solver.passModel(
        mip.n_columns,
        mip.n_rows,
        mip.matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(sense),
        float(mip.offset),
        mip.cost,
        mip.lower,
        mip.upper,
        mip.row_lower,
        mip.row_upper,
        mip.matrix.indptr.astype(np.int32),
        mip.matrix.indices.astype(np.int32),
        mip.matrix.data,
        (mip.is_integer & (not relax)).astype(np.int32),
    )
    return solver


def _run(solver: Any, progress: Progress | None) -> None:
    """Run in a second thread, so that whoever wants it stopped is heard, and what it has is kept."""
    asked = current_stop()
    stop = threading.Event()
    started = time.perf_counter()
    latest: list[ProgressPoint] = []

    def watch(event: Any) -> None:
        if stop.is_set():
            event.data_in.user_interrupt = True
        if progress is not None:
            out = event.data_out
            has_answer = abs(out.mip_primal_bound) < 1e30
            latest[:] = [
                ProgressPoint(
                    seconds=time.perf_counter() - started,
                    objective=float(out.mip_primal_bound) if has_answer else np.nan,
                    bound=float(out.mip_dual_bound),
                    stage="highs",
                )
            ]

    for callback in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        callback.subscribe(watch)
    runner = threading.Thread(target=solver.run, daemon=True)
    runner.start()
    while runner.is_alive():
        try:
            runner.join(timeout=_POLL_S)
            if asked.is_set():
                stop.set()
            if progress is not None and latest:
                progress(latest.pop())
        except KeyboardInterrupt:
            stop.set()
        except BaseException:  # a fault of the caller's own: it must not leave a solver running
            stop.set()
            runner.join()
            raise


def _read(solver: Any, mip: Mip, *, relax: bool) -> MipSolution:
    highspy = _highspy()
    statuses = highspy.HighsModelStatus
    status = solver.getModelStatus()
    worst = _INFINITY if mip.sense == "max" else -_INFINITY
    if status == statuses.kInfeasible:
        return MipSolution(status="infeasible", values=None, bound=worst)
    if mip.n_columns == 0 or status == statuses.kModelEmpty:
        feasible = bool(((mip.row_lower <= 1e-9) & (mip.row_upper >= -1e-9)).all())
        if not feasible:
            return MipSolution(status="infeasible", values=None, bound=worst)
        return MipSolution(status="optimal", values=np.zeros(mip.n_columns), bound=mip.offset)
    info = solver.getInfo()
    has_answer = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.asarray(solver.getSolution().col_value, dtype=float) if has_answer else None
    is_mip = bool(mip.is_integer.any()) and not relax
    bound = float(info.mip_dual_bound) if is_mip else worst
    if status == statuses.kOptimal:
        if not is_mip:
            bound = float(info.objective_function_value)
            duals = np.asarray(solver.getSolution().row_dual, dtype=float)
            return MipSolution(status="optimal", values=values, bound=bound, row_duals=duals)
        return MipSolution(status="optimal", values=values, bound=bound)
    return MipSolution(status="none" if values is None else "feasible", values=values, bound=bound)


def _name(block: str, label: object) -> str:
    if isinstance(label, tuple):
        return f"{block}[{','.join(map(str, label))}]"
    return block if label == "" else f"{block}[{label}]"


def _number(value: float) -> str:
    return f"{value:g}"


def _terms(values: np.ndarray, columns: np.ndarray, names: Sequence[str]) -> str:
    text = ""
    for value, column in zip(values, columns, strict=True):
        if value == 0:
            continue
        sign = "-" if value < 0 else "+"
        factor = "" if abs(value) == 1 else f"{_number(abs(value))} "
        lead = f" {sign} " if text else ("-" if value < 0 else "")
        text += f"{lead}{factor}{names[column]}"
    return text


def _relation(left: str, low: float, high: float) -> str:
    if low == high:
        return f"{left} = {_number(low)}"
    if low == -_INFINITY and high == _INFINITY:
        return f"{left} free"
    if low == -_INFINITY:
        return f"{left} <= {_number(high)}"
    if high == _INFINITY:
        return f"{left} >= {_number(low)}"
    return f"{_number(low)} <= {left} <= {_number(high)}"
