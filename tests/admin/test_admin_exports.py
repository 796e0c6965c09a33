"""Export and import in the admin: bounded, logged, safe from formulas, checked whole before stored."""

import pytest
from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agency.base.tables import as_csv, as_xlsx, read_table
from clients.admin import PredictionLogAdmin
from clients.models import KnownEvent
from retraining.models import Cycle, Proposal
from tests.factories import APRIL, PredictionLogFactory, ProposalFactory, UserFactory

EVIL = "=cmd|' /C calc'!A0"
TABLES = ["retraining_proposal", "clients_datasetrow", "clients_predictionlog",
          "clients_knownevent", "clients_stafftime"]  # fmt: skip


def export(client, table, rows, kind="csv", query="", **more):
    post = {"action": f"export_{kind}", ACTION_CHECKBOX_NAME: [row.pk for row in rows]}
    return client.post(reverse(f"admin:{table}_changelist") + query, post | {"index": "0"} | more)


def rows_of(answer, kind="csv"):
    assert answer.status_code == 200, answer
    return read_table(name=f"x.{kind}", content=answer.content)


def upload(client, table, content, name="labels.csv", **chosen):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse(f"admin:{table}_import_rows"), {"file": file, **chosen})


def confirm(client, table, checked):
    return client.post(reverse(f"admin:{table}_import_rows"), {"checked": checked})


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def signed_in(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("table", TABLES)
def test_every_table_exports_and_the_log_says_who_what_and_how_many(
    client, staff, world, table, kind
):
    model = apps.get_model(*table.split("_"))
    rows = list(model.objects.all())
    answer = export(client, table, rows, kind, "?state=all" if model is Proposal else "")
    assert len(rows_of(answer, kind)) == len(rows) > 0
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    assert "no-store" in answer["Cache-Control"]
    entry = LogEntry.objects.get(user=staff)
    assert f"Exported {len(rows)} " in entry.change_message and kind.upper() in entry.change_message


def test_all_rows_of_a_filter_go_with_the_filter_in_the_log(client, staff, world):
    PredictionLogFactory(model=world.model, label="login", label_source="review")
    query = "?label_source__exact=review"
    answer = export(client, "clients_predictionlog", [world.log], query=query, select_across="1")
    assert [row["label"] for row in rows_of(answer)] == ["login"]
    assert "label_source__exact=review" in LogEntry.objects.get(user=staff).change_message


def test_more_rows_than_fit_are_refused(client, staff, world, monkeypatch):
    monkeypatch.setattr(PredictionLogAdmin, "export_most", 1)
    PredictionLogFactory(model=world.model)
    answer = export(client, "clients_predictionlog", [world.log], select_across="1")
    assert answer.status_code == 302 and "At most 1 " in told(answer)[0]
    assert not LogEntry.objects.exists()


def test_rows_of_the_logs_leave_masked(client, staff, world):
    log = PredictionLogFactory(model=world.model, input={"text": "write to ada@example.org"})
    (row,) = rows_of(export(client, "clients_predictionlog", [log]))
    assert "ada@" not in row["input"] and row["input"].startswith("write to")


def test_an_exported_queue_is_as_blind_as_the_page(client, staff, world):
    waiting, shared, decided = (
        ProposalFactory(
            cycle=world.curating, label=f"came-{n}", prediction="zebra-answer",
            why="Answered wrong and corrected.", **fields,
        )
        for n, fields in enumerate(
            [
                {},
                {"shared": True},
                {"state": "accepted", "final_label": "came-2", "decided_by": "lee",
                 "decided_at": APRIL},
            ]
        )
    )  # fmt: skip
    answer = export(client, "retraining_proposal", [waiting, shared, decided], query="?state=all")
    found = {row["row_id"]: row for row in rows_of(answer)}
    assert [found[row.row_id]["came_with"] for row in (waiting, shared, decided)] == [
        "came-0", "", "came-2",
    ]  # fmt: skip
    assert [found[row.row_id]["model_answer"] for row in (waiting, shared, decided)] == [
        "", "", "zebra-answer",
    ]  # fmt: skip
    assert "wrong" not in found[waiting.row_id]["why"]


def labels(*rows):
    return as_csv(["row_id", "label", "reason"], rows)


def test_labels_come_back_after_a_check_and_a_confirmation(client, staff, world):
    first, second, third = world.proposals
    content = labels(
        (first.row_id, "delivery", ""), (second.row_id, "login", ""),
        (third.row_id, "", "spam"), (third.row_id.replace("row", "no"), "", ""),
    )  # fmt: skip
    checked = upload(client, "retraining_proposal", content, cycle=world.curating.pk)
    assert "has no row" in checked.content.decode() and not checked.context["checked"]
    content = labels(
        (first.row_id, "delivery", ""), (second.row_id, "login", ""), (third.row_id, "", "spam")
    )
    checked = upload(client, "retraining_proposal", content, cycle=world.curating.pk)
    assert checked.context["done"].wrong == []
    assert not Proposal.objects.exclude(state="proposed").exists()
    answer = confirm(client, "retraining_proposal", checked.context["checked"])
    assert told(answer) == ["Imported 3 proposals; 0 were so."]
    assert set(Proposal.objects.values_list("state", "final_label", "reason", "decided_by")) == {
        ("accepted", "delivery", "", "dana"),
        ("relabelled", "login", "", "dana"),
        ("rejected", "", "spam", "dana"),
    }
    history = client.get(reverse("admin:retraining_proposal_history", args=[first.pk]))
    assert "Imported from labels.csv" in history.content.decode()


def test_an_exported_queue_comes_back_and_changes_nothing_until_it_is_filled_in(
    client, staff, world
):
    evil = ProposalFactory(cycle=world.curating, row_id=EVIL, label=EVIL, input={"text": EVIL})
    rows = [*world.proposals, evil]
    for kind in ("csv", "xlsx"):
        out = rows_of(export(client, "retraining_proposal", rows, kind), kind)
        assert next(row for row in out if row["row_id"] == EVIL)["input"] == EVIL
        write = {"csv": as_csv, "xlsx": as_xlsx}[kind]
        content = write(list(out[0]), [list(row.values()) for row in out])
        back = upload(client, "retraining_proposal", content, f"q.{kind}", cycle=world.curating.pk)
        assert back.context["done"].same == len(rows) and not back.context["checked"]
    filled = as_csv(["row_id", "label"], [[EVIL, EVIL]])
    checked = upload(client, "retraining_proposal", filled, cycle=world.curating.pk)
    confirm(client, "retraining_proposal", checked.context["checked"])
    evil.refresh_from_db()
    assert (evil.state, evil.final_label) == ("accepted", EVIL)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("row-none", "login", ""), "has no row"),
        (("{0}", "login", "spam"), "not both"),
        (("{0}", "a new thing", ""), "no category is called"),
        (("{1}", "login", ""), "decided by lee already"),
        (("{2}", "login", ""), "in the file twice"),
    ],
)
def test_one_bad_line_is_told_by_its_row_and_nothing_is_stored(client, staff, world, line, why):
    ids = [row.row_id for row in world.proposals]
    Proposal.objects.filter(row_id=ids[1]).update(
        state="accepted", final_label="delivery", decided_by="lee", decided_at=APRIL
    )
    bad = tuple(cell.format(*ids) for cell in line)
    content = labels((ids[2], "login", ""), bad)
    checked = upload(client, "retraining_proposal", content, cycle=world.curating.pk)
    ((number, told_why),) = checked.context["done"].wrong
    assert number == 3 and why in told_why
    assert not checked.context["checked"]
    assert Proposal.objects.filter(state="proposed").count() == 2


