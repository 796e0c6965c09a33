"""Every address of the service."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from agency.health import healthz, readyz

api: list[URLPattern | URLResolver] = [
    path("", include("clients.api")),
    path("", include("retraining.api")),
    path("", include("reports.api")),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("healthz", healthz),
    path("readyz", readyz),
]

handler400 = "agency.base.handlers.bad_request"
handler403 = "agency.base.handlers.permission_denied"
handler404 = "agency.base.handlers.not_found"
handler500 = "agency.base.handlers.server_error"
