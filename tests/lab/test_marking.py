"""Answers kept in files, a class's summary, the lessons copied, and an instructor's set."""

from __future__ import annotations

import json
import subprocess

import pandas as pd
import pytest

from cultureplan.base.errors import CulturePlanError, OutputExistsError
from cultureplan.base.messages import LANGS
from cultureplan.cli import main
from cultureplan.lab.exercises import begin_lesson, check, class_summary, lessons, progress, save_answers
from cultureplan.lab.lessons import answers_frame, copy_lessons, export_answers, lesson_files


def hand_in(path, name, *answers):
    """Answer exercises of lesson 2 and save them."""
    begin_lesson(2)
    for exercise_id, answer in answers:
        check(exercise_id, answer)
    return save_answers(path, name=name)


def test_a_class_summary_tells_who_solved_what_and_the_common_mistakes(tmp_path):
    """Two learners make the same slip; one mends it. A file that is none is passed over and named."""
    hand_in(tmp_path / "a.json", "小王", ("2.2", 37), ("2.2", 92_575), ("2.3", 1_000))
    hand_in(tmp_path / "b.json", "", ("2.2", 37), ("2.3", 1_200))
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    (tmp_path / "d.json").write_bytes(b"\xff\xfe[")
    summary = class_summary(tmp_path)
    assert summary.learners["n_solved"].to_dict() == {("小王", "2"): 2, ("b", "2"): 0}
    assert summary.learners.at[("小王", "2"), "points"] == 3
    assert summary.exercises.at["2.2", "solved_share"] == 0.5
    assert summary.mistakes.iloc[0][["exercise", "slip", "n_learners"]].tolist() == [
        "2.2",
        "points_for_people",
        2,
    ]
    assert [fault.partition(":")[0] for fault in summary.faults] == ["c.json", "d.json"]
    assert "小王" in summary._repr_html_()


def test_points_do_not_come_from_the_file(tmp_path):
    """Who writes points into the file gets none; a status that is none makes the file a fault."""
    file = hand_in(tmp_path / "a.json", "x", ("2.2", 37))
    document = json.loads(file.read_text(encoding="utf-8"))
    document["answers"]["2.2"]["points"] = 99
    file.write_text(json.dumps(document), encoding="utf-8")
    assert class_summary(tmp_path).learners["points"].tolist() == [0]
    document["answers"]["2.2"]["status"] = "excellent"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert len(class_summary(tmp_path).faults) == 1


def test_an_empty_folder_is_an_empty_class(tmp_path):
    """No file, no learner, no error; no folder is one."""
    assert class_summary(tmp_path).learners.empty
    with pytest.raises(CulturePlanError, match="no folder"):
        class_summary(tmp_path / "nowhere")


def test_a_file_of_answers_is_not_replaced_unasked(tmp_path):
    """Saving twice asks for another name, or for leave to replace."""
    file = hand_in(tmp_path / "a.json", "x", ("2.2", 37))
    with pytest.raises(OutputExistsError):
        save_answers(file)
    assert save_answers(file, replace=True) == file


def test_progress_lists_the_open_lesson():
    """Every exercise with its status; the best attempt counts."""
    begin_lesson(2, lang="zh")
    check("2.2", 92_575)
    check("2.2", 5)
    frame = progress()
    assert frame.at["2.2", "status"] == "right"
    assert frame.at["2.2", "tries"] == 2
    assert frame.at["2.5", "status"] == "unanswered"


@pytest.mark.parametrize("lang", LANGS)
def test_copied_lessons_are_never_overwritten_where_somebody_worked(tmp_path, lang):
    """A changed lesson stays, and is put aside under --force; an untouched old one is brought up to date."""
    first = copy_lessons(tmp_path, lang=lang)
    assert len(first.written) == len(lesson_files(lang)) == len(list(tmp_path.glob("*.ipynb")))
    mine = tmp_path / first.written[0]
    mine.write_text("mine", encoding="utf-8")
    again = copy_lessons(tmp_path, lang=lang)
    assert (again.kept, len(again.same)) == ((mine.name,), len(first.written) - 1)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert mine.name in again.words(lang)
    forced = copy_lessons(tmp_path, lang=lang, force=True)
    assert (tmp_path / forced.backed_up[0]).read_text(encoding="utf-8") == "mine"
    assert json.loads(mine.read_text(encoding="utf-8"))["cells"]
    other = "zh" if lang == "en" else "en"
    assert len(copy_lessons(tmp_path, lang=other).written) == len(first.written)


def test_a_file_in_the_way_is_an_error(tmp_path):
    """A folder is asked for."""
    (tmp_path / "x").write_text("", encoding="utf-8")
    with pytest.raises(OutputExistsError):
        copy_lessons(tmp_path / "x")


@pytest.mark.parametrize("lang", LANGS)
def test_an_instructors_set_has_every_answer_and_open_solutions(tmp_path, lang):
    """The table names answer and points of each exercise; no solution is folded."""
    files = export_answers(tmp_path / "set", lang=lang)
    table = pd.read_csv(files[0], dtype={"exercise": str}, encoding="utf-8-sig").set_index("exercise")
    wanted = [exercise.id for lesson in lessons().values() for exercise in lesson.exercises]
    assert table.index.tolist() == wanted == answers_frame(lang).index.tolist()
    assert table["answer"].notna().all()
    for file in files[1:]:
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            assert "jupyter" not in cell["metadata"]
    with pytest.raises(OutputExistsError):
        export_answers(tmp_path / "set")


def test_the_command_copies_opens_and_writes_the_set(tmp_path, capsys, monkeypatch):
    """`cultureplan lessons` says what it did; JupyterLab is started unless it is told not to."""
    started = []
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_: started.append(command) or subprocess.CompletedProcess(command, 0),
    )
    folder = str(tmp_path / "here")
    assert main(["lessons", folder, "--no-open", "--language", "zh"]) == 0
    assert not started
    assert main(["lessons", folder, "--language", "zh"]) == 0
    assert started[0][-1] == folder
    assert main(["lessons", str(tmp_path / "set"), "--solutions"]) == 0
    assert (tmp_path / "set" / "answers.csv").is_file()
    assert main(["lessons", folder, "--json"]) == 0
    assert '"same"' in capsys.readouterr().out
