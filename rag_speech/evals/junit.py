"""Results as a JUnit file, which every build server reads: a test case for each draft and for each threshold."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from rag_speech.evals.judge import consolidate
from rag_speech.evals.records import Row
from rag_speech.evals.suite import Threshold
from rag_speech.evals.tally import Outcome, by_system

_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def junit(
    suite: str, rows: Sequence[Row], outcomes: Sequence[Outcome], thresholds: Sequence[Threshold]
) -> str:
    """Return the XML. A draft fails on its own ``each`` thresholds and errs when there is no draft."""
    root = ET.Element("testsuites", name=_clean(suite))
    for system, own in by_system(rows).items():
        node = ET.SubElement(root, "testsuite", name=_clean(f"{suite}.{system}"))
        failures = 0
        for row in own:
            seconds = row.metric("seconds") or 0.0
            case = ET.SubElement(
                node, "testcase", classname=_clean(f"{suite}.{system}"), time=f"{seconds:.3f}",
                name=_clean(f"{row.case}[seed={row.seed},run={row.run}]"),
            )  # fmt: skip
            if row.error:
                ET.SubElement(case, "error", message=_clean(row.error))
                continue
            ET.SubElement(case, "system-out").text = _clean("\n".join(_said(row)))
            broken = _broken(row, [t for t in thresholds if t.each and t.system in {"", system}])
            if broken:
                failures += 1
                found = "\n".join(
                    f"{f.severity} {f.code} {f.message}" for f in (row.final.findings if row.final else ())
                )
                ET.SubElement(case, "failure", message=_clean("; ".join(broken))).text = _clean(found)
        _count(node, len(own), failures, sum(bool(r.error) for r in own))
    gate = ET.SubElement(root, "testsuite", name=_clean(f"{suite}.gate"))
    for outcome in outcomes:
        bound = outcome.threshold
        case = ET.SubElement(
            gate, "testcase", classname=_clean(f"{suite}.gate"), time="0",
            name=_clean(f"{outcome.system or 'retrieval'} {bound.metric}{' each' if bound.each else ''}"),
        )  # fmt: skip
        if not outcome.passed:
            ET.SubElement(case, "failure", message=_clean(outcome.sentence))
    _count(gate, len(outcomes), sum(not o.passed for o in outcomes), 0)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _said(row: Row) -> list[str]:
    """Return what the reading model said, and what of the case's expectations is not met, a line each."""
    out = list(row.final.missed) if row.final else []
    said = consolidate(row.votes)
    if said is None:
        return out
    met = sum(i.met for i in said.rubric)
    out.append(
        f"reading model: {said.score:g}, hand in: {'yes' if said.hand_in else 'no'}, rubric {met}/{len(said.rubric)}"
    )
    out += [f"触犯：{v.rule}　“{v.quote}”" for v in said.violations]
    return [*out, *filter(None, [said.reason])]


def _broken(row: Row, thresholds: Sequence[Threshold]) -> list[str]:
    out = []
    for bound in thresholds:
        value = row.metric(bound.metric)
        low = bound.min is not None and (value is None or value < bound.min)
        high = bound.max is not None and (value is None or value > bound.max)
        if low or high:
            out.append(f"{bound.metric} is {value}")
    return out


def _count(node: ET.Element, tests: int, failures: int, errors: int) -> None:
    node.set("tests", str(tests))
    node.set("failures", str(failures))
    node.set("errors", str(errors))


def _clean(text: str) -> str:
    return text.translate(_NOT_XML)
