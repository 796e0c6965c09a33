"""Every address of the service."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from agency.accounts import brand
from agency.accounts.start import start
from agency.health import healthz, readyz
from agency.metrics import metrics

api: list[URLPattern | URLResolver] = [
    path("", include("clients.api")),
    path("", include("retraining.api")),
    path("", include("reports.api")),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
]

# Signing in to the admin is signing in: with the same limits and the second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", start, name="start"),
    path("brand.css", brand.stylesheet, name="brand-css"),
    path("brand.svg", brand.logo, name="brand-logo"),
    path("accounts/", include("agency.accounts.urls")),
    path("portal/", include("reports.portal.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("", include("reports.links")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]

handler400 = "agency.base.handlers.bad_request"
handler403 = "agency.base.handlers.permission_denied"
handler404 = "agency.base.handlers.not_found"
handler500 = "agency.base.handlers.server_error"
