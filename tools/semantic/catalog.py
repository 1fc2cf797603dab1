"""The catalog of metrics and dimensions, read from `catalog.yml` and checked as a whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tools.errors import InvalidArgument
from tools.messages import Label, say
from tools.nearest import nearest
from tools.semantic.periods import Grain
from tools.warehouse.tables import TABLES

Good = Literal["up", "down", "neutral"]
Language = Literal["en", "zh"]
REFERENCE = re.compile(r"\b_\.(\w+)")


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Entry):
    en: str
    zh: str

    @property
    def label(self) -> Label:
        return Label(self.en, self.zh)


class Synonyms(Entry):
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


class Join(Entry):
    """How a joined table is reached: `key` names the column on both sides, `from_` the table that has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    key: str
    from_: str | None = Field(None, alias="from")


class Derived(Entry):
    """A column that is one value for each `per`, over all the rows that are visible and meet `where`."""

    per: str
    expr: str
    where: str | None = None


def _joins(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: {"key": join} if isinstance(join, str) else join for name, join in raw.items()}


class Model(Entry):
    """Rows to aggregate: a table's, or (`of`, `per`) one row for each group of another model.

    With `of` and `day`: the other model's rows on the day that its derived column `day` names, among the rows that
    this column is derived from. The day must be that of one of them, such as the first.
    """

    table: str | None = None
    time: str | None = None
    joins: Mapping[str, Join] = {}
    derived: Mapping[str, Derived] = {}
    of: str | None = None
    per: str | None = None
    day: str | None = None
    where: str | None = None
    columns: Mapping[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_joins(cls, raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "joins": _joins(raw.get("joins", {}))}


class Ratio(Entry):
    numerator: str
    denominator: str


class Names(Entry):
    """Where the names stand that are shown beside a dimension's codes."""

    table: str
    key: str
    name: str


class Metric(Entry):
    id: str
    label: Text
    definition: Text
    unit: Literal["currency", "count", "units", "ratio", "score", "days", "factor"]
    good: Good
    model: str | None = None
    expr: str | None = None
    ratio: Ratio | None = None
    additive: bool = False
    over_time: bool = False
    hidden: bool = False
    synonyms: Synonyms = Synonyms()
    columns: Mapping[str, str] = {}
    needs_columns: tuple[str, ...] = ()

    @property
    def empty_is_zero(self) -> bool:
        """Whether a period without rows is worth zero (sums and counts) rather than nothing (ratios, means)."""
        return self.unit in ("count", "units") or self.additive

    @property
    def adds_over_time(self) -> bool:
        """Whether the figures of days add up to that of all of them: an order has one day, a customer may have many."""
        return self.additive or self.over_time

    def __hash__(self) -> int:
        return hash(self.id)

    @model_validator(mode="after")
    def _one_way(self) -> Metric:
        if (self.expr is None) == (self.ratio is None):
            raise ValueError(f"metric {self.id!r}: exactly one of `expr` and `ratio` is expected")
        return self


class Dimension(Entry):
    id: str
    label: Text
    synonyms: Synonyms = Synonyms()
    columns: Mapping[str, str] = {}
    grain: Grain | None = None
    time_part: Literal["weekday", "hour"] | None = None
    names: Names | None = None
    scheme: str | None = None  # whose groups its values are, for memberships

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def is_time(self) -> bool:
        return self.grain is not None or self.time_part is not None


def _identified(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"id": name, **entry} for name, entry in raw.items()}


