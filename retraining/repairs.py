"""The repairs that staff have in force, and the view of a model's rows that they give."""

import pandas as pd

from agency.base.clock import day_after, zone_of
from clients import queries as client_queries
from clients.models import MaintainedModel
from retraining import artifacts
from retraining.causes.evidence import Rows
from retraining.causes.mending import Reference, mend
from retraining.causes.repair import Repair, repairs_of
from retraining.models import AppliedRepair, Cycle, Diagnosis, ModelVersion
from retraining.queries import spec_of


def in_force(model: MaintainedModel) -> tuple[Repair, ...]:
    """The newest first: of two checks that found one fault, the later one saw more of it."""
    rows = AppliedRepair.objects.filter(model=model, withdrawn_at__isnull=True)
    return tuple(row.repair for row in rows.order_by("-cycle_id", "pk"))


def offered(cycle: Cycle) -> tuple[Repair, ...]:
    """The repairs that the cycle's diagnosis offers; none without one."""
    diagnosis = Diagnosis.objects.filter(cycle=cycle).first()
    if diagnosis is None:
        return ()
    zone = zone_of(cycle.model.client.timezone)
    known = client_queries.dataset_frame(cycle.incumbent.training_version).inputs
    until = day_after(cycle.window_end, zone)
    return repairs_of(diagnosis.findings, until=until, reference=known)


def repaired_rows(rows: Rows, *, model: MaintainedModel, version: ModelVersion) -> Rows:
    """``rows`` as the repairs in force give them; with none in force, the same.

    What a broken input was answered says nothing of the version: a repaired row is answered again
    by ``version`` and marked ``replayed``. Its column ``repaired`` names the fields.
    """
    repairs = in_force(model)
    if not repairs or not len(rows):
        return rows
    known = client_queries.dataset_frame(version.training_version).inputs
    mended = mend(rows, repairs, Reference(known, spec_of(model)))
    hit = mended.touched
    told = rows.rows.assign(repaired=pd.Series(mended.fields, dtype=object))
    if hit.any():
        again = mended.inputs[hit].reset_index(drop=True)
        answers, confidences = artifacts.load(version).predict(again)
        said = told["prediction"].to_numpy(dtype=object, copy=True)
        said[hit] = answers
        # As pandas would read it, a column of strings is no column of objects.
        told["prediction"] = pd.Series(said, dtype=object)
        told.loc[hit, "confidence"] = confidences
        told["replayed"] = told["replayed"].to_numpy(dtype=bool) | hit
    return Rows(told, mended.inputs, rows.context, rows.signals)


def repaired_fields(rows: Rows) -> dict[str, str]:
    """id -> the fields that the view repaired; empty for rows as they came."""
    if "repaired" not in rows.rows:
        return {}
    pairs = zip(rows.rows["id"], rows.rows["repaired"], strict=True)
    return {str(row_id): str(fields) for row_id, fields in pairs if fields}
