"""Proposals as files: a queue to label offline, and the labels that come back."""

from typing import Any

from django import forms
from import_export.fields import Field
from import_export.resources import Resource

from agency.base.admin import CheckBox, SelectWidget
from agency.base.errors import BadInput, Conflict
from agency.base.exchange import Asked, Importer, UploadForm
from agency.base.tables import Row
from clients.exchange import column, input_text
from retraining import services
from retraining.admin.review_words import why_here
from retraining.models import Cycle, Proposal, State

OPEN = Proposal.State.PROPOSED


class ProposalExport(Resource):
    """A queue as the review page shows it: until a row is decided the model's answer is not in it."""

    cycle = column("cycle", "cycle_id")
    model = column("model", "model.path")
    row_id = column("row_id")
    kind = column("kind")
    source = column("source")
    input = Field(column_name="input")
    came_with = Field(column_name="came_with")
    why = Field(column_name="why")
    state = column("state")
    label = column("label", "final_label")
    reason = column("reason")
    decided_by = column("decided_by")
    model_answer = Field(column_name="model_answer")

    def dehydrate_input(self, row: Proposal) -> str:
        return input_text(row.input)

    def dehydrate_came_with(self, row: Proposal) -> str:
        return "" if row.state == OPEN and row.shared else row.label

    def dehydrate_why(self, row: Proposal) -> str:
        return why_here(row) if row.state == OPEN else row.why

    def dehydrate_model_answer(self, row: Proposal) -> str:
        return "" if row.state == OPEN else row.prediction


class LabelsForm(UploadForm):
    """Which queue the labels are of, and whether names that nobody knows are meant."""

    cycle = forms.ModelChoiceField(
        queryset=Cycle.objects.none(), label="Queue", empty_label=None, widget=SelectWidget()
    )
    new_categories = forms.BooleanField(
        required=False,
        widget=CheckBox(),
        label="New categories are meant",
        help_text="Otherwise a category that the model does not know is an error.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queues: Any = self.fields["cycle"]
        queues.queryset = (
            Cycle.objects.filter(state=State.CURATING)
            .select_related("model__client")
            .defer("policy", "tier", "registered", "monitor", "collected", "model__schema")
        )


class LabelImporter(Importer):
    """Labels given offline: a label accepts or relabels the row, a reason alone rejects it.

    Rows with neither stay open. Seconds were not measured, so these are decisions and no opinions.
    """

    columns = ("row_id", "label", "reason")
    needed = ("row_id", "label")

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        cycle = Cycle.objects.select_related("model").filter(pk=asked.chosen["cycle"]).first()
        if cycle is None or cycle.state != State.CURATING:
            raise Conflict("this queue is closed")
        self.rows = {row.row_id: row for row in cycle.proposals.select_related("model")}
        self.known = set(services.known_categories(cycle.model))
        self.seen: set[str] = set()

    def take(self, row: Row) -> Proposal | None:
        key, label, reason = row["row_id"], row["label"], row["reason"]
        proposal = self.rows.get(key)
        if proposal is None:
            raise BadInput(f"the queue has no row {key!r}")
        if key in self.seen:
            raise BadInput(f"the row {key!r} is in the file twice")
        self.seen.add(key)
        if label and reason:
            raise BadInput("give a label or a reason to reject the row, not both")
        if proposal.state != OPEN:
            self._decided(proposal, label, reason)
            return None
        if not label and not reason:
            return None
        if label and label not in self.known and not self.asked.chosen.get("new_categories"):
            raise BadInput(
                f"no category is called {label!r}; if it is new, tick 'New categories are meant'"
            )
        self._decide(proposal, label, reason)
        proposal.refresh_from_db()
        return proposal

    def _decided(self, proposal: Proposal, label: str, reason: str) -> None:
        same = (label, reason) == (proposal.final_label, proposal.reason)
        if not same and (label or reason):
            raise Conflict(f"{proposal.row_id} has been decided by {proposal.decided_by} already")

    def _decide(self, proposal: Proposal, label: str, reason: str) -> None:
        by, at = self.asked.by, self.asked.at
        here = Proposal.objects.filter(pk=proposal.pk)
        if reason:
            done = services.reject_proposals(proposals=here, by=by, reason=reason, at=at)
        elif label == proposal.label:
            done = services.accept_proposals(proposals=here, by=by, at=at)
        else:
            services.relabel_proposal(proposal=proposal, label=label, by=by, at=at)
            done = 1
        if done != 1:
            raise Conflict(f"{proposal.row_id} has been decided already")
