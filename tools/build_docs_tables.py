"""Write the tables of the documentation from the data the library itself reads.

Run ``python tools/build_docs_tables.py`` after changing a schema or a circle standard; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cultureplan import governance
from cultureplan.base.messages import LANGS, Lang
from cultureplan.measures.circles import circle_names, load_circles
from cultureplan.standards.catalogue import load_standard, standard_names, standards_frame
from cultureplan.standards.register_schema import register_names, register_title, registers_schema
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import read_data_table
from cultureplan.world.schema import Column, columns

TABLES = Path(__file__).resolve().parents[1] / "docs" / "tables"
_HEADINGS: dict[str, dict[Lang, tuple[str, ...]]] = {
    "schema": {
        "en": ("column", "needed", "unit or words", "meaning", "also understood"),
        "zh": ("列", "必填", "单位或取值", "含义", "也可写作"),
    },
    "kinds": {
        "en": ("kind", "meaning", "counts by default", "required venue", "free space", "also understood"),
        "zh": ("类型", "含义", "默认计入", "规定场馆", "免费空间", "也可写作"),
    },
    "rules": {
        "en": ("settlement", "limit", "what must be there", "clause", "requirement", "status"),
        "zh": ("聚落类型", "限值", "须有的设施", "条文", "要求编号", "状态"),
    },
    "settings": {
        "en": ("setting", "value", "default", "choices", "meaning", "reference"),
        "zh": ("设置", "取值", "默认", "可选", "含义", "依据"),
    },
    "standards": {
        "en": ("standard", "title", "date", "requirements", "verified", "with a figure"),
        "zh": ("标准", "名称", "日期", "要求数", "已核实", "有指标"),
    },
    "requirements": {
        "en": ("requirement", "clause", "figure", "levels", "status"),
        "zh": ("编号", "条款", "指标", "级别", "状态"),
    },
    "registers": {
        "en": ("column", "kind", "needed", "words", "meaning"),
        "zh": ("列", "类型", "必填", "取值", "含义"),
    },
    "duties": {
        "en": ("duty", "unit", "role", "clause"),
        "zh": ("编号", "单位", "角色", "条款"),
    },
    "anomalies": {"en": ("oddity", "what the paper says"), "zh": ("疑点", "原文情况")},
}
_YES: dict[Lang, tuple[str, str]] = {"en": ("yes", "no"), "zh": ("是", "否")}


def render() -> dict[str, str]:
    """Return every table by file name."""
    pages: dict[str, str] = {}
    for lang in LANGS:
        for table in ("facilities", "demand", "places"):
            rows = [_column_row(column, lang) for column in columns(table).values()]
            pages[f"{table}.{lang}.md"] = _markdown(_HEADINGS["schema"][lang], rows)
        pages[f"kinds.{lang}.md"] = _markdown(_HEADINGS["kinds"][lang], _kind_rows(lang))
        pages[f"circles.{lang}.md"] = _standards(lang)
        pages[f"standards.{lang}.md"] = _policy_standards(lang)
        pages[f"requirements.{lang}.md"] = _requirements(lang)
        pages[f"registers.{lang}.md"] = _registers(lang)
        pages[f"duties.{lang}.md"] = _duties(lang)
    return pages


def main() -> None:
    """Write the tables."""
    TABLES.mkdir(parents=True, exist_ok=True)
    for name, page in render().items():
        (TABLES / name).write_text(page, encoding="utf-8")


def _column_row(column: Column, lang: Lang) -> tuple[str, ...]:
    vocabulary = read_data_table("words.csv")
    words = vocabulary.loc[vocabulary["column_kind"] == column.kind, "value"]
    needed = {"en": ("yes", "no"), "zh": ("是", "否")}[lang][0 if column.required else 1]
    values = column.unit or " / ".join(words)
    return (f"`{column.name}`", needed, values, getattr(column, lang), ", ".join(column.aliases))


def _kind_rows(lang: Lang) -> list[tuple[str, ...]]:
    yes = {"en": {"yes": "yes", "no": ""}, "zh": {"yes": "是", "no": ""}}[lang]
    return [
        (f"`{row['kind']}`", row[lang], yes[row["core"]], yes[row["required_venue"]], yes[row["free_space"]],
         row["aliases"].replace("|", ", "))
        for row in read_data_table("facility_kinds.csv").to_dict("records")
    ]  # fmt: skip


def _standards(lang: Lang) -> str:
    parts = []
    for name in circle_names():
        standard = load_circles(name)
        rules = standard.to_frame(lang).itertuples(index=False, name=None)
        settings = standard.settings_frame(lang).itertuples(index=False, name=None)
        parts += [
            f"### `{name}`\n\n{standard.title(lang)} ({standard.date})\n",
            _markdown(_HEADINGS["rules"][lang], rules),
            _markdown(_HEADINGS["settings"][lang], settings),
            f"{ {'en': 'Source', 'zh': '来源'}[lang] }: {standard.source}\n",
        ]
    return "\n".join(parts)


def _policy_standards(lang: Lang) -> str:
    table = standards_frame(lang)
    shown = ["title", "date", "n_requirements", "n_verified", "n_with_figure"]
    rows = [(f"`{name}`", *row) for name, *row in table[shown].itertuples(name=None)]
    return _markdown(_HEADINGS["standards"][lang], rows)


def _requirements(lang: Lang) -> str:
    """Return the requirements and the readings of every standard, folded up one by one."""
    parts = []
    for name in standard_names():
        standard = load_standard(name)
        table = standard.to_frame(lang)[["clause", "limit", "levels", "status"]]
        rows = [(f"`{i}`", *row) for i, *row in table.itertuples(name=None)]
        inside = _markdown(_HEADINGS["requirements"][lang], rows)
        settings = list(standard.settings_frame(lang).itertuples(index=False, name=None))
        if settings:
            inside += "\n" + _markdown(_HEADINGS["settings"][lang], settings)
        parts.append(_folded(f"{name}: {standard.title(lang)} ({len(rows)})", inside))
    return "\n".join(parts)


def _registers(lang: Lang) -> str:
    schema = registers_schema(lang)
    parts = []
    for name in register_names():
        own = schema[schema["table"] == name]
        rows = [
            (f"`{row.column}`", row.kind, _YES[lang][0 if row.required == "yes" else 1],
             row.choices.replace("|", ", "), row.meaning)
            for row in own.itertuples()
        ]  # fmt: skip
        parts.append(
            _folded(
                f"{name}.csv: {register_title(name, lang)}", _markdown(_HEADINGS["registers"][lang], rows)
            )
        )
    return "\n".join(parts)


def _duties(lang: Lang) -> str:
    """Return the duties of every place, and what is odd about its paper, folded up one by one."""
    parts = []
    for name in governance.names():
        place = governance.load(name)
        rows = [
            (f"`{d.id}`", d.unit, policy_word("role", d.role, lang), d.clause(lang)) for d in place.duties
        ]
        odd = [(f"`{a.id}`", a.detail(lang)) for a in place.anomalies]
        inside = _markdown(_HEADINGS["duties"][lang], rows) if rows else ""
        inside += ("\n" if rows and odd else "") + (
            _markdown(_HEADINGS["anomalies"][lang], odd) if odd else ""
        )
        if inside:
            parts.append(_folded(f"{name}: {place.title(lang)} ({len(rows)})", inside))
    return "\n".join(parts)


def _folded(title: str, inside: str) -> str:
    """Return a part of a page that a reader unfolds."""
    lines = "\n".join(f"    {line}" if line else "" for line in inside.splitlines())
    return f'??? note "{title.replace(chr(34), chr(39))}"\n\n{lines}\n'


def _markdown(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(headings)} |", "|" + "---|" * len(headings)]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
