"""The portal's addresses."""

from django.urls import path

from reports.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.start, name="start"),
]
