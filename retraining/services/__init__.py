"""What the outside asks of the loop: one call each for commands, tasks, the API and the admin.

Each is imported when it is first asked for: a web process that takes rows in or shows a page has no
use for the libraries that learn, which take more memory than all the rest of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from retraining.services.doubting import ask_for_labels
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
    from retraining.services.repairs import (
        apply_repairs,
        offered,
        repair_and_retrain,
        withdraw_repairs,
    )
    from retraining.services.retention import purge_old_rows
    from retraining.services.review import (
        give_opinion,
        known_categories,
        next_row,
        progress,
        release,
        renew_claim,
        share,
    )
    from retraining.services.review_agreement import measure_agreement
    from retraining.services.review_asked import bring_asked_rows, hand_in_labels, to_hand_in
    from retraining.services.review_undo import undo_opinion
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
    "ask_for_labels",
    "bring_asked_rows",
    "bring_examples",
    "check_questions",
    "continue_cycle",
    "dirty_models",
    "draw_audit_sample",
    "due_checks",
    "existing_user",
    "finish_curation",
    "give_opinion",
    "hand_in_labels",
    "import_logs",
    "known_categories",
    "load_live",
    "look_again",
    "measure_agreement",
    "next_row",
    "offered",
    "onboard",
    "overrule",
    "predict",
    "predict_file",
    "profile_dirty",
    "profile_model",
    "progress",
    "purge_old_rows",
    "refuse",
    "reject_proposals",
    "relabel_proposal",
    "release",
    "renew_claim",
    "repair_and_retrain",
    "resume_cycle",
    "rollback",
    "routing",
    "run_cycle",
    "score_pending",
    "share",
    "sweep",
    "to_hand_in",
    "undo_opinion",
    "withdraw_repairs",
]

_NAMES = {
    "answering": ("Questions", "answer_and_log", "check_questions", "load_live", "routing"),
    "audit": ("draw_audit_sample",),
    "cycles": (
        "approve",
        "continue_cycle",
        "existing_user",
        "look_again",
        "overrule",
        "refuse",
        "run_cycle",
    ),
    "doubting": ("ask_for_labels",),
    "due": ("Swept", "answer_pending", "due_checks", "resume_cycle", "sweep"),
    "onboarding": ("Onboarded", "onboard"),
    "profiling": ("dirty_models", "profile_dirty", "profile_model"),
    "proposals": (
        "accept_proposals",
        "bring_examples",
        "finish_curation",
        "reject_proposals",
        "relabel_proposal",
    ),
    "repairs": ("apply_repairs", "offered", "repair_and_retrain", "withdraw_repairs"),
    "retention": ("purge_old_rows",),
    "review": (
        "give_opinion",
        "known_categories",
        "next_row",
        "progress",
        "release",
        "renew_claim",
        "share",
    ),
    "review_agreement": ("measure_agreement",),
    "review_asked": ("bring_asked_rows", "hand_in_labels", "to_hand_in"),
    "review_undo": ("undo_opinion",),
    "serving": (
        "Answer",
        "RolledBack",
        "import_logs",
        "predict",
        "predict_file",
        "rollback",
        "score_pending",
    ),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
