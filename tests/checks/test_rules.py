"""Every rule's own examples, the matching itself, and the refusal of bad rules files."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.checks.rules_engine import (
    RULES_DIR,
    RuleSet,
    cliche_phrases,
    compile_rules,
    example_failures,
    load_rules,
    rule_findings,
)
from rag_speech.checks.rules_model import OWN, Rule, read_rules, refuse_wild_regex
from rag_speech.errors import ConfigError
from rag_speech.types import Severity

DAY = date(2026, 11, 20)
RULES = load_rules()
GOOD = """
[[rule]]
id = "unit-shizhengting"
code = "B-ORG"
severity = "P2"
pattern = "市政厅"
replacement = "市政府"
message = "本单位统一称“{fix}”，不称“{hit}”"
source = "临江县委办公室用语规范"
fires = ["请到市政厅开会。"]
quiet = ["请到市政府开会。"]
"""


def _rows(**changes: object) -> RuleSet:
    base = {
        "id": "t",
        "code": "L-TYPO",
        "severity": "P2",
        "message": "测试用的规则",
        "source": "测试",
        "pattern": ["甲乙"],
        "fires": ["甲乙"],
        "quiet": ["丙丁"],
    }
    return compile_rules([Rule.model_validate({**base, **changes})])


def _found(text: str, rules: RuleSet, **options: object) -> list[str]:
    return [f.fragment for f in rule_findings(text, **{"as_of": DAY, "rules": rules, **options})]  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_examples_of_every_row(rule: Rule) -> None:
    assert example_failures(rule, RULES) == []


def test_there_are_300_rows_with_sources() -> None:
    assert len(RULES) >= 300
    assert all(r.severity >= Severity.P2 for r in RULES.rules if r.source == OWN)


def test_every_file_is_read_and_ids_are_unique() -> None:
    rows = [r.id for p in RULES_DIR.glob("*.toml") if p.name != "cliches.toml" for r in read_rules(p)[0]]
    assert len(rows) == len(set(rows)) == len(RULES)


def test_spans_point_at_the_fragment_and_fixes_are_mechanical() -> None:
    text = "截止目前，我们再接再励。\n要深入群众。"
    found = rule_findings(text, as_of=DAY)
    assert [(f.fragment, f.fix) for f in found] == [("截止", "截至"), ("再接再励", "再接再厉")]
    assert all(f.span is not None and f.span.of(text) == f.fragment for f in found)
    assert all(f.message and f.source and f.rule for f in found)


def test_a_longer_hit_hides_a_shorter_one_unless_that_is_graver() -> None:
    def row(id_: str, word: str, severity: str) -> Rule:
        return Rule.model_validate(
            {"id": id_, "code": "L-TYPO", "severity": severity, "message": "测试用的规则", "source": "测试"}
            | {"pattern": [word], "fires": [word], "quiet": ["丙丁"]}
        )

    same = compile_rules([row("long", "甲乙丙", "P2"), row("short", "乙丙", "P2")])
    graver = compile_rules([row("long", "甲乙丙", "P2"), row("short", "乙丙", "P0")])
    assert _found("甲乙丙", same) == ["甲乙丙"]
    assert _found("甲乙丙", graver) == ["甲乙丙", "乙丙"]


def test_validity_dates_are_inclusive() -> None:
    rules = _rows(valid_from=date(2026, 1, 1), valid_to=date(2026, 6, 30))
    assert _found("甲乙", rules, as_of=date(2026, 1, 1)) == ["甲乙"]
    assert _found("甲乙", rules, as_of=date(2026, 6, 30)) == ["甲乙"]
    assert _found("甲乙", rules, as_of=date(2025, 12, 31)) == []
    assert _found("甲乙", rules, as_of=date(2026, 7, 1)) == []


def test_allow_must_touch_the_hit_and_allow_near_its_sentence() -> None:
    touching, near = _rows(allow=["甲乙镇"]), _rows(allow_near=["案件"])
    assert _found("甲乙镇，甲乙", touching) == ["甲乙"]
    assert _found("甲乙案件。甲乙。", near) == ["甲乙"]


def test_occasions_and_brief() -> None:
    assert _found("甲乙", _rows(not_occasions=["flood_control"]), occasion="flood_control") == []
    assert _found("甲乙", _rows(occasions=["flood_control"]), occasion="party_lecture") == []
    assert _found("甲乙", _rows(occasions=["flood_control"]), occasion="flood_control") == ["甲乙"]
    assert _found("甲乙", _rows(brief_allows=True), brief_text="关于甲乙的事") == []


def test_latin_words_need_boundaries() -> None:
    rules = _rows(pattern=["AB"], word=True, fires=["写AB吧"], quiet=["写ABC吧"])
    assert _found("写AB吧，ABC，xAB", rules) == ["AB"]


def test_past_year_excuses_a_past_sensitive_row() -> None:
    rules = _rows(tense="not_past")
    assert _found("2019年推行甲乙。", rules) == []
    assert _found("2026年推行甲乙。今后推行甲乙。", rules) == ["甲乙", "甲乙"]


def test_a_weak_past_marker_counts_in_its_clause_only() -> None:
    rules = _rows(tense="not_past")
    assert _found("回顾五年，我们抓住机遇，甲乙。", rules) == []
    assert _found("甲乙圆满收官。", rules) == []
    assert _found("年初以来收到三条，还剩一条，甲乙。", rules) == ["甲乙"]


def test_last_year_excuses_only_what_still_held_then() -> None:
    assert _found("去年推行甲乙。", _rows(tense="not_past", valid_from=date(2026, 1, 1))) == []
    assert _found("去年推行甲乙。", _rows(tense="not_past", valid_from=date(2013, 1, 1))) == ["甲乙"]


def test_replacement_may_use_groups() -> None:
    rules = _rows(pattern=[], regex="([甲乙])\\1", anchors=["甲甲"], replacement=["\\1"], fires=["甲甲"])
    assert [f.fix for f in rule_findings("甲甲", as_of=DAY, rules=rules)] == ["甲"]


@pytest.mark.parametrize("wild", ["a*", "甲+乙", "(?:甲{0,3}乙){0,5}", "甲{0,99}", "甲{2,}", "(甲"])
def test_wild_regexes_are_refused(wild: str) -> None:
    with pytest.raises(ValueError, match="regex"):
        refuse_wild_regex(wild)


def test_tame_regexes_are_accepted() -> None:
    for tame in ("甲{0,12}乙", "(?:(?!甲)[^。]){0,8}", "[*+]{1,3}", r"\*甲?", "甲{3}"):
        refuse_wild_regex(tame)


def test_user_file_adds_and_disables(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('disable = ["xh-xiazi"]\n' + GOOD, "utf-8")
    rules = load_rules([path])
    assert _found("请到市政厅看望瞎子。", rules) == ["市政厅"]
    assert len(rules) == len(RULES)
    assert load_rules([path]) is rules


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD.replace("pattern =", "patern ="), r"line 2, row 'unit-shizhengting': .*unknown key 'patern'"),
        (GOOD.replace('"P2"', '"P7"'), "severity"),
        (GOOD.replace('quiet = ["请到市政府开会。"]', ""), "quiet"),
        (GOOD.replace('fires = ["请到市政厅开会。"]', 'fires = ["请到会场开会。"]'), "must fire"),
        (GOOD.replace('quiet = ["请到市政府开会。"]', 'quiet = ["请到市政厅。"]'), "must not fire"),
        (GOOD.replace("临江县委办公室用语规范", OWN).replace('"P2"', '"P1"'), "may be P2 or P3 only"),
        (GOOD + GOOD, "exists already"),
        ("[[rule]]\nid = ", "not valid TOML"),
        ("rules = 3", "unknown key 'rules'"),
        ('disable = ["no-such"]', "unknown row 'no-such'"),
        (GOOD.replace('pattern = "市政厅"', 'regex = "市.*厅"\nanchors = "厅"'), "without a limit"),
        (GOOD.replace('pattern = "市政厅"', 'regex = "市政厅"'), "anchors"),
    ],
)
def test_bad_files_are_refused_with_place_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=reason) as caught:
        load_rules([path])
    assert str(path) in str(caught.value)


def test_missing_and_undecodable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_rules([tmp_path / "none.toml"])
    path = tmp_path / "gbk.toml"
    path.write_bytes("规则".encode("gbk"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_rules([path])


def test_cliches_are_lists_without_repeats() -> None:
    lists = cliche_phrases()
    assert set(lists) == {"set", "machine"}
    for phrases in lists.values():
        assert len(phrases) == len(set(phrases)) > 50


@given(st.text(alphabet="截止目前再接励十四五规划甲。，\n妈的天王", max_size=80))
def test_findings_lie_in_the_text_in_order(text: str) -> None:
    found = rule_findings(text, as_of=DAY)
    starts = [f.span.start for f in found if f.span]
    assert starts == sorted(starts)
    assert all(f.span is not None and 0 <= f.span.start < f.span.end <= len(text) for f in found)
    assert all(f.span is not None and f.span.of(text) == f.fragment for f in found)


def test_speed_is_linear_on_hostile_repeats() -> None:
    seconds = []
    for count in (2_000, 20_000):
        text = "确保十四五过渡期两岸台湾国家" * count
        begin = time.perf_counter()
        rule_findings(text, as_of=DAY)
        seconds.append(time.perf_counter() - begin)
    assert seconds[1] < max(0.5, 40 * seconds[0])
    assert seconds[1] < 10


@pytest.mark.parametrize(
    "text",
    [
        "入春以来，各地要深入开展“两学一做”学习教育。",
        "入汛以来各地深入开展“两学一做”学习教育。",
        "要深入开展“三严三实”专题教育，入春以来各地都动起来了。",
    ],
)
def test_a_season_does_not_make_a_campaign_past(text: str) -> None:
    assert [f.code for f in rule_findings(text, as_of=DAY)] == ["B-EXPIRED"]


@pytest.mark.parametrize(
    "text",
    [
        "4月开展党纪学习教育以后，干部的规矩意识强了。",
        "党纪学习教育开展以来，我县查摆问题32个。",
        "党的十八大以来，我们开展了群众路线教育实践活动、“三严三实”专题教育。",
    ],
)
def test_what_is_told_as_past_is_past(text: str) -> None:
    assert [f.fragment for f in rule_findings(text, as_of=DAY) if f.code == "B-EXPIRED"] == []
