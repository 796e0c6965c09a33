"""A text, or feature values, of one's own on both versions of a comparison. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agency.base.errors import DomainError
from clients.models import MaintainedModel
from clients.schema import Schema
from retraining import services
from retraining.models import Comparison

if TYPE_CHECKING:
    from retraining.services import Answer

PREFIX = "field-"
"""Features of a table are posted as ``field-NAME``, so that no name can be taken for ours."""


@dataclass(frozen=True)
class Asked:
    """What was typed: the columns that the model reads, and a value for each."""

    columns: tuple[str, ...]
    text: bool
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def boxes(self) -> list[tuple[str, str, Any]]:
        """(name in the form, label, value) of each."""
        filled = {k: "" if v is None else v for k, v in self.given.items()}
        return [(PREFIX + name, name, filled.get(name, "")) for name in self.columns]


@dataclass(frozen=True)
class Tried:
    """Both answers, or in words why there is none."""

    answers: "tuple[Answer, ...]" = ()
    error: str = ""

    @property
    def same(self) -> bool:
        return len({answer.prediction for answer in self.answers}) == 1


def asked_of(model: MaintainedModel, posted: Mapping[str, str] | None) -> Asked:
    """What was posted for the model's columns; nothing yet where nothing was."""
    schema = Schema.from_dict(model.schema)
    given = {name: posted.get(PREFIX + name, "") for name in schema.columns} if posted else {}
    return Asked(schema.columns, schema.task == "text", given)


def try_both(comparison: Comparison, asked: Asked) -> Tried:
    """The live version's answer and the candidate's, from their verified artifacts."""
    model = comparison.cycle.model
    try:
        answers = [
            services.predict(model=model, rows=[("yours", asked.given)], version=version.name)[0]
            for version in (comparison.incumbent, comparison.candidate)
        ]
    except DomainError as error:
        return Tried(error=str(error))
    return Tried(tuple(answers))
