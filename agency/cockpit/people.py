"""Users and groups, in the admin's own dress, with the role that each person holds."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest

from agency.base.admin import (
    AdminPasswordChangeForm,
    ModelAdmin,
    UserChangeForm,
    UserCreationForm,
    display,
)
from agency.cockpit.roles import role_of

admin.site.unregister(User)
admin.site.unregister(Group)
# A person looks after these on pages of their own.
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "role", "email", "is_active", "last_login")
    list_filter = ("groups", "is_superuser", "is_staff", "is_active")
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a password not even the hash's beginning is for those who may only look."""
        shown = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or obj is None:
            return shown
        return [
            (title, {**options, "fields": [n for n in options["fields"] if n != "password"]})
            for title, options in shown
        ]

    @display(description="role")
    def role(self, user: User) -> str:
        if user.is_superuser:
            return "superuser"
        if not user.is_staff:
            return "a client's"
        return role_of(group.name for group in user.groups.all()) or "no role yet"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass
