"""Encodings are found out by reading: what is right is read, what is doubtful is refused with a reason."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cultureplan.base.checks import FaultList, Origin
from cultureplan.io.encodings import decode_text

ORIGIN = Origin(table="demand", file="demand.csv")
SIMPLIFIED = "编号,名称,经度,纬度\n1,大武口区图书馆,106.38,39.01\n2,惠农区图书馆,106.77,39.23\n"
TRADITIONAL = "編號,名稱,經度,緯度\n1,臺北市立圖書館,121.5,25.0\n2,高雄市立圖書館總館,120.3,22.6\n"
# what people write in mainland China; each character is in GB2312
common_hanzi = st.text(
    st.sampled_from(
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过"
    ),
    min_size=1,
)


def read(data: bytes) -> tuple[str | None, list[str]]:
    """Return the text and the codes of the faults."""
    faults = FaultList()
    return decode_text(data, origin=ORIGIN, faults=faults), [fault.code for fault in faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "utf-16", "utf-32"])
def test_the_encodings_of_office_programs_are_read(encoding: str):
    """The same text comes back, without its mark."""
    assert read(SIMPLIFIED.encode(encoding)) == (SIMPLIFIED, [])


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text))
def test_utf8_is_never_taken_for_anything_else(text: str):
    """Any text at all, the mark that some programs write apart."""
    assert read(text.encode()) == (text.removeprefix("\ufeff"), [])


@given(common_hanzi)
def test_gb18030_is_read_where_utf8_fails(text: str):
    """Chinese in GB18030 is hardly ever valid UTF-8; where it is not, it is read as what it is."""
    data = f"名称\n{text}\n石嘴山市大武口区\n".encode("gb18030")
    assert read(data) == (f"名称\n{text}\n石嘴山市大武口区\n", [])


@pytest.mark.parametrize("name", ["ᠮᠣᠩᠭᠣᠯ 呼和浩特", "བོད 拉萨", "ئۇيغۇر 乌鲁木齐", "㳇水村"])
def test_minority_scripts_and_rare_characters_survive_gb18030(name: str):
    """Four-byte characters are part of the standard."""
    data = f"编号,名称\n1,{name}\n".encode("gb18030")
    assert read(data) == (f"编号,名称\n1,{name}\n", [])


def test_traditional_characters_in_gb18030_are_read():
    """They are in the standard too, and this file is no valid Big5."""
    assert read(TRADITIONAL.encode("gb18030")) == (TRADITIONAL, [])


def test_big5_is_suspected_and_refused():
    """It can be read as GB18030, and would be rubbish."""
    assert TRADITIONAL.encode("big5").decode("gb18030", errors="replace") != TRADITIONAL
    assert read(TRADITIONAL.encode("big5")) == (None, ["io.big5"])


@pytest.mark.parametrize("text", ["id,name\n1,Café\n", "id,name\n1,Müller\n2,Straße\n", "naïve\n"])
def test_latin_1_is_refused(text: str):
    """Its accents would be read as rare hanzi."""
    assert read(text.encode("latin-1")) == (None, ["io.unknown_encoding"])


def test_a_broken_file_says_in_which_line():
    """Half of a character at the end, or a stray byte, is not taken for another encoding."""
    faults = FaultList()
    data = SIMPLIFIED.encode()
    cut = data[: data.index("惠农".encode()) + 2]
    assert decode_text(cut, origin=ORIGIN, faults=faults) is None
    assert [(fault.code, fault.values["line"]) for fault in faults] == [("io.broken_utf8", 3)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbfname\n\xca\xd2", "io.bad_bytes"),
        (b"\xff\xfea\x00b", "io.bad_bytes"),
        ("id,name".encode("utf-16-le"), "io.not_text"),
        (bytes(range(256)), "io.not_text"),
        (b"\xff\xff\xff", "io.unknown_encoding"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, code: str):
    """A mark that lies, zero bytes, and bytes of no encoding."""
    assert read(data) == (None, [code])