def test_a_new_category_comes_in_where_it_is_meant(client, staff, world):
    content = labels((world.proposals[0].row_id, "refunds", ""))
    checked = upload(
        client, "retraining_proposal", content, cycle=world.curating.pk, new_categories="on"
    )
    confirm(client, "retraining_proposal", checked.context["checked"])
    assert Proposal.objects.filter(final_label="refunds").count() == 1


def test_what_changed_since_the_check_stops_the_whole_import(client, staff, world):
    content = labels(*((row.row_id, "login", "") for row in world.proposals))
    checked = upload(client, "retraining_proposal", content, cycle=world.curating.pk)
    Proposal.objects.filter(pk=world.proposals[2].pk).update(
        state="rejected", reason="spam", decided_by="lee", decided_at=APRIL
    )
    answer = confirm(client, "retraining_proposal", checked.context["checked"])
    assert "Nothing was stored" in answer.content.decode()
    assert not Proposal.objects.filter(state="relabelled").exists()
    Cycle.objects.filter(pk=world.curating.pk).update(state="retraining")
    answer = confirm(client, "retraining_proposal", checked.context["checked"])
    assert "This queue is closed" in answer.content.decode()


def test_a_check_of_somebody_else_or_made_up_is_not_imported(client, staff, world):
    content = labels((world.proposals[0].row_id, "login", ""))
    checked = upload(client, "retraining_proposal", content, cycle=world.curating.pk)
    other = signed_in("view_proposal", "change_proposal")
    for browser, token in ((other, checked.context["checked"]), (client, "made up")):
        answer = confirm(browser, "retraining_proposal", token)
        assert "too old" in answer.content.decode()
    assert not Proposal.objects.filter(state="relabelled").exists()


