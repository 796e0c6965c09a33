"""Which client-local days have changed: whoever writes or changes production rows says so here."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import connection, transaction

from clients.models import LogDay, MaintainedModel


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
    days = [[day.isoformat(), changed[day]] for day in sorted(changed)]
    when = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        values = [model.client_id, model.pk, when, when, json.dumps(days)]
        cursor.execute(_UPSERT.format(days=_DAYS[connection.vendor]), values)


_DAYS = {
    "postgresql": "(SELECT (value->>0)::date AS day, (value->>1)::boolean AS is_labelled"
    " FROM jsonb_array_elements(%s::jsonb)) came",
    "sqlite": "(SELECT json_extract(value, '$[0]') AS day, json_extract(value, '$[1]') AS"
    " is_labelled FROM json_each(%s)) came",
}
# The times only go forward: an upload of yesterday's clock is no reason to forget today's.
_UPSERT = f"""
INSERT INTO {LogDay._meta.db_table} AS known
  (client_id, model_id, day, changes, profiled, changed_at, labelled_at)
SELECT %s, %s, day, 1, 0, %s, CASE WHEN is_labelled THEN %s END FROM {{days}} WHERE true
ON CONFLICT (client_id, model_id, day) DO UPDATE SET
  changes = known.changes + 1,
  changed_at = CASE WHEN excluded.changed_at > known.changed_at
                    THEN excluded.changed_at ELSE known.changed_at END,
  labelled_at = CASE WHEN known.labelled_at IS NULL OR excluded.labelled_at > known.labelled_at
                     THEN COALESCE(excluded.labelled_at, known.labelled_at)
                     ELSE known.labelled_at END
"""  # noqa: S608 -- names of ours; values are parameters
