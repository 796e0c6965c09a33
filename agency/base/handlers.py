"""What Django itself answers where no view does: problem+json under /api/, its own page elsewhere."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from agency.base.api import PROBLEM, StoreUnavailable, is_store_failure, problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A host that is not ours, a cookie or header that Django refuses."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    return _problem(400, "bad_request", "The request cannot be understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return _problem(403, "permission_denied", "There is no right to this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return _problem(404, "not_found", "Not found.")


def server_error(request: HttpRequest) -> HttpResponse:
    """What failed outside of a view, in a middleware; a store that is away is a 503 here as well."""
    if not _is_api(request):
        return defaults.server_error(request)
    failure = sys.exc_info()[1]  # Django calls this while it handles the exception
    if failure is not None and is_store_failure(failure):
        response = _problem(503, StoreUnavailable.default_code, StoreUnavailable.default_detail)
        response["Retry-After"] = str(StoreUnavailable.wait)
        return response
    return _problem(500, "error", "Server Error (500)")


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    body = problem(status=status, errors=[{"pointer": "", "code": code, "detail": detail}])
    response = JsonResponse(body, status=status, content_type=PROBLEM)
    response["X-Request-ID"] = body["request_id"]
    return response