class Catalog(Entry):
    """Every metric and dimension, and the models beneath them.

    Raises ValueError where an entry names a model, metric or dimension that does not exist.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))
    models: Mapping[str, Model]
    metrics: Annotated[Mapping[str, Metric], AfterValidator(dict)]
    dimensions: Annotated[Mapping[str, Dimension], AfterValidator(dict)]
    memberships: Annotated[Mapping[str, Dimension], AfterValidator(dict)]

    @classmethod
    def load(cls, path: Path | None = None) -> Catalog:
        raw = yaml.load(
            (path or Path(__file__).with_name("catalog.yml")).read_text("utf-8"),
            Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 - either is a safe one
        )
        return cls(
            models=raw["models"],
            metrics=_identified(raw["metrics"]),
            dimensions=_identified(raw["dimensions"]),
            memberships=_identified(raw["memberships"]),
        )

    @model_validator(mode="after")
    def _references(self) -> Catalog:
        for metric in self.metrics.values():
            if metric.model is not None and metric.model not in self.models:
                raise ValueError(f"metric {metric.id!r} names an unknown model {metric.model!r}")
            for part in (metric.ratio.numerator, metric.ratio.denominator) if metric.ratio else ():
                if part not in self.metrics:
                    raise ValueError(f"metric {metric.id!r} names an unknown metric {part!r}")
        for name, model in self.models.items():
            if model.day is not None and model.day not in self.base(name).derived:
                raise ValueError(f"model {name!r} stands on an unknown derived column {model.day!r}")
        for dimension in self.dimensions.values():
            for model_name in dimension.columns:
                if model_name not in self.models:
                    raise ValueError(f"dimension {dimension.id!r} names an unknown model {model_name!r}")
        return self

    def metric(self, name: str) -> Metric:
        try:
            return self.metrics[name]
        except KeyError:
            raise _unknown("metric", name, self.metrics) from None

    def dimension(self, name: str) -> Dimension:
        """A dimension, or a membership, which only filters."""
        found = self.dimensions.get(name) or self.memberships.get(name)
        if found is None:
            raise _unknown("dimension", name, [*self.dimensions, *self.memberships])
        return found

    def base(self, model: str) -> Model:
        """The model with a table of its own that `model` stands on."""
        found = self.models[model]
        return self.base(found.of) if found.of else found

    def base_name(self, model: str) -> str:
        found = self.models[model]
        return self.base_name(found.of) if found.of else model

    def parts(self, metric: Metric) -> tuple[Metric, ...]:
        """The metrics that are aggregated in the engine for this one: itself, or a cross-model ratio's two."""
        if metric.model is not None or metric.ratio is None:
            return (metric,)
        return tuple(
            part
            for name in (metric.ratio.numerator, metric.ratio.denominator)
            for part in self.parts(self.metrics[name])
        )

    def models_of(self, metric: Metric) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.model for part in self.parts(metric) if part.model))

    def tables_of(self, metric: Metric) -> tuple[str, ...]:
        """The canonical tables without which the metric cannot be computed."""
        tables = [self.base(model).table or "" for model in self.models_of(metric)]
        tables += [path.split(".")[0] for part in self.parts(metric) for path in part.columns.values() if "." in path]
        return tuple(dict.fromkeys(tables))

    def dimensions_of(self, metric: Metric) -> tuple[Dimension, ...]:
        """The dimensions by which the metric can be split and filtered."""
        bases = [self.base_name(model) for model in self.models_of(metric)]
        return tuple(
            d
            for d in self.dimensions.values()
            if all(
                base in d.columns or (d.is_time and (d.time_part != "hour" or self._has_hours(base))) for base in bases
            )
        )

    def _has_hours(self, base: str) -> bool:
        model = self.models[base]
        return TABLES[model.table or ""].column(model.time or "").kind == "timestamp"

    @cached_property
    def digest(self) -> str:
        """Tells catalogs of other definitions apart."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @cached_property
    def visible_metrics(self) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics.values() if not metric.hidden)


def _unknown(kind: str, name: str, known: Iterable[str]) -> InvalidArgument:
    choices = tuple(nearest(name, known))
    return InvalidArgument(
        say("There is no {kind} “{name}”. Nearest: {choices}.", kind=kind, name=name, choices=choices)
        if choices
        else say("There is no {kind} “{name}”.", kind=kind, name=name)
    )
