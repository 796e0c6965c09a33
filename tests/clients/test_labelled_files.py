import json

import pytest

from agency.base.errors import BadInput
from clients.bad_file import BadFile
from clients.labelled import read_labelled
from clients.schema import Schema

TABULAR = "id,hour,sky,label\na,7,rain,low\nb,17,,high\n"


def read(content, *, schema=None, task="text", name="train.csv"):
    return read_labelled(content.encode(), name, schema, task)


def tabular_schema():
    return read(TABULAR, task="tabular")[1]


def test_a_text_file_gives_rows_and_categories():
    rows, schema = read("label,text,id\n x ,Hello,1\ny,NA,2\n")
    assert [(row.row_id, row.input, row.label) for row in rows] == [
        ("1", {"text": "Hello"}, "x"),
        ("2", {"text": "NA"}, "y"),
    ]
    assert schema == Schema("text", (), ("x", "y"))
    assert {row.source for row in rows} == {"import"}


def test_the_columns_of_a_table_fix_the_schema():
    rows, schema = read(TABULAR, task="tabular")
    assert schema.columns == ("hour", "sky") and schema.categories == ("high", "low")
    assert [row.input for row in rows] == [
        {"hour": 7.0, "sky": "rain"},
        {"hour": 17.0, "sky": None},
    ]


def test_ndjson_gives_the_same_as_csv():
    lines = [
        {"id": "a", "hour": 7, "sky": "rain", "label": "low"},
        {"id": "b", "hour": 17.0, "sky": None, "label": "high"},
    ]
    content = "\n".join(json.dumps(line) for line in lines)
    assert read(content, task="tabular", name="train.ndjson") == read(TABULAR, task="tabular")


def test_rows_without_ids_get_the_same_ones_every_time():
    content = "text,label\nHello,x\nBye,y\n"
    rows, _ = read(content)
    assert [(row.row_id, row.generated) for row in rows] == [("r-000001", True), ("r-000002", True)]
    assert read(content)[0] == rows


def test_a_later_file_may_bring_one_class_and_new_ones():
    _, schema = read("text,label\nHello,x\nBye,y\n")
    rows, same = read("id,text,label\ng,Apple Pay?,new\n", schema=schema)
    assert rows[0].label == "new" and same is schema


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,text,label\n", "no rows"),
        ("id,label\na,x\n", "'text' is missing"),
        ("id,text\na,x\n", "'label' is missing"),
        ("id,txt,label\na,Hi,x\n", "'text' is missing"),
        ("id,text,label,more\na,Hi,x,1\n", "unexpected column 'more'"),
        ("id,text,label\na,Hi,x\nb,Ho,x\n", "two classes"),
        ("id,text,label\na,Hi,x\na,Ho,y\n", "line 3: the id 'a' stands in line 2 too"),
        ("id,text,label\na,Hi,x\n,Ho,y\n", "line 3: an id must be"),
        ("id,text,label\na,Hi,x\nb,Ho\n", "line 3: 2 cells"),
        ('id,text,label\na,Hi,x\nb,"Ho,y\n', "line 3: not CSV"),
        ("id;text;label\na;Hi;x\n", "separated by commas"),
        (f"id,text,label\na,{'x' * 1_000_001},y\n", "line 2: not CSV (field larger"),
        (f"{','.join(map(str, range(1001)))}\n", "line 1: more than 1,000 columns"),
        ("id,text,label\na,Hi,x\nb,Ho,\n", "line 3: the label is missing"),
        ("id,text,label\na,Hi,x\nb,Ho,NaN\n", "line 3: the label is missing"),
        ("id,text,label\na,Hi,x\nb, ,y\n", "line 3, text: the text is empty"),
        (f"id,text,label\na,Hi,x\nb,Ho,{'y' * 201}\n", "line 3: the label is over"),
        ("a,b,a\n1,2,3\n", "stands twice"),
    ],
)
def test_a_bad_text_file_is_one_clear_line(content, says):
    with pytest.raises(BadInput) as caught:
        read(content)
    assert says in str(caught.value) and str(caught.value).startswith("train.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,label\na,x\n", "'hour' is missing"),
        ("id,hour,label\na,1,x\n", "'sky' is missing"),
        ("id,hour,sky,wind,label\na,1,rain,2,x\n", "unexpected column 'wind'"),
        ("id,hour,sky,label\na,nan,rain,x\n", "line 2, hour: 'nan' is not a finite number"),
        ("id,hour,sky,label\na,1e999,rain,x\n", "line 2, hour"),
        ("id,hour,sky,label\na,noon,rain,x\n", "line 2, hour: 'noon' is not a finite number"),
        ("id,hour,sky,label\na,,,x\n", "line 2: the row has no value at all"),
    ],
)
def test_a_later_table_must_fit_the_schema(content, says):
    with pytest.raises(BadInput) as caught:
        read(content, schema=tabular_schema(), task="tabular")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,label\na,x\nb,y\n", "no feature"),
        ("hour,label\n1,x\nnan,y\n", "'hour' holds 'nan'"),
        ("hour,label\n1,x\ninf,y\n", "line 3, hour: the column 'hour' holds 'inf'"),
        ('hour,label\n1,x\n"1,5",y\n', "line 3, hour: the column 'hour' holds '1,5'"),
        ("hour,sky,label\n1,,x\n2,,y\n", "'sky' has no value"),
    ],
)
def test_a_first_table_must_hold_usable_features(content, says):
    with pytest.raises(BadInput, match=says):
        read(content, task="tabular")


