from dataclasses import replace

import pytest

from agency.base.errors import BadInput
from clients.dataset_import import import_rows
from clients.models import DatasetRow, DatasetVersion
from clients.queries import current_version, dataset_frame, rows_of
from clients.services import (
    LabelledRow,
    add_dataset_version,
    erase_dataset_rows,
    verify_dataset_version,
)
from tests.clients.samples import AT, TRAIN


def row(row_id, text, label="billing", **more):
    return LabelledRow(row_id, {"text": text}, label, "import", **more)


def add(model, *rows, kind="training", **more):
    return add_dataset_version(
        model=model, kind=kind, rows=rows, by="lee", reason="more", at=AT, **more
    )


def ids(version):
    return [found.row_id for found in rows_of(version)]


def test_a_version_inherits_what_was_there(text_model):
    first = current_version(model=text_model, kind="training")
    second = add(text_model, row("t-4", "Refund please", log_row_id="m-7"), remove=["t-2"])
    assert (ids(first), ids(second)) == (["t-1", "t-2", "t-3"], ["t-1", "t-3", "t-4"])
    assert (second.number, second.parent, second.rows, second.added, second.removed) == (
        2,
        first,
        3,
        1,
        1,
    )
    assert (second.by, second.reason, second.created_at) == ("lee", "more", AT)
    assert dataset_frame(second).log_row_ids == ["", "", "m-7"]
    assert first.sha256 != second.sha256
    assert verify_dataset_version(first) == verify_dataset_version(second) == []


def test_the_same_rows_again_are_the_same_version(text_model):
    first = current_version(model=text_model, kind="training")
    assert add(text_model, row("t-2", "I was charged twice")) == first
    assert add(text_model) == first
    assert DatasetVersion.objects.count() == 1


def test_known_rows_are_skipped_among_new_ones(text_model):
    version = add(text_model, row("t-2", "I was charged twice"), row("t-9", "Refund?"))
    assert (version.added, version.rows) == (1, 4)


@pytest.mark.parametrize(
    ("rows", "remove", "says"),
    [
        ([row("a", "Hi"), row("a", "Ho")], [], "'a' stands twice"),
        ([row("t-2", "I was charged three times")], [], "'t-2' is known with other content"),
        ([row("t-2", "I was charged twice", "delivery")], [], "known with other content"),
        ([row("", "Hi")], [], "1 to 200 characters"),
        ([row("a", "Hi", " ")], [], "label of row 'a' is empty"),
        ([row("a", " ")], [], "row 'a': /input/text: the text is empty"),
        ([], ["t-9"], "'t-9' to remove is not in the current version"),
        ([row("t-1", "Where is my parcel?", "delivery")], ["t-1"], "both added and removed"),
        ([], ["t-1", "t-2", "t-3"], "left without any row"),
    ],
)
def test_bad_rows_make_no_version(text_model, rows, remove, says):
    with pytest.raises(BadInput, match=says):
        add(text_model, *rows, remove=remove)
    assert DatasetVersion.objects.count() == 1 and DatasetRow.objects.count() == 3


def test_a_first_version_needs_rows_and_a_kind_must_be_known(text_model):
    with pytest.raises(BadInput, match="the golden set has no rows"):
        add(text_model, kind="golden")
    with pytest.raises(BadInput, match="unknown kind"):
        add(text_model, row("a", "Hi"), kind="test")


def test_an_id_that_was_removed_is_not_used_again(text_model):
    add(text_model, remove=["t-1"])
    with pytest.raises(BadInput, match="'t-1' was removed before"):
        add(text_model, row("t-1", "Something else"))


def test_a_training_row_never_copies_a_golden_row(with_golden):
    with pytest.raises(BadInput, match="'a' is an exact copy of the golden row 'g-1'"):
        add(with_golden, row("a", "my refund is missing!!"))
    assert add(with_golden, row("a", "my refund is here")).number == 2


def test_training_rows_leave_when_their_copies_become_golden(with_golden):
    golden = add(with_golden, row("g-3", "where is my  PARCEL", "delivery"), kind="golden")
    training = current_version(model=with_golden, kind="training")
    assert (golden.number, golden.added) == (2, 1)
    assert ids(training) == ["t-2", "t-3"]
    assert (training.removed, training.added) == (1, 0)
    assert training.reason == "1 exact copies of rows that are golden since v2"
    assert verify_dataset_version(training) == []


