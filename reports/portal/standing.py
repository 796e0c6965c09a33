"""How a model stands now, gathered as the monthly report gathers it, in the reader's words."""

from dataclasses import dataclass, field
from datetime import datetime

from agency.base.clock import local_day, zone_of
from clients.alert_words import for_client
from clients.models import Alert, MaintainedModel
from reports import facts as f
from reports.gathering import time_line
from reports.gathering.month import ModelMonth
from reports.wording import Wording
from reports.wording.sections import asks
from reports.wording.story import three_sentences


@dataclass(frozen=True)
class Accuracy:
    """The newest figure: of audited rows (``fair``) where there are any, else of reference rows."""

    percent: str
    span: str
    n: str
    fair: bool
    day: str
    version: str


@dataclass(frozen=True)
class Standing:
    """One model on the first page."""

    model: MaintainedModel
    accuracy: Accuracy | None
    version: str
    since: str
    story: tuple[str, ...]
    attention: list[str] = field(default_factory=list)


def month_of(model: MaintainedModel, at: datetime) -> ModelMonth:
    """The client's calendar month that ``at`` falls in, with everything up to it."""
    first = local_day(at, zone_of(model.client.timezone)).replace(day=1)
    return ModelMonth(model=model, first=first, at=at)


def last_checked(month: ModelMonth) -> ModelMonth:
    """The month of the model's last check: figures are as of then, however long ago that is."""
    if not month.history:
        return month
    return ModelMonth(model=month.model, first=month.month_of(month.history[-1]), at=month.at)


def accuracy(points: tuple[f.Point, ...], w: Wording) -> Accuracy | None:
    """What was measured last, of rows drawn at random before all else."""
    for fair in (True, False):
        for point in reversed(points):
            rate = point.audit if fair else point.golden
            if rate is not None:
                return Accuracy(
                    percent=w.percent(rate.estimate),
                    span=w.span(rate),
                    n=w.number(rate.n),
                    fair=fair,
                    day=w.day(point.day),
                    version=point.version,
                )
    return None


def standing(
    model: MaintainedModel,
    *,
    told: f.Report | None,
    alerts: list[Alert],
    at: datetime,
    w: Wording,
) -> Standing:
    """The model now, and what the newest report told of it: ``told`` is None before the first."""
    month = month_of(model, at)
    live = month.rollouts[-1] if month.rollouts else None
    said = next((m for m in told.models if m.slug == model.slug), None) if told else None
    words = [for_client(alert, language=w.language) for alert in alerts if alert.model == model]
    attention = [*(asks(said, w) if said else []), *filter(None, words)]
    return Standing(
        model=model,
        accuracy=accuracy(time_line.points(last_checked(month)), w),
        version=live.version.name if live else "",
        since=w.day(month.day(live.started_at)) if live else "",
        story=three_sentences(said, w) if said else (),
        # A fault is asked about in the report and told by an alert: once is enough.
        attention=list(dict.fromkeys(attention)),
    )
