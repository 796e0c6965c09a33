"""What the review page says of a row before and after its label is given."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agency.base.admin import rate
from retraining.admin.readable import plain
from retraining.curation.why import CORRECTED, SAMPLED
from retraining.models import Proposal, ReviewOpinion
from retraining.services.review import Turn

if TYPE_CHECKING:
    from retraining.services.review_agreement import Agreement

# The keys 1 to 6. A reason is kept on the row and stands in the counts of the client's report.
REASONS = (
    "No real request: a test, spam or noise",
    "Cannot be understood or is cut off",
    "Several categories at once",
    "No category fits, and no new one is wanted",
    "Holds personal data that was not masked",
)
# Why a row is here, said so that it does not tell whether the model agreed with the label.
NEUTRAL = {
    "review": "It was drawn at random and given a label.",
    "override": "Somebody who had seen the answer confirmed or corrected it.",
}


def why_here(proposal: Proposal) -> str:
    """Why the row is here, without a hint of what the model answered."""
    neutral = NEUTRAL.get(proposal.source, "It came with a label.")
    return proposal.why.replace(CORRECTED, neutral).replace(SAMPLED, neutral)


@dataclass(frozen=True)
class Last:
    """The row that was decided last, with what stays hidden before."""

    said: str
    read: str
    reveals: list[str]
    agrees: bool | None

    @classmethod
    def of(cls, opinion: ReviewOpinion) -> "Last":
        """What this person said, and only now what the model had: its answer, doubt, disagreement.

        Of a row that a comparison asked for nothing is told: it would say which model to favour.
        """
        row = opinion.proposal
        said = f"rejected: {opinion.reason}" if opinion.label == "" else opinion.label
        read = row_line(row.input)
        if row.kind == Proposal.Kind.ASKED:
            hidden = "What either model answered stays hidden until the comparison."
            return cls(said, read, [hidden], None)
        reveals, agrees = [], None
        if opinion.label and row.prediction:
            agrees = opinion.label == row.prediction
        if row.prediction and not agrees:
            reveals.append(f"the model had answered {row.prediction}")
        if opinion.label != row.label:
            reveals.append(f"it came labelled {row.label}")
        if row.doubt is not None:
            reveals.append(f"the checks doubted that label by {row.doubt:.2f} of 1")
        return cls(said, read, reveals, agrees)


def row_line(content: Any) -> str:
    """One line of a row's input."""
    if not isinstance(content, dict):
        return str(content)
    return str(
        content.get("text") or ", ".join(f"{name} {plain(v)}" for name, v in content.items())
    )


def label_shown(turn: Turn) -> str:
    """The label that accepting confirms; empty where the row is labelled from scratch."""
    return "" if turn.from_scratch else turn.proposal.label


def agreement_words(found: "Agreement | None") -> str:
    """How far two people agreed, with its interval and n; empty where no row has two opinions."""
    if found is None:
        return ""
    raw = f"They said the same of {rate(found.raw.as_dict())}"
    if found.kappa is None:
        return f"{raw}. Kappa is not defined: both said one category throughout."
    beyond = found.kappa
    return f"{raw}; kappa {beyond.estimate:.2f} ({beyond.low:.2f} to {beyond.high:.2f})."