def test_seeing_allows_export_and_changing_allows_import(world):
    reader = signed_in("view_proposal")
    assert len(rows_of(export(reader, "retraining_proposal", world.proposals))) == 3
    assert reader.get(reverse("admin:retraining_proposal_import_rows")).status_code == 403
    assert (
        "Import ..."
        not in reader.get(reverse("admin:retraining_proposal_changelist")).content.decode()
    )
    nobody = signed_in("view_alert")
    assert export(nobody, "retraining_proposal", world.proposals).status_code == 403


EVENT = ["id", "client", "model", "kind", "title", "starts_at", "ends_at"]


def test_events_go_out_and_come_back_and_new_ones_are_added(client, staff, world):
    world.client.timezone = "Europe/Berlin"
    world.client.save()
    event = KnownEvent.objects.get()
    KnownEvent.objects.update(title=EVIL, model=world.model)
    (row,) = rows_of(export(client, "clients_knownevent", [event]))
    same = [row[name] for name in EVENT]
    assert same[4] == EVIL
    moved = [*same[:4], "Summer sale", *same[5:]]
    new = ["", "acme", "", "release", "App 2", "2025-04-01", "2025-04-02 12:00"]
    back = upload(client, "clients_knownevent", as_csv(EVENT, [same]), "e.csv")
    assert back.context["done"].same == 1
    checked = upload(client, "clients_knownevent", as_xlsx(EVENT, [moved, new]), "e.xlsx")
    confirm(client, "clients_knownevent", checked.context["checked"])
    event.refresh_from_db()
    assert event.title == "Summer sale"
    assert event.history.first().history_change_reason == "Imported from e.xlsx"
    assert event.history.first().history_user == staff
    added = KnownEvent.objects.exclude(pk=event.pk).get()
    assert (added.title, added.declared_by, added.model) == ("App 2", "dana", None)
    assert added.starts_at.isoformat().startswith("2025-03-31T22:00")


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        (1, "nobody", "no client"),
        (2, "nothing", "no model"),
        (3, "party", "kind"),
        (4, "", "title"),
        (5, "soon", "not a time"),
        (6, "2024-01-01", "event_ends_after_start"),
        (0, "999", "no event with the id"),
    ],
)
def test_a_bad_event_is_told_and_none_is_stored(client, staff, world, place, value, why):
    good = ["", "acme", "", "release", "App 2", "2025-04-01", "2025-04-02"]
    bad = [*good]
    bad[place] = value
    checked = upload(client, "clients_knownevent", as_csv(EVENT, [good, bad]), "e.csv")
    ((number, told_why),) = checked.context["done"].wrong
    assert number == 3 and why in told_why
    assert KnownEvent.objects.count() == 1


def test_a_file_without_its_columns_or_of_another_kind_is_refused(client, staff, world):
    for content, name in ((b"a,b\n1,2", "x.csv"), (b"x", "x.pdf")):
        answer = upload(client, "clients_knownevent", content, name)
        assert "the file" in answer.context["refused"]
