"""What every API view shares: cursor pages and problem+json errors."""

import errno
import logging
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler as StandardHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from agency.base.errors import (
    BadInput,
    Conflict,
    Corrupt,
    DomainError,
    NotAllowed,
    NotFound,
    OverQuota,
)

logger = logging.getLogger(__name__)

PROBLEM = "application/problem+json"


class Page(CursorPagination):
    """Newest first, by cursor: a row that arrives between two pages is neither lost nor repeated."""

    ordering: Any = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        # DRF hands the position to the database as it came; ours are keys.
        position = "0" if cursor is None or cursor.position is None else str(cursor.position)
        if not (position.isascii() and position.isdecimal() and len(position) < 20):
            raise exceptions.NotFound
        return cursor


class Unprocessable(exceptions.APIException):
    status_code = 422
    default_detail = "Something that was sent cannot be used."
    default_code = BadInput.code


class InConflict(exceptions.APIException):
    status_code = 409
    default_detail = "It is not in the state that this needs."
    default_code = Conflict.code


class Unavailable(exceptions.APIException):
    status_code = 503
    default_detail = "What was asked for cannot be read at the moment."
    default_code = Corrupt.code


class StoreUnavailable(exceptions.APIException):
    """The database or the disk is not there or full. What was sent is stored whole or not at all."""

    status_code = 503
    default_detail = "The store cannot be reached at the moment. Send the same request again later."
    default_code = "store_unavailable"
    wait = 5  # seconds, the Retry-After


class Refusal(exceptions.APIException):
    """An error with a status of its own and any number of faults, each ``{pointer, code, detail}``.

    ``detail`` and the faults' details are our sentences: nothing in them comes from what was sent.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        faults: Sequence[Mapping[str, Any]] = (),
        extra: Mapping[str, Any] | None = None,
        wait: int | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.faults = [dict(fault) for fault in faults]
        self.extra = dict(extra or {})
        self.wait = wait


# The most special first. The sentences of domain errors are for our staff and may quote what was
# sent: an answer of the API says what kind of error it is, and quotes nothing.
ANSWERS: tuple[tuple[type[DomainError], type[exceptions.APIException]], ...] = (
    (NotFound, exceptions.NotFound),
    (BadInput, Unprocessable),
    (Conflict, InConflict),
    (NotAllowed, exceptions.PermissionDenied),
    (Corrupt, Unavailable),
)


class ExceptionHandler(StandardHandler):
    """Domain errors become HTTP errors, and every error names the request that it belongs to."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Http404 | exceptions.NotFound):
            # One body, whatever was not found and whosever it is.
            return exceptions.NotFound()
        if isinstance(exc, OverQuota):
            return exceptions.Throttled(wait=exc.retry_after)
        for raised, answer in ANSWERS:
            if isinstance(exc, raised):
                return answer()
        if is_store_failure(exc):
            return StoreUnavailable()
        converted: Exception = super().convert_known_exceptions(exc)
        return converted

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        response = Response(
            data, status=exc.status_code, headers=self.get_headers(exc), content_type=PROBLEM
        )
        response["X-Request-ID"] = data["request_id"]
        if exc.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.error("request %s failed: %s", data["request_id"], type(self.exc).__name__)
        return response


class ProblemFormatter(ExceptionFormatter):
    """The body of an error, as RFC 9457 has it, with every fault by its place in what was sent."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        if isinstance(self.exc, Refusal) and self.exc.faults:
            return problem(status=self.exc.status_code, errors=self.exc.faults) | self.exc.extra
        return problem(
            status=self.exc.status_code,
            errors=[
                {
                    "pointer": "/" + error.attr.replace(".", "/") if error.attr else "",
                    "code": error.code,
                    "detail": error.detail,
                }
                for error in error_response.errors
            ],
        )


FULL_OR_BROKEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE})


def is_store_failure(error: BaseException) -> bool:
    """Is it the database or the disk that failed, rather than the request or our code?"""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, OSError) and error.errno in FULL_OR_BROKEN


def problem(*, status: int, errors: list[dict[str, Any]]) -> dict[str, Any]:
    """A problem body; its code is the first error's."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": errors[0]["code"],
        "request_id": uuid.uuid4().hex,
        "errors": errors,
    }


class WhateverIsAccepted(BaseContentNegotiation):
    """For views that answer with a file: its type is fixed, and errors stay problem+json."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type
