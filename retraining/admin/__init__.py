"""The staff's pages of the loop: cycles and decisions, the queue, models, and what is history."""

from retraining.admin import (
    cycle,
    maintained_model,
    must_pass,
    policy_override,
    proposal,
    records,
    repair,
    review_opinion,
)

__all__ = [
    "cycle",
    "maintained_model",
    "must_pass",
    "policy_override",
    "proposal",
    "records",
    "repair",
    "review_opinion",
]