def test_codes_are_not_numbers():
    content = "zip,account,hour,label\n01067,9007199254740993,1e1,x\n10115,12,07.5,y\n"
    rows, schema = read(content, task="tabular")
    assert (schema.numeric, schema.categorical) == (("hour",), ("zip", "account"))
    assert rows[0].input == {"zip": "01067", "account": "9007199254740993", "hour": 10.0}
    line = '{"zip": 1067, "account": 9007199254740993, "hour": 1, "label": "x"}'
    assert read(line, schema=schema, task="tabular", name="a.ndjson")[0][0].input["account"] == (
        "9007199254740993"
    )


@pytest.mark.parametrize("number", ["9007199254740993", "-9007199254740993", "1" + "0" * 40 + "1"])
@pytest.mark.parametrize(
    "form", ['{"hour": %s, "sky": "x", "label": "y"}', "hour,sky,label\n%s,x,y\n"]
)
def test_a_number_that_would_be_rounded_is_refused(form, number):
    name = "a.ndjson" if form.startswith("{") else "a.csv"
    with pytest.raises(BadFile, match="would be rounded") as caught:
        read(form % number, schema=tabular_schema(), task="tabular", name=name)
    assert (caught.value.field, caught.value.column, caught.value.index) == ("hour", 1, 0)
    whole = read(form % 2**60, schema=tabular_schema(), task="tabular", name=name)[0][0]
    assert whole.input["hour"] == 2.0**60


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"id,text,label\na,Hi,x\nb,\xfcber,x\n", 3, 2),
        (b'id,text,label\na,"two\nlines, \xfc",x\n', 3, 2),
        (b"id,text,label\na,Hi,\x00x\n", 2, 3),
        (b'id,text,label\na,"two\nlines",x\nb,"open,x\n', 4, 2),
        (b'id,text,label\n"a"b,Hi,x\n', 2, 1),
        (b"id,text,label\na,Hi,x\nb,Hi\n", 3, 3),
        (b"id,text,label\na,Hi,x,y\n", 2, 4),
        (b"id,text,id\n", 1, 3),
        (b"id,,label\n", 1, 2),
        (b"\n\nid|text|label\n", 3, 1),
    ],
)
def test_the_place_of_what_cannot_be_read_is_told(content, line, column):
    with pytest.raises(BadFile) as caught:
        read_labelled(content, "train.csv", None, "text")
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_file_may_hold_so_many_rows_and_no_more():
    content = b"text,label\nHello,x\nBye,y\n"
    assert len(read_labelled(content, "a.csv", None, "text", most_rows=2)[0]) == 2
    with pytest.raises(BadFile, match="line 3: more than 1 rows"):
        read_labelled(content, "a.csv", None, "text", most_rows=1)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (['{"id": "a", "text": "Hi", "label": 3}'], "must be a string"),
        (['{"id": 1, "text": "Hi", "label": "x"}'], "an id must be a string"),
        (['{"text": "Hi", "label": "x"}', '{"text": "Ho"}'], "line 2: 'label' is missing"),
        (['{"text": "Hi", "label": "x"}', '{"text": "Ho", "label": "y", "z": 1}'], "'z' is unexp"),
        (['{"text": NaN, "label": "x"}'], "NaN is not a JSON number"),
        (["[", '{"id": "a", "text": "Hi", "label": "x"}', "]"], "two classes"),
    ],
)
def test_a_bad_json_dataset_is_one_clear_line(lines, says):
    with pytest.raises(BadInput, match=says):
        read("\n".join(lines), name="train.json")


def test_equal_ids_are_found_on_one_line_of_an_array_too():
    rows = [{"id": "a", "text": "Hi", "label": "x"}, {"id": "a", "text": "Ho", "label": "y"}]
    with pytest.raises(BadInput, match="stands in line 1 too"):
        read(json.dumps(rows), name="train.json")


def test_an_unknown_task_is_refused():
    with pytest.raises(BadInput, match="unknown task"):
        read(TABULAR, task="image")
