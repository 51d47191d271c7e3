"""DRAFT for a model that writes a few sentences well and no more: paragraph by paragraph, each sentence held to the brief.

A paragraph begins with the brief's own words for the facts it uses; the model goes on from them. Of what it adds, sentences that
code can fault are dropped, and it is asked again until the paragraph is long enough or the tries are used up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag_speech.brief.brief import Brief
from rag_speech.calls import Calls
from rag_speech.checks.grounding import Source, judge
from rag_speech.errors import BadReplyError
from rag_speech.llm.base import Message
from rag_speech.prompts import Prompts
from rag_speech.types import Assignment, PlannedParagraph, Section, Severity, Statement
from rag_speech.zh.overlap import letters, shared_runs
from rag_speech.zh.text import as_sentence, count_zi, sentences

_TRIES = 5
_ENOUGH = 0.8
"""Share of its budget from which a paragraph is left alone."""
_AGAIN = 11
"""Characters in a row that a sentence may not share with what was said before it."""
_BEFORE_ZI = 120
_SENTENCE_ZI = (8, 90)
_CHATTER = re.compile(
    r"大家好|你们好|早上好|谢谢|感谢聆听|尊敬的|女士|先生|以下是|下面是|好的|标题|第.段|这一段|字左右|事实|本段|作为一名|我很荣幸|非常荣幸|各位领导|[A-Za-z*#【】〔〕]"
)
"""What a small model says to its questioner instead of to the hall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """What writing by paragraphs needs. ``allowed`` is all text whose figures and names may be said."""

    brief: Brief
    assignment: Assignment
    statements: Mapping[str, Statement]
    banned: Sequence[str]
    allowed: str
    calls: Calls
    prompts: Prompts

    async def part(self, part: Section, budgets: Sequence[int], before: str, *, first_seed: int) -> str:
        """Return a part's text, a paragraph a line; ``before`` is all that is written above it. Raises ModelError."""
        lines: list[str] = []
        for paragraph, zi in zip(part.paragraphs, budgets, strict=True):
            said = "\n".join([before, *lines])
            lines.append(await self._paragraph(part, paragraph, zi, said, first_seed))
        return "\n".join(line for line in lines if line)

    async def _paragraph(
        self, part: Section, paragraph: PlannedParagraph, zi: int, before: str, first_seed: int
    ) -> str:
        text = "".join(as_sentence(self.statements[i].wording) for i in paragraph.uses)
        for n in range(_TRIES):
            short = zi - count_zi(text)
            if short < (1 - _ENOUGH) * zi:
                break
            for sentence in await self._more(part, paragraph.say, text, before, short, first_seed + n):
                if count_zi(text) + count_zi(sentence) <= 1.1 * zi and self._fits(sentence, text + before):
                    text += sentence
        return text

    async def _more(
        self, part: Section, say: str, begun: str, before: str, short: int, seed: int
    ) -> list[str]:
        request = self.prompts.render(
            "draft/plain",
            brief=self.brief,
            assignment=self.assignment,
            part=part,
            say=say,
            before=before[-_BEFORE_ZI:].rpartition("\n")[2],
            begun=begun,
            zi=max(60, short),
        )
        messages = [Message("system", self.prompts.render("draft/plain-system")), Message("user", request)]
        if begun:
            messages.append(Message("assistant", begun))
        try:
            answer = await self.calls.ask(
                "draft",
                messages,
                max_tokens=max(80, short) + 40,
                temperature=self.calls.llm.profile.writing_temperature,
                seed=seed,
            )
        except BadReplyError:
            return []  # it had nothing to add
        told = [s.strip() for s in sentences(answer.text.removeprefix(begun)) if s.strip()]
        return told[:-1] if answer.cut else told

    def _fits(self, sentence: str, before: str) -> bool:
        """Tell whether a sentence may stand: speech, new, and with nothing in it that the brief does not have."""
        low, high = _SENTENCE_ZI
        if not low <= count_zi(sentence) <= high or sentence[-1] not in "。！？" or _CHATTER.search(sentence):
            return False
        if letters(sentence)[0] in letters(before)[0] or sentence.count("“") != sentence.count("”"):
            return False
        if any(w in sentence for w in self.banned) or next(shared_runs(sentence, before, _AGAIN), None):
            return False
        found = judge(
            sentence, (Source("brief", self.allowed),), generated=True, as_of=self.brief.wording_date
        )
        return not any(f.severity <= Severity.P1 for f in found)
