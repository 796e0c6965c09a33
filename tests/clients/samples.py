"""What the tests of this room send in."""

import json
from datetime import UTC, datetime

from clients.models import PredictionLog, QuarantinedRow, UploadBatch

AT = datetime(2025, 4, 1, 9, tzinfo=UTC)
TRAIN = (
    "id,text,label\n"
    "t-1,Where is my parcel?,delivery\n"
    "t-2,I was charged twice,billing\n"
    't-3,"The driver left, and no parcel",delivery\n'
)
GOLDEN = "id,text,label\ng-1,My refund is missing,billing\ng-2,The parcel is late,delivery\n"
HOURS = (
    "id,hour,temp_c,weather,label\nt-1,8,12.5,rain,low\nt-2,17,21.0,clear,high\nt-3,23,,clear,low\n"
)


def log_row(**changes):
    """A valid row of the text model as a dict; a value of ``...`` takes the key out."""
    row = {
        "id": "m-1",
        "timestamp": "2025-03-01T05:24:34Z",
        "input": {"text": "Where is my parcel?"},
        "context": {"channel": "web", "app_version": None},
        "model_version": "v1.0",
        "prediction": "delivery",
        "confidence": 0.9,
    } | changes
    return {key: value for key, value in row.items() if value is not ...}


def ndjson(*rows):
    """Rows as a file; a string is a line as it stands."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    return "\n".join(lines).encode()


def nothing_stored():
    return not (
        PredictionLog.objects.exists()
        or UploadBatch.objects.exists()
        or QuarantinedRow.objects.exists()
    )
