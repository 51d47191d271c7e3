from __future__ import annotations

import re
import string
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from rag_speech.brief.occasions import occasions
from rag_speech.checks.cliche import worn_phrases
from rag_speech.checks.rules_engine import load_rules, rule_findings
from rag_speech.errors import ConfigError
from rag_speech.prompts import Prompts
from rag_speech.remarks import load_remarks
from rag_speech.themes import Theme, load_themes, themes_of
from rag_speech.types import Severity
from rag_speech.voice import voice_of
from rag_speech.wording import runs
from rag_speech.zh.text import count_zi

PROMPTS = Prompts.bundled()
THEMES = load_themes(PROMPTS)
VOICES = PROMPTS.data("leads")


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.id)
def test_a_theme_is_complete_and_its_rows_are_well_formed(theme: Theme) -> None:
    voice = VOICES[theme.voice or "meeting"]
    assert theme.noun or not any("{core}" in row for rows in theme.leads.values() for row in rows)
    assert set(theme.leads) == set(voice["facets"])
    for rows in theme.leads.values():
        assert len(rows) >= 2 and any("{core}" not in row for row in rows)
        for row in rows:
            assert {name for _, name, _, _ in string.Formatter().parse(row) if name} <= {"core"}
            short = 45 if theme.voice in {"guests", "greeting"} else 60
            assert row.endswith(("。", "！", "？")) and count_zi(row) >= short and len(row) <= 130
            assert not worn_phrases(row)
            assert not (theme.voice and re.search(voice["unfit"], row))


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.id)
def test_no_row_says_what_the_checks_would_reject(theme: Theme) -> None:
    text = "\n".join(row.format(core=theme.name) for rows in theme.leads.values() for row in rows)
    found = rule_findings(
        text, as_of=date(2027, 1, 15), occasion="work_conference", brief_text="", rules=load_rules(())
    )
    assert [f.fragment for f in found if f.severity <= Severity.P2] == []


def test_no_two_rows_share_a_run() -> None:
    banks = [o.leads for o in occasions().values()]
    banks += [t["leads"] for t in PROMPTS.data("leads").values()]
    others = {row for bank in banks for many in bank.values() for row in many}
    written = [*rows_of_themes(), *(row for kind in load_remarks(PROMPTS) for row in kind.rows)]
    seen = Counter(run for row in written for run in _runs(row))
    assert [run for run, n in seen.items() if n > 1] == []
    assert set(seen) & set().union(*map(_runs, others)) == set()


def rows_of_themes() -> list[str]:
    return [row for t in THEMES for rows in t.leads.values() for row in rows]


def _runs(row: str) -> set[str]:
    return set().union(*(runs(part, 9) for part in row.split("{core}")))


@pytest.mark.parametrize(
    ("topic", "theme"),
    [
        ("严守值班纪律", "duty"),
        ("改进会风，严格请假销假", "discipline"),
        ("倒排工期", "progress"),
        ("提高公文质量", "documents"),
        ("防止拖欠农民工资", "petitions"),
        ("水毁工程赶在明年汛前修好", "floodwork"),
        ("预案要改到管用", "emergency"),
        ("管好野外火源", "wildfire"),
        ("压实包保责任", "responsibility"),
        ("优化营商环境", "business"),
        ("培养年轻干部", "people"),
        ("把学到的用到岗位上去", "learning"),
        ("严查非法储存和销售", "enforcement"),
        ("凤凰飞来", None),
    ],
)
def test_a_topic_has_its_theme(topic: str, theme: str | None) -> None:
    found = themes_of(topic, THEMES)
    assert (found[0].id if found else None) == theme


def test_the_work_itself_comes_before_what_any_work_has() -> None:
    assert [t.id for t in themes_of("提高公文质量", THEMES)] == ["documents", "quality"]


def test_a_malformed_theme_is_refused_and_none_are_none(tmp_path: Path) -> None:
    assert load_themes(Prompts(tmp_path)) == ()
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "bad.toml").write_text('id = "bad"\nname = "坏"\nmatch = "("\n[leads]\n', "utf-8")
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        load_themes(Prompts(tmp_path))


def test_a_theme_of_one_voice_is_for_no_other() -> None:
    theme = Theme("t", "政协", re.compile("政协"), {"how": ["怎样建言。"]}, voice="formal")
    assert theme.rows(voice_of("cppcc", PROMPTS), "how", named=True) == ["怎样建言。"]
    assert not theme.rows(voice_of("work_conference", PROMPTS), "how", named=True)


def test_a_topic_without_a_name_is_called_by_the_themes_noun() -> None:
    theme = Theme("t", "环境", re.compile("厕所"), {"how": ["抓{core}，先查源头。"]}, noun="环境整治")
    meeting = voice_of("work_conference", PROMPTS)
    assert theme.rows(meeting, "how", named=False) == ["抓环境整治，先查源头。"]
    assert theme.rows(meeting, "how", named=True) == ["抓{core}，先查源头。"]


def test_a_voice_without_facets_of_themes_takes_none_of_the_meetings() -> None:
    theme = Theme("t", "政协", re.compile("政协"), {"how": ["怎样建言。"]})
    assert theme.rows(voice_of("work_conference", PROMPTS), "how", named=True) == ["怎样建言。"]
    assert not theme.rows(voice_of("cppcc", PROMPTS), "how", named=True)
