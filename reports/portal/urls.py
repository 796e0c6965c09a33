"""The portal's addresses; tests/portal/matrix.py says of each who may ask and what they get."""

from django.urls import path

from reports.portal import alerts, calendar, corrections, home, models, reports

app_name = "portal"
urlpatterns = [
    path("", home.start, name="start"),
    path("<slug:client>/", home.home, name="home"),
    path("<slug:client>/models/<slug:model>/", models.model, name="model"),
    path("<slug:client>/reports/", reports.reports, name="reports"),
    path("<slug:client>/reports/<int:pk>/", reports.report, name="report"),
    path("<slug:client>/reports/<int:pk>/page", reports.page, name="report-page"),
    path("<slug:client>/reports/<int:pk>/pdf", reports.pdf, name="report-pdf"),
    path("<slug:client>/calendar/", calendar.calendar, name="calendar"),
    path("<slug:client>/calendar/new/", calendar.announce, name="announce"),
    path("<slug:client>/calendar/<int:pk>/", calendar.edit, name="event"),
    path("<slug:client>/calendar/<int:pk>/withdraw", calendar.withdraw, name="withdraw"),
    path("<slug:client>/corrections/", corrections.choose, name="corrections"),
    path("<slug:client>/corrections/<slug:model>/", corrections.answers, name="answers"),
    path("<slug:client>/corrections/<slug:model>/<int:pk>/", corrections.correct, name="correct"),
    path("<slug:client>/alerts/", alerts.alerts, name="alerts"),
    path("<slug:client>/alerts/subscription", alerts.subscribe, name="subscription"),
]
