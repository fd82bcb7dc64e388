"""What services raise: a code for programs, a sentence for people, and which field to mend.

The sentence is an English message with `%(name)s` places; pages show it in the reader's language.
"""

from __future__ import annotations


class DomainError(Exception):
    """Something that people may be told."""

    status = 400
    code = "error"

    def __init__(
        self, message: str, *, code: str | None = None, field: str | None = None, **values: object
    ) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values
        self.field = field
        self.code = code or type(self).code


class NotFound(DomainError):
    """There is no such thing, or it is not yours to see: nobody is told which."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = "There is nothing here, or it is not yours to see.") -> None:
        super().__init__(message)


class SignInNeeded(DomainError):
    """Only people who signed in see this."""

    status = 401
    code = "sign_in_needed"

    def __init__(self, message: str = "Please sign in first.") -> None:
        super().__init__(message)


class Forbidden(DomainError):
    """You may see this and still not do that."""

    status = 403
    code = "forbidden"


class Invalid(DomainError):
    """What was entered cannot be used as it is."""

    status = 422
    code = "invalid"


class Conflict(DomainError):
    """What was asked no longer fits what has happened meanwhile."""

    status = 409
    code = "conflict"


class TooMany(DomainError):
    """Asked too often."""

    status = 429
    code = "too_many"
