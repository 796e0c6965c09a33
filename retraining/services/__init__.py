"""What the outside asks of the loop: one call each for commands, tasks, the API and the admin."""

from retraining.services.answering import (
    Questions,
    answer_and_log,
    check_questions,
    load_live,
    routing,
)
from retraining.services.audit import draw_audit_sample
from retraining.services.cycles import (
    approve,
    continue_cycle,
    existing_user,
    look_again,
    overrule,
    refuse,
    run_cycle,
)
from retraining.services.due import Swept, answer_pending, due_checks, resume_cycle, sweep
from retraining.services.onboarding import Onboarded, onboard
from retraining.services.profiling import dirty_models, profile_dirty, profile_model
from retraining.services.proposals import (
    accept_proposals,
    bring_examples,
    finish_curation,
    reject_proposals,
    relabel_proposal,
)
from retraining.services.repairs import apply_repairs, repair_and_retrain, withdraw_repairs
from retraining.services.retention import purge_old_rows
from retraining.services.serving import (
    Answer,
    RolledBack,
    import_logs,
    predict,
    predict_file,
    rollback,
    score_pending,
)

__all__ = [
    "Answer",
    "Onboarded",
    "Questions",
    "RolledBack",
    "Swept",
    "accept_proposals",
    "answer_and_log",
    "answer_pending",
    "apply_repairs",
    "approve",
    "bring_examples",
    "check_questions",
    "continue_cycle",
    "dirty_models",
    "draw_audit_sample",
    "due_checks",
    "existing_user",
    "finish_curation",
    "import_logs",
    "load_live",
    "look_again",
    "onboard",
    "overrule",
    "predict",
    "predict_file",
    "profile_dirty",
    "profile_model",
    "purge_old_rows",
    "refuse",
    "reject_proposals",
    "relabel_proposal",
    "repair_and_retrain",
    "resume_cycle",
    "rollback",
    "routing",
    "run_cycle",
    "score_pending",
    "sweep",
    "withdraw_repairs",
]
