"""What the tools take, typed and told; what the values mean is judged by the brief itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_MATERIALS = 40
MAX_MATERIAL_CHARS = 400_000
"""Of all materials of a draft together: four times what has been tried."""
MAX_TEXT_CHARS = 200_000
"""Of one text that is checked or laid out."""

SeverityName = Literal["P0", "P1", "P2", "P3"]
Format = Literal["docx", "pdf", "html", "md", "txt"]
Look = Literal["gbt9704", "podium"]
RoleName = Literal["opening", "transition", "point", "closing"]


class MaterialText(BaseModel):
    """A source document of the event, as text."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=80, description="What the document is called")]
    text: Annotated[str, Field(min_length=1, description="Its text")]


class BriefFields(BaseModel):
    """What the clerk states outright. Everything is optional; what is given here wins over the words of the request."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, Field(description="The event, e.g. 青山县防汛工作会议")] = ""
    occasion: Annotated[
        str,
        Field(
            description="Kind of occasion by id or name (rag-speech://occasions); else by the event's words"
        ),
    ] = ""
    level: Annotated[Literal["", "市", "县", "区", "乡镇"], Field(description="Level of the office")] = ""
    place: Annotated[str, Field(description="Place, e.g. 青山县")] = ""
    speaker: Annotated[str, Field(description="The speaker's office, e.g. 县委副书记、县长")] = ""
    speaker_name: Annotated[str, Field(description="The speaker's name")] = ""
    on_behalf: Annotated[str, Field(description="For whom the speaker speaks, e.g. 县委、县政府")] = ""
    audience: Annotated[str, Field(description="Who listens")] = ""
    guests: Annotated[list[str], Field(description="Guests to greet, highest rank first")] = []
    date: Annotated[str | None, Field(description="Day of the event, YYYY-MM-DD")] = None
    minutes: Annotated[float | None, Field(description="Length in minutes at 180 字, up to 60")] = None
    chars: Annotated[int | None, Field(description="Length in 字, 200 to 10800; wins over minutes")] = None
    points: Annotated[list[str], Field(description="What the speaker wants to stress, a point each")] = []
    facts: Annotated[list[str], Field(description="Facts that must be said, a sentence each")] = []
    may_use: Annotated[list[str], Field(description="Facts that may be said, a sentence each")] = []
    outline: Annotated[list[str], Field(description="Headings that were asked for, in their order")] = []
    tone: Annotated[str, Field(description="Manner, e.g. 简短、口语化")] = ""
    title: Annotated[str, Field(description="The title, where it is settled")] = ""
    salutation: Annotated[str, Field(description="The salutation, where it is settled")] = ""
    avoid: Annotated[list[str], Field(description="What must not be said, or words to avoid")] = []
    as_of: Annotated[str | None, Field(description="Day whose wording is current, YYYY-MM-DD")] = None

    def stated(self) -> dict[str, Any]:
        """Return the fields that say something."""
        return {k: v for k, v in self.model_dump().items() if v not in ("", None, [])}
