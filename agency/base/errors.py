"""The errors that the domain raises; commands, views and admin actions translate them."""


class DomainError(Exception):
    """Something asked for cannot be done; ``str(error)`` is one sentence for the person who asked."""

    code = "domain_error"


class BadInput(DomainError):
    """What was handed in is wrong; nothing was stored. Commands exit with 2, the API answers 4xx."""

    code = "bad_input"


class NotFound(BadInput):
    """No such client, model, version or user."""

    code = "not_found"


class Conflict(DomainError):
    """The row is not in the state that this call needs, or somebody else was faster."""

    code = "conflict"


class NotAllowed(DomainError):
    """This person, key or tier has no right to it."""

    code = "not_allowed"


class Corrupt(DomainError):
    """Stored bytes do not match the hash that they are kept under."""

    code = "corrupt"


class OverQuota(DomainError):
    """The client has used what it may; ``retry_after`` seconds from now it may go on."""

    code = "over_quota"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
