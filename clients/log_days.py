"""Which client-local days have changed: whoever writes or changes production rows says so here."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection, transaction

from clients.models import LogDay, MaintainedModel

_AT_ONCE = 100  # days a statement, under every database's limit of variables


@transaction.atomic
def touch_days(
    *, model: MaintainedModel, days: Collection[date], at: datetime, labels: bool = False
) -> None:
    """Rows of these days came or changed; ``labels`` where what people said of them did.

    One upsert: a count that goes up is seen by a worker that read the day before. The days are
    taken in order, so that two uploads of the same days never wait for each other.
    """
    when = connection.ops.adapt_datetimefield_value(at)
    ordered = sorted(set(days))
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            values: list[object] = []
            for day in part:
                values += [model.client_id, model.pk, connection.ops.adapt_datefield_value(day)]
                values += [when, when if labels else None]
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
"""
