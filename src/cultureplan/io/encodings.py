"""Find out how the bytes of a text file are to be read, by reading them.

Nearly any bytes can be read as GB18030, so it is tried last; what then looks like no Chinese that anybody
writes is refused with the likely reason, not let through as rubbish.
"""

from __future__ import annotations

import codecs

from cultureplan.base.checks import FaultList, Origin

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 4_000_000  # enough hanzi to judge by
_COMMON_SHARE = 0.6  # of hanzi that GB2312 has; a real list of names has nearly all, a misread one half
_TRADITIONAL_SHARE = 0.9  # of hanzi that Big5 has, in a list written in traditional Chinese but not in Big5
_ENOUGH_HANZI = 8  # different ones; a few letters with accents misread give fewer
_FEWEST_BIG5 = 4  # hanzi; fewer may be letters with accents just as well
_STRAY_BYTES = 0.1  # of non-ASCII characters; below it, a broken file is still UTF-8


def decode_text(data: bytes, *, origin: Origin, faults: FaultList) -> str | None:
    """Return the text of a file, or note why it cannot be read and return None.

    A byte order mark decides (UTF-8, UTF-16, UTF-32); then strict UTF-8 is tried, then GB18030, which
    includes GBK and GB2312.

    Parameters
    ----------
    data : bytes
        The whole file.
    origin, faults
        Which file it is, and where a fault is noted.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data, encoding, origin=origin, faults=faults)
    if b"\x00" in data:
        faults.add("io.not_text", origin=origin)
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_broken_utf8(data):
            faults.add("io.broken_utf8", origin=origin, line=_line(data, error.start))
            return None
    text = _strict(data, "gb18030", origin=origin, faults=faults, report=False)
    if text is None or not _is_plausible(text[:_SAMPLE_BYTES], could_be_big5=_is_big5(data)):
        code = "io.big5" if _is_big5(data) else "io.unknown_encoding"
        faults.add(code, origin=origin, line=_line(data, next(i for i, b in enumerate(data) if b > 127)))
        return None
    return text


def _strict(
    data: bytes, encoding: str, *, origin: Origin, faults: FaultList, report: bool = True
) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if report:
            faults.add("io.bad_bytes", origin=origin, encoding=encoding, line=_line(data, error.start))
        return None


def _line(data: bytes, position: int) -> int:
    """Return the number of the line that holds a byte, from 1."""
    return data.count(b"\n", 0, position) + 1


def _is_broken_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8 but for a few (a file cut off, or two files glued together)."""
    text = data[:_SAMPLE_BYTES].decode("utf-8", errors="replace")
    foreign = sum(1 for character in text if ord(character) > 127)
    return text.count("\ufffd") <= _STRAY_BYTES * foreign


def _is_plausible(text: str, *, could_be_big5: bool) -> bool:
    """Return whether text read as GB18030 looks like Chinese as it is written, simplified or traditional."""
    hanzi = [character for character in text if "\u4e00" <= character <= "\u9fff"]
    private = any("\ue000" <= character <= "\uf8ff" for character in text)
    if private or not hanzi:
        return not private
    joined = "".join(hanzi)
    if len(joined.encode("gb2312", errors="ignore")) >= 2 * _COMMON_SHARE * len(hanzi):
        return True
    traditional = len(joined.encode("big5", errors="ignore")) >= 2 * _TRADITIONAL_SHARE * len(hanzi)
    return traditional and not could_be_big5 and len(set(hanzi)) >= _ENOUGH_HANZI


def _is_big5(data: bytes) -> bool:
    try:
        text = data.decode("cp950")
    except UnicodeDecodeError:
        return False
    hanzi = sum(1 for character in text[:_SAMPLE_BYTES] if "\u4e00" <= character <= "\u9fff")
    return hanzi >= _FEWEST_BIG5
