"""Standards panel: which place keeps which clause, what was measured, and who must act."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.matrix_widget import MatrixWidget
from cultureplan.lab.panels.parts import ActionBar, Part
from cultureplan.lab.panels.tables import TABLE_STYLE, beside, note
from cultureplan.lab.session import LabSession
from cultureplan.lab.standards_view import (
    CellDetails,
    Checked,
    VerdictMatrix,
    check,
    count_cells,
    details_of,
    first_level,
    levels_of,
    matrix_columns,
    matrix_rows,
    number_words,
    shown_requirements,
    themes_of,
)
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.plotting.style import GRID, MUTED
from cultureplan.plotting.wording import count_words
from cultureplan.standards.catalogue import Standard, load_standard, standard_names
from cultureplan.standards.compliance import VERDICTS
from cultureplan.standards.registers import Registers
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import word
from cultureplan.world.world import World

_ASSESSED, _ALL = "assessed", "all"
_WIDE = widgets.Layout(width="auto")


class MatrixPart(Part):
    """The standard, the filters, the button, the matrix and what stands behind a cell."""

    def __init__(
        self, session: LabSession, policy: Standard, *, registers: Registers | None, height_px: int
    ) -> None:
        super().__init__(session)
        self.registers = registers
        self.policy = policy
        names = list(dict.fromkeys([*standard_names(), policy.id]))
        world = session.state.ground.world
        self.captions = {name: widgets.HTML() for name in ("policy", "level", "theme", "verdict")}
        full = widgets.Layout(width="auto")
        self.standard = self.on_value(
            widgets.Dropdown(options=names, value=policy.id, layout=full), self._select
        )
        self.level = self.on_value(
            widgets.Dropdown(options=levels_of(world) or ("",), value=first_level(world), layout=full),
            lambda _: self.draw(),
        )
        self.theme = self.on_value(widgets.Dropdown(options=[("", "")], layout=full), lambda _: self.draw())
        self.verdict = self.on_value(
            widgets.Dropdown(options=[("", _ASSESSED)], layout=full), lambda _: self.draw()
        )
        self.button = self.on_click(widgets.Button(layout=full, button_style="primary"), self.check)
        self.line = widgets.HTML(layout=_WIDE)
        self.counts = widgets.HTML(layout=_WIDE)
        self.matrix = MatrixWidget(height=height_px)
        self.details = widgets.HTML(layout=_WIDE)
        self.matrix.observe(lambda _: self._show_details(), names=["selected", "pointed"])
        pairs = {
            "policy": self.standard,
            "level": self.level,
            "theme": self.theme,
            "verdict": self.verdict,
        }
        fields = [
            widgets.VBox([self.captions[name], field], layout=widgets.Layout(flex="1 1 150px", min_width="0"))
            for name, field in pairs.items()
        ]
        press = widgets.VBox(
            [self.line, self.button],
            layout=widgets.Layout(flex="1 1 150px", min_width="0", justify_content="flex-end"),
        )
        self.box = widgets.Box(
            [*fields, press], layout=widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="4px 14px")
        )
        self.checked: Checked = check(session.state, policy, registers)
        self.refresh()
        self.draw()

    def check(self) -> None:
        """Check what holds now."""
        session = self.session
        try:
            self.checked = check(session.state, self.policy, self.registers)
        except CulturePlanError as error:
            session.say(error.render(session.lang))
            return
        self.refresh()
        self.draw()

    def refresh(self) -> None:
        """Show whether the matrix is of what holds now; another language draws it anew."""
        lang = self.session.lang
        stale = self.checked.is_stale(self.session.state)
        self.button.disabled = not stale
        self.button.description = text(f"lab_panels.button_check{'_again' if stale else ''}", lang)
        line = escape(text(f"lab_panels.is_{'stale' if stale else 'fresh'}", lang))
        weight = "600" if stale else "400"
        self.line.value = f'<div role="status" style="line-height:1.3;font-weight:{weight}">{line}</div>'
        if self._is_new_lang(lang):
            self._word(lang)
            self.draw()

    def draw(self) -> None:
        """Draw the matrix of the last check."""
        checked, lang = self.checked, self.session.lang
        matrix = checked.matrix(self.level.value)
        theme, wanted = self.theme.value or "", self.verdict.value or _ALL
        if wanted == _ASSESSED:
            kept = {
                name for v in ("MET", "NOT_MET") for name in shown_requirements(checked, matrix, verdict=v)
            }
            shown = tuple(n for n in shown_requirements(checked, matrix, theme=theme) if n in kept)
        else:
            verdict = "" if wanted == _ALL else wanted
            shown = shown_requirements(checked, matrix, theme=theme, verdict=verdict)
        with self.matrix.hold_sync():
            self.matrix.columns = matrix_columns(checked, matrix, lang)
            self.matrix.rows = matrix_rows(checked, matrix, shown, lang)
            self.matrix.labels = _labels(lang)
            self.matrix.pointed = ""
            self.matrix.tick += 1
        counts = count_cells(matrix, shown_requirements(checked, matrix, theme=theme))
        self._choose_worst(matrix, shown)
        self.counts.value = _counts_html(counts, len(shown), len(matrix.requirements), lang)
        self._show_details()

    def _choose_worst(self, matrix: VerdictMatrix, shown: tuple[str, ...]) -> None:
        """Choose the first cell that is not met, or else the first, where the chosen one is not shown."""
        chosen, _, place = self.matrix.selected.partition("|")
        if chosen in shown and place in matrix.places:
            return
        cells = [(name, place) for name in shown for place in matrix.places if (name, place) in matrix.rows]
        failed = [cell for cell in cells if matrix.verdicts[cell] == "NOT_MET"]
        self.matrix.selected = "|".join(next(iter([*failed, *cells]), ()))

    def _is_new_lang(self, lang: Lang) -> bool:
        return self.matrix.labels.get("lang") != _labels(lang)["lang"]

    def _word(self, lang: Lang) -> None:
        with self.quiet():
            for name in ("level", "theme", "verdict"):
                self.captions[name].value = escape(text(f"lab_panels.{name}_caption", lang))
            self.captions["policy"].value = escape(text("lab_panels.policy_standard", lang))
            levels = levels_of(self.session.state.ground.world)
            known = [(word("place_level", level, lang), level) for level in levels]
            _set(self.level, known or [(text("lab_panels.whole_area", lang), "")])
            types = [(policy_word("type", name, lang), name) for name in themes_of(self.policy)]
            _set(self.theme, [(text("lab_panels.all_themes", lang), ""), *types])
            verdicts = [
                (text("lab_panels.show_verdict", lang, verdict=text(f"compliance.{v.lower()}", lang)), v)
                for v in VERDICTS
            ]
            own = [(text(f"lab_panels.show_{name}", lang), name) for name in (_ASSESSED, _ALL)]
            _set(self.verdict, [*own, *verdicts])
            self.standard.tooltip = self.policy.title(lang)

    def _select(self, name: str) -> None:
        self.policy = self.policy if name == self.policy.id else load_standard(name)
        with self.quiet():
            self.theme.value = ""
        self._word(self.session.lang)
        self.matrix.selected = ""
        self.check()

    def _show_details(self) -> None:
        lang = self.session.lang
        cell = self.matrix.pointed or self.matrix.selected
        requirement, _, place = cell.partition("|")
        if requirement not in self.checked.standard.ids:
            self.details.value = note(text("lab_panels.choose_cell", lang))
            return
        matrix = self.checked.matrix(self.level.value)
        details = details_of(self.checked, matrix, requirement, place, lang)
        self.details.value = _details_html(details, lang, height_px=self.matrix.height + 26)


class StandardsPanel:
    """A matrix of verdicts beside what stands behind them, with the map to change the plan on.

    Parameters
    ----------
    world : World or LabSession
        What to check; a session is shared with other panels.
    policy : str or Standard
        Policy standard to begin with.
    standard : str or CircleStandard
        Circle standard of the map; that of the session where one is given.
    registers : Registers, optional
        Staff, meetings, funds ... that many clauses ask about.
    lang : {"en", "zh"}
        Language to begin with.
    height_px : int
        Height of the matrix and of the map.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab import StandardsPanel
    >>> panel = StandardsPanel(cp.load_world("sanheyuan"), "ordos-2014")
    >>> panel.session.do(lambda state: state.close(state.open_ids[-1]))
    True
    >>> panel.matrix.checked.is_stale(panel.state)
    True
    """

    def __init__(
        self,
        world: World | LabSession,
        policy: str | Standard = "ordos-2014",
        standard: str | CircleStandard = "ordos-2014",
        *,
        registers: Registers | None = None,
        lang: Lang = "en",
        height_px: int = 440,
    ) -> None:
        self.session = LabSession.over(world, standard, lang=lang)
        chosen = policy if isinstance(policy, Standard) else load_standard(policy)
        self.bar = ActionBar(self.session)
        self.matrix = MatrixPart(self.session, chosen, registers=registers, height_px=height_px)
        self.map = CityMap(self.session, height_px=height_px)
        self.map.set_layer("candidates", False)
        table = beside((self.matrix.matrix, 3, 520), (self.matrix.details, 2, 320))
        table.layout.margin = "0 0 14px"
        self.box = widgets.VBox(
            [self.bar.box, self.matrix.box, self.matrix.counts, table, self.map.widget], layout=_WIDE
        )

    @property
    def state(self) -> LabState:
        """What holds now."""
        return self.session.state

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)


def _labels(lang: Lang) -> dict[str, str]:
    return {
        "matrix": text("lab_panels.matrix_label", lang),
        "clause": text("lab_panels.clause_heading", lang),
        "met": text("compliance.met", lang),
        "failed": text("compliance.not_met", lang),
        "open": text("compliance.not_assessable", lang),
        "none": text("lab_panels.no_finding", lang),
        "lang": "zh-CN" if lang == "zh" else "en",
    }


def _counts_html(counts: dict[str, int], n: int, m: int, lang: Lang) -> str:
    parts = [
        f"<b>{count_words(number)}</b> {escape(text(f'compliance.{verdict.lower()}', lang))}"
        for verdict, number in counts.items()
    ]
    line = escape(text("lab_panels.n_requirements", lang, n=n, m=m))
    return f'<div style="line-height:1.4">{line} {" · ".join(parts)}</div>'


_STYLE = f"""<style>
.cp-clause {{ line-height: 1.45; overflow: auto; }}
.cp-clause blockquote {{ margin: 6px 0; padding: 2px 12px; border-left: 4px solid {GRID}; }}
.cp-clause dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; margin: 8px 0; }}
.cp-clause dt {{ float: none; width: auto; color: {MUTED}; font-weight: 400; }}
.cp-clause dd {{ display: block; width: auto; margin: 0; min-width: 0; overflow-wrap: anywhere; }}
.cp-clause small {{ display: block; color: {MUTED}; font-size: 12px; }}
</style>"""


def _details_html(details: CellDetails, lang: Lang, *, height_px: int) -> str:
    clause, one, other = details.requirement, *(("zh", "en") if lang == "zh" else ("en", "zh"))
    verdict = text(f"compliance.{details.verdict.lower()}", lang) if details.verdict else ""
    texts = {"en": clause.clause_en, "zh": clause.clause_zh}
    tags = {"en": "en", "zh": "zh-CN"}
    facts = [
        ("limit", details.limit),
        ("status", policy_word("status", clause.status, lang)),
        ("lead", details.lead),
        ("supporting", details.supporting),
        ("reason", details.reason),
        ("source", details.source),
        ("note", clause.note(lang)),
    ]
    titles = {"source": f' title="{escape(clause.source, quote=True)}"'}
    rows = "".join(
        f"<dt>{escape(text(f'lab_panels.detail_{name}', lang))}</dt>"
        f"<dd{titles.get(name, '')}>{escape(words)}</dd>"
        for name, words in facts
        if words
    )
    quotes = "".join(
        f'<blockquote lang="{tags[key]}">{escape(texts[key])}</blockquote>'
        for key in (one, other)
        if texts[key]
    )
    shown = f": {escape(verdict)}" if verdict else ""
    head = f"<b>{escape(clause.id)} · {escape(details.place)}</b>{shown}"
    body = f"{head}{quotes}<dl>{rows}</dl>{_findings_html(details, lang)}"
    return f'{_STYLE}<div class="cp-clause" role="status" style="max-height:{height_px}px">{body}</div>'


def _findings_html(details: CellDetails, lang: Lang) -> str:
    """Return what was measured as a table; what is missing or in breach stands below its row."""
    if details.n_findings == 0:
        return note(text("lab_panels.no_finding", lang))
    heads = "".join(
        f'<th scope="col">{escape(text(f"lab_panels.detail_{name}", lang))}</th>'
        for name in ("subject", "value", "threshold", "verdict")
    )
    rows = []
    for row in details.findings.to_dict("records"):
        about = text("fault.comma", lang).join(
            str(row[name]) for name in ("subject", "about", "period") if row[name] and row[name] == row[name]
        )
        value, limit, unit = number_words(row["value"]), number_words(row["threshold"]), str(row["unit"])
        more = "".join(
            f"<small>{escape(text(f'lab_panels.detail_{name}', lang, what=row[name]))}</small>"
            for name in ("missing", "listed")
            if row[name]
        )
        cells = (f"{value} {unit}" if value else "", f"{limit} {unit}" if limit else "", str(row["verdict"]))
        figures = "".join(f"<td>{escape(cell.strip())}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{escape(about)}{more}</th>{figures}</tr>')
    more_rows = details.n_findings - len(rows)
    rest = note(text("lab_panels.more_findings", lang, n=count_words(more_rows))) if more_rows > 0 else ""
    return f'{TABLE_STYLE}<table class="cp-table"><tr>{heads}</tr>{"".join(rows)}</table>{rest}'


def _set(widget: Any, options: list[tuple[str, str]]) -> None:
    """Give a list other words and keep what was chosen, where it is still there."""
    chosen = widget.value
    if widget.options != tuple(options):
        widget.options = options
    known = [value for _, value in options]
    widget.value = chosen if chosen in known else known[0]
