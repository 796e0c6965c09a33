"""What can go wrong between rows and a model, by name."""


class LearnerError(ValueError):
    """The rows, the checkpoint or the artifact can't be used; the message says why."""


class TooFewCategories(LearnerError):
    """Fewer than two categories: there is nothing to tell apart."""


class MissingColumn(LearnerError):
    """The inputs lack a column that the model was trained on."""


class NothingToLearn(LearnerError):
    """No rows, rows and labels that don't match, or inputs that say nothing (all blank)."""


class UnknownLabel(LearnerError):
    """A label that the model at hand has no category for."""


class WrongCheckpoint(LearnerError):
    """The checkpoint is of another learner or of other columns, so it can't be continued."""


class UnknownLearner(LearnerError):
    """No learner of that name is registered."""


class MissingExtra(UnknownLearner):
    """The learner comes with an optional extra that is not installed on this machine."""


class WrongEncoder(LearnerError):
    """The model was learned on another sentence encoder than the one that is installed."""


class BrokenArtifact(LearnerError):
    """The bytes are no stored model of ours, or are damaged."""


class UntrustedArtifact(LearnerError):
    """The artifact holds a type that is not on the fixed list; nothing of it was constructed."""
