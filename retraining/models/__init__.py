"""The loop's rows: one model a file. Results are immutable; a cycle is a job."""

from retraining.models.audit_sample import AuditSample, AuditSampleRow
from retraining.models.comparison import Comparison
from retraining.models.cycle import Cycle, CycleTransition, State
from retraining.models.daily_profile import DailyProfile
from retraining.models.decision import Decision
from retraining.models.diagnosis import Diagnosis
from retraining.models.eval_run import EvalRow, EvalRun
from retraining.models.model_version import ModelVersion
from retraining.models.must_pass import MustPass
from retraining.models.policy_override import PolicyOverride
from retraining.models.proposal import Proposal
from retraining.models.repair import AppliedRepair
from retraining.models.review_opinion import ReviewOpinion
from retraining.models.rollout import Rollout

__all__ = [
    "AppliedRepair",
    "AuditSample",
    "AuditSampleRow",
    "Comparison",
    "Cycle",
    "CycleTransition",
    "DailyProfile",
    "Decision",
    "Diagnosis",
    "EvalRow",
    "EvalRun",
    "ModelVersion",
    "MustPass",
    "PolicyOverride",
    "Proposal",
    "ReviewOpinion",
    "Rollout",
    "State",
]
