"""Write the tables of the documentation from the data the library itself reads.

Run ``python tools/build_docs_tables.py`` after changing a schema or a circle standard; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cultureplan.base.messages import LANGS, Lang
from cultureplan.measures.circles import circle_names, load_circles
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
}


def render() -> dict[str, str]:
    """Return every table by file name."""
    pages: dict[str, str] = {}
    for lang in LANGS:
        for table in ("facilities", "demand", "places"):
            rows = [_column_row(column, lang) for column in columns(table).values()]
            pages[f"{table}.{lang}.md"] = _markdown(_HEADINGS["schema"][lang], rows)
        pages[f"kinds.{lang}.md"] = _markdown(_HEADINGS["kinds"][lang], _kind_rows(lang))
        pages[f"circles.{lang}.md"] = _standards(lang)
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


def _markdown(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(headings)} |", "|" + "---|" * len(headings)]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
