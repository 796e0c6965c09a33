"""What every API view shares: cursor pages and problem+json errors."""

import logging
import uuid
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.views.defaults import page_not_found
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler as StandardHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from agency.base.errors import BadInput, Conflict, Corrupt, DomainError, NotAllowed, NotFound

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
        for raised, answer in ANSWERS:
            if isinstance(exc, raised):
                return answer()
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


def problem(*, status: int, errors: list[dict[str, str]]) -> dict[str, Any]:
    """A problem body; its code is the first error's."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": errors[0]["code"],
        "request_id": uuid.uuid4().hex,
        "errors": errors,
    }


def not_found(request: HttpRequest, exception: Exception) -> Any:
    """Django's handler404: an address under /api/ that is none gets the API's own 404."""
    if not request.path.startswith("/api/"):
        return page_not_found(request, exception)
    detail = exceptions.NotFound.default_detail
    body = problem(status=404, errors=[{"pointer": "", "code": "not_found", "detail": str(detail)}])
    return JsonResponse(body, status=404, content_type=PROBLEM)


class WhateverIsAccepted(BaseContentNegotiation):
    """For views that answer with a file: its type is fixed, and errors stay problem+json."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type