def test_a_tabular_copy_is_equal_in_every_feature(tabular_model):
    copy = LabelledRow("g", {"hour": "8.0", "temp_c": 12.5, "weather": "rain"}, "high", "import")
    near = LabelledRow("h", {"hour": 8, "temp_c": 12.6, "weather": "rain"}, "low", "import")
    add(tabular_model, copy, near, kind="golden")
    assert ids(current_version(model=tabular_model, kind="training")) == ["t-2", "t-3"]


def test_generated_ids_give_way_and_stay_the_same(text_model):
    rows = [row("r-000001", "Hi", generated=True), row("r-000002", "Hi", generated=True)]
    first = add(text_model, *rows)
    assert ids(first)[3:] == ["r-000001", "r-000002"]
    assert add(text_model, *rows) == first
    other = add(text_model, rows[0], replace(rows[1], label="new"))
    assert ids(other)[5:] == ["r-000003"]


def test_a_second_file_without_ids_gets_free_ones(text_model):
    add(text_model, row("r-000001", "Hi", generated=True))
    version = add(
        text_model, row("r-000001", "Ho", generated=True), row("r-000002", "Hu", generated=True)
    )
    assert ids(version)[3:] == ["r-000001", "r-000003", "r-000002"]


@pytest.mark.parametrize(
    "change",
    [
        {"label": "delivery"},
        {"input": {"text": "I was charged twice."}},
        {"row_id": "t-x"},
        {"salt": "0" * 32},
        {"digest": "0" * 64},
        {"added_in": 2},
        {"removed_in": 2},
    ],
)
def test_any_change_of_any_row_is_found(text_model, change):
    add(text_model, row("t-4", "Refund please"))
    versions = list(DatasetVersion.objects.order_by("number"))
    assert [verify_dataset_version(version) for version in versions] == [[], []]
    DatasetRow.objects.filter(row_id="t-2").update(**change)
    assert any(verify_dataset_version(version) for version in versions)


def test_a_deleted_row_and_a_new_order_are_found(text_model):
    version = current_version(model=text_model, kind="training")
    DatasetRow.objects.filter(row_id="t-1").update(position=10)
    assert verify_dataset_version(version) == [f"{version}: its rows no longer give its SHA-256"]
    DatasetRow.objects.filter(row_id="t-2").delete()
    assert any("2 rows are stored" in problem for problem in verify_dataset_version(version))


def test_equal_rows_have_different_digests(text_model):
    version = add(text_model, row("a", "Hi"), row("b", "Hi"))
    digests = [found.digest for found in rows_of(version)]
    assert len(set(digests)) == 5


def test_erasure_keeps_every_version_verifiable(text_model):
    version = add(text_model, row("t-4", "Refund please", log_row_id="m-7"))
    sha256 = version.sha256
    assert erase_dataset_rows(model=text_model, row_ids=["t-2", "m-7", "unknown"]) == 2
    assert erase_dataset_rows(model=text_model, row_ids=["t-2"]) == 0
    version.refresh_from_db()
    assert version.sha256 == sha256 and version.rows == 4
    assert verify_dataset_version(version) == []
    gone = DatasetRow.objects.get(row_id="t-4")
    assert (gone.input, gone.label, gone.salt) == (None, "", "") and len(gone.digest) == 64
    assert dataset_frame(version).ids == ["t-1", "t-3"]
    with pytest.raises(BadInput, match="was erased"):
        add(text_model, row("t-4", "Refund please"))
    assert verify_dataset_version(add(text_model, row("t-5", "Another"))) == []


def test_an_erased_row_that_is_filled_again_is_found(text_model):
    version = current_version(model=text_model, kind="training")
    erase_dataset_rows(model=text_model, row_ids=["t-2"])
    DatasetRow.objects.filter(row_id="t-2").update(input={"text": "made up"}, label="billing")
    assert verify_dataset_version(version) != []


def test_an_import_tells_what_it_came_to(with_golden):
    def bring(kind, content):
        return import_rows(
            model=with_golden,
            kind=kind,
            content=content.encode(),
            name="more.csv",
            reason="a new category",
            by="lee",
            at=AT,
        )

    same = bring("training", TRAIN)
    assert (same.version.number, same.added, same.removed, same.released) == (1, 0, 0, 0)
    golden = bring("golden", "id,text,label\ng-9,Where is my parcel,delivery\ng-8,Pay?,apple_pay\n")
    assert (golden.version.number, golden.added, golden.removed, golden.released) == (2, 2, 0, 1)
    assert golden.version.reason == "a new category"
