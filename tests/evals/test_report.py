"""The report page: self-contained, safe, drawn in a real browser."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag_speech.checks.registry import CHECKS
from rag_speech.evals.report import CHECK_NAMES, write_report
from rag_speech.evals.run import run_suite
from rag_speech.evals.suite import cases_of, load_suite

Make = Callable[..., Path]


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
    assert data and json.loads(data[1])[0]["final"]["lines"][0][0].startswith("</script><script>alert(1)")


@pytest.mark.browser
def test_a_browser_draws_the_charts_and_asks_for_nothing(page: Path) -> None:
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
    try:
        browser.get(page.as_uri())
        charts = browser.find_elements("css selector", "svg.chart")
        assert len(charts) == 5
        for chart in charts:
            assert chart.size["width"] > 200 and chart.size["height"] > 40
            assert chart.find_elements("css selector", "circle, rect"), "an empty chart"
        assert browser.find_element("css selector", "#left-side article p").text
        left, right = (browser.find_element("id", f"{side}-side").text for side in ("left", "right"))
        assert left != right
        browser.execute_script(
            "var s = document.getElementById('case'); s.selectedIndex = 1; s.dispatchEvent(new Event('change'));"
        )
        assert browser.find_element("id", "left-side").text != left, "another case shows another draft"
        assert browser.find_elements("css selector", "#left-side li, #right-side li")
        assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
        asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        urls = [m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"]
        assert [u for u in urls if not u.startswith(("file:", "data:"))] == []
        assert page.as_uri() in urls, "the log of requests works"
    finally:
        browser.quit()
