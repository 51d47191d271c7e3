"""A suite: which cases, which systems, how often, and what is good enough."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag_speech.errors import InputError
from rag_speech.evals.cases import Case, choose, load_cases, read_mapping, sentence
from rag_speech.evals.catalogue import metric_of
from rag_speech.types import Stages

Kind = Literal["pipeline", "single_prompt", "plain_rag", "agent_write"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class System(_Strict):
    """Something that writes drafts: the pipeline, with stages taken out by ``without``, or a baseline.

    ``settings`` go over the suite's; ``prompts`` is a folder with another prompt set.
    """

    name: Annotated[str, Field(pattern=r"^[\w.-]{1,40}$")]
    kind: Kind = "pipeline"
    label: str = ""
    without: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    prompts: Path | None = None

    @field_validator("without")
    @classmethod
    def _stages_exist(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = [f.name for f in fields(Stages)]
        for name in value:
            if name not in known:
                raise ValueError(f"the pipeline has no stage {name!r}; it has: {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _baselines_have_no_stages(self) -> System:
        if self.without and self.kind != "pipeline":
            raise ValueError(f"'without' belongs to the pipeline, not to {self.kind}")
        return self

    @property
    def stages(self) -> Stages:
        """The pipeline's stages that run."""
        return Stages(**dict.fromkeys(self.without, False))

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.label or self.name


class Prices(_Strict):
    """What a million tokens cost; ``cached`` are prompt tokens from the server's cache."""

    currency: str = "CNY"
    prompt: Annotated[float, Field(ge=0)] = 0.0
    cached: Annotated[float, Field(ge=0)] = 0.0
    completion: Annotated[float, Field(ge=0)] = 0.0


class Threshold(_Strict):
    """A bound on a metric: on the system's mean, or with ``each`` on every draft."""

    metric: str
    system: str = ""
    """Empty: the suite's first system."""
    min: float | None = None
    max: float | None = None
    each: bool = False

    @field_validator("metric")
    @classmethod
    def _known(cls, value: str) -> str:
        metric_of(value)
        return value

    @model_validator(mode="after")
    def _has_a_bound(self) -> Threshold:
        if self.min is None and self.max is None:
            raise ValueError(f"the threshold on {self.metric} needs min or max")
        return self


class JudgeSpec(_Strict):
    """A model that reads drafts by a rubric; ``settings`` go over the suite's."""

    votes: Annotated[int, Field(ge=1, le=15)] = 3
    settings: dict[str, Any] = {}


class Select(_Strict):
    """Which of the cases: by id, by tag, or all; ``first`` are ids that come first, for runs with a limit."""

    ids: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Suite(_Strict):
    """A suite as its file says. Paths are relative to the file.

    Every case is drafted by every system once for each seed and repeat. ``ablations`` adds a system ``no_<stage>`` for
    each stage of the pipeline.
    """

    name: str
    ablations: bool = False
    cases: tuple[Path, ...]
    select: Select = Select()
    systems: Annotated[tuple[System, ...], Field(min_length=1)]
    settings: dict[str, Any] = {}
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    repeats: Annotated[int, Field(ge=1, le=50)] = 1
    jobs: Annotated[int, Field(ge=1, le=64)] = 1
    prices: Prices = Prices()
    thresholds: tuple[Threshold, ...] = ()
    judge: JudgeSpec | None = None
    retrieval: Path | None = None
    """Labelled queries; their metrics are named ``retrieval.*`` in thresholds."""
    readings: Path | None = None
    """Folder of readers' readings: reports say how far the measures agree with them."""

    @model_validator(mode="before")
    @classmethod
    def _with_ablations(cls, data: Any) -> Any:
        if (
            not isinstance(data, dict)
            or not data.get("ablations")
            or not isinstance(data.get("systems"), list)
        ):
            return data
        added = [
            {"name": f"no_{f.name}", "label": f"全流程，去掉 {f.name}", "without": [f.name]}
            for f in fields(Stages)
        ]
        return {**data, "systems": [*data["systems"], *added]}

    @model_validator(mode="after")
    def _names_fit(self) -> Suite:
        names = [s.name for s in self.systems]
        if len(set(names)) != len(names):
            raise ValueError("two systems have the same name")
        for bound in self.thresholds:
            if bound.system and bound.system not in names:
                raise ValueError(
                    f"the threshold on {bound.metric} names no system of the suite: {bound.system}"
                )
            if bound.metric.startswith("retrieval.") and self.retrieval is None:
                raise ValueError(
                    f"the threshold on {bound.metric} needs 'retrieval': a file of labelled queries"
                )
        return self

    def system(self, name: str) -> System:
        """Return the system of this name. Raises InputError."""
        for system in self.systems:
            if system.name == name:
                return system
        raise InputError(
            f"Suite {self.name} has no system {name!r}; it has: {', '.join(s.name for s in self.systems)}"
        )


def load_suite(path: Path) -> Suite:
    """Read a suite. Raises InputError: one sentence that names the file and what is wrong."""
    if not path.is_file():
        raise InputError(f"Suite {path} does not exist; see eval/suites for examples")
    data = read_mapping(path)
    if not isinstance(data, dict):
        raise InputError(f"Suite {path} must be a mapping of keys to values such as 'name: ...'")
    try:
        suite = Suite.model_validate(data)
    except ValidationError as error:
        raise InputError(f"Suite {path}: {sentence(error)}") from error
    base = path.parent
    return suite.model_copy(
        update={
            "cases": tuple(base / p for p in suite.cases),
            "retrieval": base / suite.retrieval if suite.retrieval else None,
            "readings": base / suite.readings if suite.readings else None,
            "systems": tuple(
                s.model_copy(update={"prompts": base / s.prompts}) if s.prompts else s for s in suite.systems
            ),
        }
    )


def cases_of(suite: Suite, *, paths: tuple[Path, ...] = (), limit: int | None = None) -> tuple[Case, ...]:
    """Return the suite's cases, or those of ``paths`` instead; at most the first ``limit``."""
    if paths:
        return choose(load_cases(paths), limit=limit)
    select = suite.select
    return choose(load_cases(suite.cases), ids=select.ids, tags=select.tags, first=select.first, limit=limit)
