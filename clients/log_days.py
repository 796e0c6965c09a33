"""Which client-local days have changed: whoever writes or changes production rows says so here."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from clients.models import LogDay, MaintainedModel

_AT_ONCE = 100  # days a statement, under every database's limit of variables


def touch_days(
    *, model: MaintainedModel, days: Collection[date], at: datetime, labels: bool = False
) -> None:
    """Rows of these days came or changed; ``labels`` where what people said of them did.

    Call it in the transaction that wrote the rows, near its end: either both are seen or neither.
    """
    touch(model=model, changed=dict.fromkeys(days, labels), at=at)


@transaction.atomic(savepoint=False)
def touch(*, model: MaintainedModel, changed: Mapping[date, bool], at: datetime) -> None:
    """``touch_days`` for several days at once; true for the days on which a label changed.

    One upsert: a count that goes up is seen by a worker that read the day before. The days are
    taken in order, so that two uploads of the same days never wait for each other in a circle.
    """
    when = connection.ops.adapt_datetimefield_value(at)
    ordered = sorted(changed)
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            values: list[Any] = []
            for day in part:
                values += [model.client_id, model.pk, connection.ops.adapt_datefield_value(day)]
                values += [when, when if changed[day] else None]
            cursor.execute(_UPSERT.format(rows=", ".join([_ROW] * len(part))), values)


_ROW = "(%s, %s, %s, 1, 0, %s, %s)"
# The times only go forward: an upload of yesterday's clock is no reason to forget today's.
_UPSERT = f"""
INSERT INTO {LogDay._meta.db_table} AS known
  (client_id, model_id, day, changes, profiled, changed_at, labelled_at)
VALUES {{rows}}
ON CONFLICT (client_id, model_id, day) DO UPDATE SET
  changes = known.changes + 1,
  changed_at = CASE WHEN excluded.changed_at > known.changed_at
                    THEN excluded.changed_at ELSE known.changed_at END,
  labelled_at = CASE WHEN known.labelled_at IS NULL OR excluded.labelled_at > known.labelled_at
                     THEN COALESCE(excluded.labelled_at, known.labelled_at)
                     ELSE known.labelled_at END
"""  # noqa: S608 -- names of ours; values are parameters
