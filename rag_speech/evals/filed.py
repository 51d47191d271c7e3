"""Has the reading model read the drafts that readers have read, so that the two can be compared."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.judge import consolidate, read_draft, reader_name
from rag_speech.evals.readings import DRAFTS, Reading, file_readings, load_lines, load_readings
from rag_speech.llm.base import LLM
from rag_speech.prompts import Prompts


async def read_filed(
    llm: LLM,
    prompts: Prompts,
    folder: Path,
    cases: Mapping[str, Case],
    *,
    votes: int = 3,
    on_reading: Callable[[DraftText, Reading | None], None] | None = None,
) -> int:
    """Read every filed draft that this reading model has not read; file each reading as it is made.

    Returns how many drafts stayed unscored because no answer could be read. Raises InputError when the folder holds
    no readings or a draft's case is unknown, ModelError when the endpoint fails for good; what was read stays.
    """
    name = reader_name(llm, prompts)
    done = {r.draft for r in load_readings(folder) if r.reader == name}
    drafts = [d for d in load_lines(DraftText, folder / DRAFTS) if d.id not in done]
    if missing := sorted({d.case for d in drafts} - cases.keys()):
        raise InputError(
            f"{folder} has drafts to {', '.join(missing)}, which are none of the cases; see --cases"
        )
    gate = asyncio.Semaphore(max(1, llm.max_parallel))
    unscored = 0

    async def one(draft: DraftText) -> None:
        nonlocal unscored
        async with gate:
            found = consolidate(await read_draft(llm, prompts, cases[draft.case], draft.text, votes=votes))
        reading = None
        if found is None:
            unscored += 1
        else:
            reading = Reading(
                draft=draft.id,
                system=draft.system,
                brief=draft.case,
                reader=name,
                kind="judge",
                rubric=found.rubric,
                violations=found.violations,
                hand_in=found.hand_in,
                score=found.score,
                worst=found.worst,
                date=datetime.datetime.now(datetime.UTC).date().isoformat(),
                commit=draft.commit,
            )
            file_readings(folder, [reading])
        if on_reading:
            on_reading(draft, reading)

    try:
        async with asyncio.TaskGroup() as group:
            for draft in drafts:
                group.create_task(one(draft))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    finally:
        await llm.aclose()
    return unscored
