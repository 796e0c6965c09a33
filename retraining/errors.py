"""What goes wrong with versions, for those who must not load what a version is made of."""

from agency.base.errors import DomainError


class NotRunnableHere(DomainError):
    """The model is whole, but this machine lacks what it was learned with."""

    code = "not_runnable_here"
