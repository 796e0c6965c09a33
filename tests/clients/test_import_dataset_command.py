import json

import pytest
from django.core.management import call_command

from clients.models import DatasetRow, DatasetVersion
from clients.queries import current_version

HEAD = "id,text,label\n"


def run(capsys, *arguments):
    """Exit code, stdout, stderr of the command."""
    try:
        call_command("import_dataset", *map(str, arguments))
        code = 0
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def file(tmp_path):
    def write(content, name="rows.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_json_is_one_object_and_nothing_else(with_golden, file, capsys):
    path = file("id,text,label\nn-1,Can I pay by phone?,apple_pay\n")
    code, out, err = run(
        capsys, "parcels/model", "golden", path, "--reason", "new category", "--json"
    )
    version = current_version(model=with_golden, kind="golden")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "version": 2,
        "sha256": version.sha256,
        "added": 1,
        "removed": 0,
        "released_from_training": 0,
    }
    assert out.count("\n") == 1 and version.reason == "new category"


def test_a_person_reads_a_sentence(with_golden, file, capsys):
    path = file('{"id": "n-1", "text": "Where is my parcel", "label": "delivery"}\n', "rows.ndjson")
    code, out, _ = run(capsys, "parcels/model", "golden", path)
    assert code == 0
    assert out == (
        "parcels/model golden v2: 1 rows added, 3 in all; "
        "1 training rows that copy them left the training set\n"
    )


def test_the_same_file_again_adds_nothing(with_golden, file, capsys):
    path = file("text,label\nCan I pay by phone?,apple_pay\n")
    first = json.loads(run(capsys, "parcels/model", "training", path, "--json")[1])
    again = json.loads(run(capsys, "parcels/model", "training", path, "--json")[1])
    assert again == first | {"added": 0}
    assert DatasetVersion.objects.filter(dataset__kind="training").count() == 2


@pytest.mark.parametrize(
    ("model", "kind", "content", "says"),
    [
        ("parcels/model", "training", "id,text,label\na,MY REFUND is missing.,billing\n", "golden"),
        ("parcels/model", "training", "id,text,label\n", "no rows"),
        ("parcels/model", "training", "", "empty"),
        ("parcels/model", "training", "id,text\na,b\n", "'label' is missing"),
        ("parcels/model", "golden", "id,text,label\ng-1,Other words,billing\n", "other content"),
        ("parcels/model", "golden", "id,text,label\na,b,x\na,c,x\n", "stands in line 2 too"),
        ("parcels/model", "golden", b"\x80\x04pickle", "pickle"),
        ("parcels/model", "golden", b"PK\x03\x04workbook", "a zip or Excel file"),
        ("parcels/model", "golden", HEAD + "a,b,x,y\nc,d,x,y\n", "line 2: 4 cells"),
        ("parcels/model", "golden", HEAD + 'a,"b,x\n', "line 2: not CSV"),
        ("parcels/model", "golden", HEAD.replace(",", ";"), "separated by commas"),
        ("parcels/model", "golden", "id,text,text,label\n", "'text' stands twice"),
        ("parcels/model", "golden", HEAD.encode("utf-16"), "line 1: not UTF-8"),
        ("parcels/model", "golden", HEAD.encode() + b"a,\xfc,x\n", "line 2: not UTF-8"),
        ("parcels/model", "golden", HEAD + "a,b\0,x\n", "line 2: a NUL character"),
        ("parcels/model", "golden", f"{','.join(map(str, range(10_000)))}\n", "1,000 columns"),
        ("parcels/model", "golden", HEAD + f"a,{'b' * 1_000_001},x\n", "line 2: not CSV (field"),
        ("parcels/model", "training", HEAD + "t-1,Other words,x\n", "other content"),
        ("parcels/other", "golden", "id,text,label\na,b,x\n", "no model 'other'"),
        ("nobody/model", "golden", "id,text,label\na,b,x\n", "no client 'nobody'"),
        ("parcels", "golden", "id,text,label\na,b,x\n", "CLIENT/MODEL"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    with_golden, file, capsys, model, kind, content, says
):
    before = (DatasetVersion.objects.count(), DatasetRow.objects.count())
    code, out, err = run(capsys, model, kind, file(content), "--json")
    assert (code, out) == (2, "")
    assert says in err and err.count("\n") == 1
    assert (DatasetVersion.objects.count(), DatasetRow.objects.count()) == before


def test_an_address_is_no_file(with_golden, capsys):
    for place in ("https://example.com/rows.csv", "file:///etc/passwd", "."):
        code, _, err = run(capsys, "parcels/model", "golden", place)
        assert code == 2 and ("no such file" in err or "not a file" in err)


def test_a_first_training_set_needs_two_classes(with_golden, file, capsys):
    for rows in (DatasetRow, DatasetVersion):
        rows.objects.filter(dataset__kind="training").delete()
    path = file(HEAD + "a,Hi,x\nb,Ho,x\n")
    code, _, err = run(capsys, "parcels/model", "training", path)
    assert code == 2 and "two classes" in err
    assert not DatasetVersion.objects.filter(dataset__kind="training").exists()


def test_a_missing_file_is_one_line_and_exit_code_2(with_golden, tmp_path, capsys):
    code, _, err = run(capsys, "parcels/model", "golden", tmp_path / "nowhere.csv")
    assert code == 2 and "no such file" in err and err.count("\n") == 1
