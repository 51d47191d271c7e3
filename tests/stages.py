"""Pieces of a draft for tests of single stages: a scripted model that answers one stage in its own way, records, desks."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import get_occasion
from rag_speech.calls import Calls
from rag_speech.draft.conversation import Conversation
from rag_speech.folder import DraftFolder
from rag_speech.llm.base import Message
from rag_speech.llm.profile import HOSTED, Profile
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.prompts import Prompts
from rag_speech.types import (
    Assignment,
    Event,
    Evidence,
    Exemplar,
    Plan,
    PlannedParagraph,
    Point,
    Section,
    Statement,
)

PROMPTS = Prompts.bundled()
BRIEF = Brief(
    event="青山县防汛工作会议",
    speaker="县长",
    place="青山县",
    level="县",
    date=datetime.date(2026, 6, 2),
    minutes=3,
    points=("加强巡堤查险", "组织转移避险"),
    facts=("全县有险工险段17处",),
)
Answer = str | BaseException | Mapping[str, Any]
Clerk = Callable[[Call], Answer]


def stage_of(call: Call) -> str:
    """Return the stage whose request this is."""
    asked = set((call.schema or {}).get("properties", ()))
    for stage, key in (
        ("plan", "thesis"),
        ("read-brief", "speaker"),
        ("read-materials", "conflicts"),
        ("review", "edits"),
    ):
        if key in asked:
            return stage
    if asked:
        return "request"
    return "length" if "全篇已经写完" in call.messages[-1].content else "draft"


def usual(call: Call) -> Answer:
    """Answer as the scripted model does of itself."""
    return ScriptedLLM()._answer(call)


def model(profile: Profile = HOSTED, **clerks: Clerk | Answer) -> ScriptedLLM:
    """A scripted model; ``clerks`` answer the stage they name (``read_brief``), all else is answered as usual.

    A clerk may be a list of answers, one a call, after which the usual ones follow.
    """
    left = {name: list(given) if isinstance(given, list) else given for name, given in clerks.items()}

    def script(call: Call) -> Answer:
        clerk: Any = left.get(stage_of(call).replace("-", "_"))
        if isinstance(clerk, list):
            clerk = clerk.pop(0) if clerk else None
        if clerk is None:
            return usual(call)
        return clerk(call) if callable(clerk) else clerk

    return ScriptedLLM(script, profile=profile)


def stages_asked(llm: ScriptedLLM) -> list[str]:
    """Return the stages of all calls, in order."""
    return [stage_of(call) for call in llm.calls]


def calls_of(llm: ScriptedLLM, folder: Path | None = None, told: list[Event] | None = None) -> Calls:
    """Return the model as stages see it."""
    return Calls(llm, DraftFolder(folder), (told if told is not None else []).append)


def paragraph(say: str = "讲清要求", *uses: str, zi: int = 150) -> PlannedParagraph:
    return PlannedParagraph(say=say, uses=uses, zi=zi)


def section(
    id_: str, heading: str = "", *paragraphs: PlannedParagraph, answers: tuple[str, ...] = ()
) -> Section:
    return Section(id=id_, heading=heading, paragraphs=paragraphs or (paragraph(),), answers=answers)


def make_plan(**changes: Any) -> Plan:
    """A sound plan for :data:`BRIEF` and :data:`ASSIGNMENT`, with ``changes``."""
    given: dict[str, Any] = {
        "title": "在青山县防汛工作会议上的讲话",
        "caption": ("县长", "（2026年6月2日）"),
        "salutation": "同志们：",
        "thesis": "把人转移出来",
        "numbering": "标题",
        "opening": section("opening", "", paragraph("说明来由", zi=80)),
        "transition": "下面，我讲两点意见。",
        "sections": (
            section("1", "把堤巡到位", paragraph("巡堤", "F1", zi=150), answers=("P1",)),
            section("2", "把人转移好", paragraph("转移", zi=150), answers=("P2",)),
        ),
        "closing": section("closing", "", paragraph("收束", zi=80)),
        "thanks": "",
        "target_zi": 500,
    }
    return Plan(**{**given, **changes})


ASSIGNMENT = Assignment(
    speaker="县长",
    points=(
        Point(id="P1", text="加强巡堤查险", say="加强巡堤查险"),
        Point(id="P2", text="组织转移避险", say="组织转移避险"),
    ),
    statements=(Statement(id="F1", text="全县有险工险段17处"),),
)


def conversation(
    llm: ScriptedLLM | None = None,
    *,
    plan: Plan | None = None,
    brief: Brief = BRIEF,
    assignment: Assignment = ASSIGNMENT,
    evidence: Evidence | None = None,
    exemplars: Mapping[str, tuple[Exemplar, ...]] | None = None,
    folder: Path | None = None,
    told: list[Event] | None = None,
) -> Conversation:
    """The writing of one speech."""
    return Conversation(
        brief=brief,
        occasion=get_occasion("flood_control"),
        assignment=assignment,
        evidence=evidence or Evidence(),
        plan=plan or make_plan(),
        exemplars=exemplars or {},
        own=False,
        calls=calls_of(llm or ScriptedLLM(), folder, told),
        prompts=PROMPTS,
    )


def user(text: str) -> list[Message]:
    return [Message("user", text)]
