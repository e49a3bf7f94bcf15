"""What is missing for a requirement to be assessed, in words."""

from __future__ import annotations

from cultureplan.base.messages import Lang, text
from cultureplan.standards.register_schema import register_title
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import word


def missing_words(code: str, lang: Lang = "en") -> str:
    """Return what to supply, for a code such as ``register:training``; empty for an empty code.

    Parameters
    ----------
    code : str
        ``kind:what`` as in the findings: ``register``, ``rows``, ``column``, ``table``, ``setting``,
        ``figure``, ``confirmation``, ``periods``, ``facilities``, ``places``, ``persons``, ``circle``,
        ``subjects``, ``value`` or ``judgement``.
    lang : {"en", "zh"}
    """
    if not code:
        return ""
    kind, _, what = code.partition(":")
    if kind in ("register", "rows"):
        table, _, column = what.partition(".")
        what = register_title(table, lang) + (f" ({policy_word('code', column, lang)})" if column else "")
    if kind in ("facilities", "places"):
        vocabularies = ("kind", "level") if kind == "facilities" else ("place_level",)
        what = "|".join(_word(vocabularies, value, lang) for value in what.split("|"))
    return text(f"missing.{kind}", lang, what=what.replace("|", text("fault.comma", lang)))


def _word(vocabularies: tuple[str, ...], value: str, lang: Lang) -> str:
    words = (word(vocabulary, value, lang) for vocabulary in vocabularies)
    return next((found for found in words if found != value), value)
