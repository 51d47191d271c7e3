"""The report page: self-contained, safe, drawn in a real browser."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag_speech.checks.registry import CHECKS
from rag_speech.evals.drafts import DraftText, draft_id
from rag_speech.evals.judge import measured
from rag_speech.evals.readings import ReaderKind, Reading, file_drafts, file_readings
from rag_speech.evals.records import Item, Row, Violation, Vote, save_rows
from rag_speech.evals.report import CHECK_NAMES, write_report
from rag_speech.evals.run import run_suite
from rag_speech.evals.suite import cases_of, load_suite
from rag_speech.evals.summary import finish

Make = Callable[..., Path]
REPO = Path(__file__).parents[2]


@pytest.fixture
def page(make_suite: Make, tmp_path: Path) -> Path:
    suite = load_suite(make_suite())
    asyncio.run(run_suite(suite, cases_of(suite), tmp_path / "run"))
    path = tmp_path / "report.html"
    path.write_text(write_report(tmp_path / "run"), "utf-8")
    return path


def test_names_belong_to_checks() -> None:
    assert set(CHECK_NAMES) <= {c.name for c in CHECKS}


def test_the_page_needs_nothing_from_outside(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#|data:,)""", text)
    assert "@import" not in text and "url(" not in text and "fetch(" not in text
    assert len(re.findall('<svg xmlns="http://www.w3.org/2000/svg" class="chart', text)) == 5


def test_a_draft_cannot_break_out_of_the_page(make_suite: Make, tmp_path: Path) -> None:
    suite = load_suite(make_suite(systems=[{"name": "full", "label": "<b>&"}]))
    asyncio.run(run_suite(suite, cases_of(suite), tmp_path / "run"))
    results = tmp_path / "run" / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    rows[0]["text"] = "</script><script>alert(1)</script>\u2028" + rows[0]["text"]
    rows[0]["final"]["findings"] = []
    results.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    text = write_report(tmp_path / "run")
    assert "<script>alert" not in text and "<b>&<" not in text
    data = re.search(r'id="data">(.*?)</script>', text, re.S)
    assert data and json.loads(data[1])["drafts"][0]["final"]["lines"][0][0].startswith(
        "</script><script>alert(1)"
    )


