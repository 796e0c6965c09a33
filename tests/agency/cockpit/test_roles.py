"""Four roles, each with exactly the permissions of the table, whatever happened to the groups."""

from itertools import pairwise

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from agency.cockpit.roles import (
    APPROVER,
    GRANTS,
    LEAD,
    OPERATOR,
    READ_ONLY,
    ROLES,
    permissions_of,
    role_of,
)


def held(role):
    rows = Permission.objects.filter(group__name=role)
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_role_holds_exactly_what_the_table_says(role):
    assert held(role) == permissions_of(role)


@pytest.mark.django_db
def test_every_grant_names_a_permission_that_there_is():
    there = {f"{row.content_type.app_label}.{row.codename}" for row in Permission.objects.all()}
    assert permissions_of(LEAD) <= there


@pytest.mark.django_db(transaction=True)
def test_a_migration_puts_the_roles_right_and_leaves_the_agencys_own_groups_alone():
    call_command("migrate", verbosity=0)
    own = Group.objects.create(name="night shift")
    own.permissions.add(Permission.objects.get(codename="view_cycle"))
    Group.objects.get(name=APPROVER).permissions.clear()
    Group.objects.get(name=READ_ONLY).permissions.add(
        Permission.objects.get(codename="approve_cycle")
    )
    Group.objects.get(name=OPERATOR).delete()
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert {role: held(role) for role in ROLES} == {r: permissions_of(r) for r in ROLES}
    assert held("night shift") == {"retraining.view_cycle"}
    assert Group.objects.count() == len(ROLES) + 1


def test_each_role_holds_what_the_one_before_it_holds():
    for lower, higher in pairwise(ROLES):
        assert permissions_of(lower) < permissions_of(higher)


def test_who_may_only_look_may_nothing_else():
    assert {name.split(".")[1].split("_")[0] for name in permissions_of(READ_ONLY)} == {"view"}


def test_nobody_may_make_themselves_more_than_they_are():
    assert not {
        name for name in permissions_of(LEAD) if name.startswith("auth.") and ".view_" not in name
    }


def test_only_those_who_approve_decide_what_reaches_the_client():
    reach = {"retraining.approve_cycle", "reports.send_monthlyreport"}
    assert [role for role in ROLES if reach & permissions_of(role)] == [APPROVER, LEAD]


def test_a_person_in_several_groups_is_what_the_highest_says():
    assert role_of(["operator", "lead", "night shift"]) == LEAD
    assert role_of(["night shift"]) == ""
    assert tuple(GRANTS) == (READ_ONLY, OPERATOR, APPROVER, LEAD)
