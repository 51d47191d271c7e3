"""The bundled speeches keep the rules of the library: complete, valid, original, clean, and long enough."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from rag_speech.brief.occasions import Occasion, get_occasion, occasions
from rag_speech.checks import check
from rag_speech.checks.cliche import DENSE, worn_phrases
from rag_speech.checks.originality import WARN_RUN
from rag_speech.checks.run import CheckReport
from rag_speech.ingest.prepare import LEVELS
from rag_speech.ingest.readers import Document, read_document
from rag_speech.resources import data_dir
from rag_speech.speech.outline import promises
from rag_speech.speech.parse import parse
from rag_speech.types import Severity
from rag_speech.zh.text import SPEAKING_RATE

FRONT_MATTER = {"title", "occasion", "level", "place", "speaker", "audience", "event", "date", "minutes"}
FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2026, 10, 31)
LONG_TYPES_MAY_STOP_AT = 6500
LEAST_SCORE = 90
_FILES = sorted((data_dir("corpus") / "speeches").iterdir())
_SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
_KEPT = re.compile(r"[\u4e00-\u9fff0-9]")
_WORK_TITLE = re.compile("《[^《》\n]{4,60}》")
_ANY_PLACE = re.compile(r"[\u4e00-\u9fff]{2,7}?(?:自治县|自治州|县|市|区)")


@pytest.fixture(scope="module")
def speeches() -> dict[str, Document]:
    """Every bundled speech by the name of its file."""
    return {path.stem: read_document(path) for path in _FILES}


@pytest.fixture(scope="module")
def reports(speeches: dict[str, Document]) -> dict[str, CheckReport]:
    """What the checks say of every speech in the wording of its day."""
    return {
        name: check(speech.text, occasion=_occasion(speech).id, as_of=_day(speech))
        for name, speech in speeches.items()
    }


def _occasion(speech: Document) -> Occasion:
    return get_occasion(str(speech.meta["occasion"]))


def _day(speech: Document) -> date:
    return date.fromisoformat(str(speech.meta["date"]))


def test_every_occasion_is_shown_twice_and_training_five_times(speeches: dict[str, Document]) -> None:
    shown = Counter(_occasion(s).id for s in speeches.values())
    assert set(shown) == {o.id for o in occasions().values() if not o.stands_in}
    assert len(shown) == 30
    assert min(shown.values()) >= 2
    assert shown["training_opening"] >= 5
    assert shown["training_closing"] >= 5
    assert sum(shown.values()) >= 60


def test_county_and_city_party_and_government_every_year(speeches: dict[str, Document]) -> None:
    levels = Counter(str(s.meta["level"]) for s in speeches.values())
    assert min(levels["县"], levels["市"]) >= 20
    speakers = [str(s.meta["speaker"]) for s in speeches.values()]
    assert sum("委书记" in s for s in speakers) >= 15
    assert sum(s.endswith("长") and "部长" not in s for s in speakers) >= 15
    years = Counter(_day(s).year for s in speeches.values())
    assert min(years[2024], years[2025], years[2026]) >= 10


@pytest.mark.parametrize("path", _FILES, ids=lambda p: p.stem)
def test_front_matter_is_complete_and_valid(path: Path) -> None:
    speech = read_document(path)
    meta = speech.meta
    assert path.suffix == ".md"
    assert set(meta) == FRONT_MATTER
    assert all(str(value).strip() for value in meta.values())
    assert path.stem.rsplit("-", 1)[0] == _occasion(speech).id == meta["occasion"]
    assert meta["level"] in LEVELS
    assert FIRST_DAY <= _day(speech) <= LAST_DAY
    day = _day(speech)
    tree = parse(speech.text)
    assert meta["title"] == tree.title + ("——" + tree.subtitle.lstrip("—") if tree.subtitle else "")
    assert f"（{day.year}年{day.month}月{day.day}日）" in tree.caption


def test_each_is_as_long_as_its_occasion_asks_and_as_its_minutes_say(
    speeches: dict[str, Document], reports: dict[str, CheckReport]
) -> None:
    wrong = []
    for name, speech in speeches.items():
        least, most = _occasion(speech).length
        chars = reports[name].chars
        if not min(least, LONG_TYPES_MAY_STOP_AT) <= chars <= most:
            wrong.append(f"{name}: {chars} 字, asked for {least}-{most}")
        if abs(round(chars / SPEAKING_RATE) - int(str(speech.meta["minutes"]))) > 1:
            wrong.append(f"{name}: {chars} 字 are not {speech.meta['minutes']} minutes")
    assert wrong == []


def test_no_serious_finding_and_few_lesser_ones(
    speeches: dict[str, Document], reports: dict[str, CheckReport]
) -> None:
    found = {
        name: [(f.code, f.fragment, f.message) for f in report.at_least(Severity.P1)]
        for name, report in reports.items()
    }
    assert {name: rows for name, rows in found.items() if rows} == {}
    lesser = sum(len(r.at_least(Severity.P2)) for r in reports.values())
    assert lesser < sum(r.chars for r in reports.values()) / 1000
    crashed = [(n, r.name) for n, report in reports.items() for r in report.results if r.outcome == "crashed"]
    assert crashed == []


def test_the_mean_score_is_high(reports: dict[str, CheckReport]) -> None:
    scores = {name: report.score.total for name, report in reports.items()}
    assert sum(scores.values()) / len(scores) >= LEAST_SCORE
    assert {name: points for name, points in scores.items() if points < LEAST_SCORE} == {}


def test_promises_are_kept(speeches: dict[str, Document]) -> None:
    broken = [
        (name, p.span.of(speech.text), len(p.parts))
        for name, speech in speeches.items()
        for p in promises(parse(speech.text))
        if p.parts and not p.kept
    ]
    assert broken == []


def test_worn_phrases_stay_under_the_limit(
    speeches: dict[str, Document], reports: dict[str, CheckReport]
) -> None:
    dense = {
        name: round(1000 * len(worn_phrases(speech.text)) / reports[name].chars, 1)
        for name, speech in speeches.items()
    }
    assert {name: n for name, n in dense.items() if n > DENSE} == {}


def test_no_two_speeches_share_a_run_of_sixteen(speeches: dict[str, Document]) -> None:
    assert _shared({name: speech.text for name, speech in speeches.items()}) == {}


def test_no_speech_shares_a_run_of_sixteen_with_the_real_ones(speeches: dict[str, Document]) -> None:
    seeds = {path.stem: path.read_text("utf-8") for path in sorted(_SEEDS.glob("*.txt"))}
    if not seeds:
        pytest.skip("the real speeches (../shared/seeds) are not beside the project")
    own = {name: speech.text for name, speech in speeches.items()}
    found = _shared({**own, **seeds})
    assert {run: names for run, names in found.items() if names & set(own) and names & set(seeds)} == {}


def test_the_comparison_finds_a_shared_run() -> None:
    run = "各乡镇要在本周之内把险工险段走一遍"
    text = f"今年雨多，{run}。"
    assert set().union(*_shared({"a": text, "b": f"他说：{run}！", "c": "别的话。"}).values()) == {"a", "b"}
    assert _shared({"a": "高举以习近平同志为核心的党中央的旗帜", "b": "以习近平同志为核心的党中央"}) == {}


def _shared(texts: dict[str, str]) -> dict[str, set[str]]:
    """Runs of 16 Han characters and digits that stand in more than one text, with the names of those texts."""
    owners: dict[str, set[str]] = {}
    for name, text in texts.items():
        for piece in _own_wording(text):
            for at in range(len(piece) - WARN_RUN + 1):
                owners.setdefault(piece[at : at + WARN_RUN], set()).add(name)
    return {run: names for run, names in owners.items() if len(names) > 1}


def _own_wording(text: str) -> Iterable[str]:
    """The stretches of ``text`` between set phrases and titles of works, as Han characters and digits."""
    raw = resources.files("rag_speech.checks").joinpath("data", "set_phrases.txt").read_text("utf-8")
    lines = [line for line in raw.splitlines() if line and not line.startswith("#")]
    phrases = sorted(("".join(_KEPT.findall(line)) for line in lines), key=len, reverse=True)
    pieces = ["".join(_KEPT.findall(piece)) for piece in _WORK_TITLE.split(text)]
    for phrase in phrases:
        pieces = [part for piece in pieces for part in piece.split(phrase)]
    return pieces


def test_places_are_invented(speeches: dict[str, Document]) -> None:
    raw = resources.files("rag_speech.zh").joinpath("data", "places.txt").read_text("utf-8")
    real = {line for line in raw.splitlines() if line and line[0] not in "#["}
    assert len(real) > 2000
    places = {name: str(speech.meta["place"]) for name, speech in speeches.items()}
    assert {name: place for name, place in places.items() if place in real} == {}
    assert len(set(places.values())) == len(places)
    named = {
        (name, match[0][at:])
        for name, speech in speeches.items()
        for match in _ANY_PLACE.finditer(speech.text)
        for at in range(len(match[0]) - 2)
        if match[0][at:] in real
    }
    assert named == set()