@pytest.fixture
def open_page() -> Iterator[Callable[[Path], Any]]:
    """Open a page in a real browser that keeps a log of what it asks for."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1340,1200"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))

    def get(page: Path) -> Any:
        browser.get(page.as_uri())
        return browser

    try:
        yield get
    finally:
        browser.quit()


def asked_for(browser: Any) -> list[str]:
    """Return what the browser asked for, and check that it had nothing to complain of."""
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"]


def choose(browser: Any, name: str, index: int) -> None:
    browser.execute_script(
        "var s = document.getElementById(arguments[0]); s.selectedIndex = arguments[1]; s.dispatchEvent(new Event('change'));",
        name,
        index,
    )


@pytest.mark.browser
def test_a_browser_draws_the_charts_and_asks_for_nothing(
    page: Path, open_page: Callable[[Path], Any]
) -> None:
    browser = open_page(page)
    charts = browser.find_elements("css selector", "svg.chart")
    assert len(charts) == 5
    for chart in charts:
        assert chart.size["width"] > 200 and chart.size["height"] > 40
        assert chart.find_elements("css selector", "circle, rect"), "an empty chart"
    assert browser.find_element("css selector", "#left-side article p").text
    left, right = (browser.find_element("id", f"{side}-side").text for side in ("left", "right"))
    assert left != right
    choose(browser, "case", 1)
    assert browser.find_element("id", "left-side").text != left, "another case shows another draft"
    assert browser.find_elements("css selector", "#left-side li, #right-side li")
    urls = asked_for(browser)
    assert [u for u in urls if not u.startswith(("file:", "data:"))] == []
    assert page.as_uri() in urls, "the log of requests works"


def reading(row: Row, reader: str, kind: ReaderKind, score: float) -> Reading:
    quote = row.text[:8]
    return Reading(
        draft_id(row.case, row.text), row.system, row.case, reader, kind,
        (Item(True, quote), *(Item(False) for _ in range(4))), (Violation("许诺", quote),), score >= 70, score, "", "2026-12-01",
    )  # fmt: skip


@pytest.fixture
def noisy_page(make_suite: Make, tmp_path: Path) -> Path:
    """Two noisy briefs by two baselines, read by the run's model and by two readers."""
    suite = load_suite(
        make_suite(
            cases=[str(REPO / "eval" / "cases" / "noisy")],
            select={"ids": ["D06", "D14"]},
            systems=[{"name": "one", "kind": "single_prompt"}, {"name": "rag", "kind": "plain_rag"}],
            thresholds=[],
            judge={"votes": 1},
            readings=str(tmp_path / "readings"),
        )
    )
    out = tmp_path / "run"
    rows = asyncio.run(run_suite(suite, cases_of(suite), out))
    assert not any(r.error for r in rows)
    judge = json.loads((out / "run.json").read_text("utf-8"))["judge"]
    said = [
        Vote((Item(True, r.text[:10]), *(Item(False) for _ in range(4))), (Violation("泄露姓名", r.text[:6]),), False, 35 + n)
        for n, r in enumerate(rows)
    ]  # fmt: skip
    rows = [
        replace(r, votes=(v,), resources={**r.resources, **measured((v,))})
        for r, v in zip(rows, said, strict=True)
    ]
    save_rows(out, rows)
    readings = [
        reading(r, name, "model", 20.0 * n + m)
        for n, r in enumerate(rows)
        for m, name in enumerate(("r1", "r2"))
    ]
    readings += [reading(r, judge, "judge", 30.0 + n) for n, r in enumerate(rows)]
    file_readings(tmp_path / "readings", readings)
    file_drafts(
        tmp_path / "readings", [DraftText(draft_id(r.case, r.text), r.system, r.case, r.text) for r in rows]
    )
    end = finish(out, suite, rows)
    assert f"| {judge} | 4 | +1.00" in end.table and "| code | 4 |" in end.table
    assert [a["measure"] for a in json.loads(end.json)["agreement"]] == ["code", judge]
    assert "触犯：泄露姓名" in (out / "junit.xml").read_text("utf-8")
    return out / "report.html"


@pytest.mark.browser
def test_a_browser_shows_rubric_quotes_violations_and_agreement(
    noisy_page: Path, open_page: Callable[[Path], Any]
) -> None:
    browser = open_page(noisy_page)
    readers = browser.find_element("id", "readers")
    assert "大语言模型，当的是要求严的办公室主任" in readers.text
    assert "程序得分" in readers.text and "+1.00" in readers.text and "r1与r2同看4篇" in readers.text
    plots = readers.find_elements("css selector", "svg.scatter")
    assert len(plots) == 2
    for plot in plots:
        assert len(plot.find_elements("css selector", "circle title")) == 4
        assert plot.size["width"] > 300
    held = "忠于任务" in browser.find_element("id", "blocks").text
    assert bool(browser.find_elements("id", "form-only")) != held, "a score of form alone says so"
    side = browser.find_element("id", "left-side")
    assert "阅读模型" in side.text and "读者 r1：0分，不能递交" in side.text
    assert len(side.find_elements("css selector", ".said li.met")) == 3, (
        "the model and two readers, one item each"
    )
    assert "房、学、职称三件事分清已定" in side.text and "触犯：泄露姓名　“" in side.text
    task = browser.find_element("id", "task")
    assert "闻知远" not in task.text
    task.find_element("css selector", "summary").click()
    assert "闻知远" in task.text and "交代的原话" in task.text
    choose(browser, "case", 1)
    assert "招商" in task.text and "闻知远" not in task.text
    assert [u for u in asked_for(browser) if not u.startswith(("file:", "data:"))] == []
