import pytest

from clients.schema import Field, Schema, SchemaError

TEXT = Schema("text", (), ("a", "b"))
TABULAR = Schema(
    "tabular",
    (Field("hour", "number", whole=True), Field("sky", "category", values=("clear", "rain"))),
    ("high", "low"),
)


def infer(rows, columns=("x",)):
    return Schema.from_training(
        task="tabular", columns=columns, rows=rows, labels=["a"] * len(rows)
    )


def test_the_schema_survives_json():
    assert Schema.from_dict(TABULAR.as_dict()) == TABULAR
    assert Schema.from_dict(TEXT.as_dict()) == TEXT


def test_columns_by_kind():
    assert (TABULAR.numeric, TABULAR.categorical) == (("hour",), ("sky",))
    assert TABULAR.columns == ("hour", "sky") and TEXT.columns == ("text",)


@pytest.mark.parametrize(
    ("cells", "kind", "whole"),
    [
        (["1", "2", ""], "number", True),
        (["1", "2.0", " 3 "], "number", True),
        (["1", "2.5", "-1e3"], "number", False),
        ([1, 2.5, None], "number", False),
        (["1", "A7"], "category", False),
        (["NA", "DE"], "category", False),
        (["True", "False"], "category", False),
        ([True, False], "category", False),
        (["1_000", "2_000"], "category", False),
    ],
)
def test_a_column_is_numeric_where_every_value_is_a_number(cells, kind, whole):
    (field,) = infer([{"x": cell} for cell in cells]).fields
    assert (field.kind, field.whole) == (kind, whole)


def test_a_category_keeps_the_values_it_was_trained_on():
    (field,) = infer([{"x": "b"}, {"x": "a"}, {"x": ""}, {"x": "b"}]).fields
    assert field.values == ("a", "b")


@pytest.mark.parametrize("cell", ["NaN", "inf", "-Infinity", "NA", "null", "1e999"])
def test_numbers_with_a_hole_between_are_refused(cell):
    with pytest.raises(SchemaError, match="leave a missing value empty"):
        infer([{"x": "1.5"}, {"x": cell}])


def test_a_column_without_any_value_is_refused():
    with pytest.raises(SchemaError, match="no value"):
        infer([{"x": ""}, {"x": None}])


def test_an_input_is_cleaned_and_cut_to_the_schema():
    assert TABULAR.check_input({"hour": "7", "sky": "fog", "more": 1}) == {
        "hour": 7.0,
        "sky": "fog",
    }
    assert TABULAR.check_input({"hour": 7, "sky": ""}) == {"hour": 7.0, "sky": None}
    assert TABULAR.check_input({"sky": 3.0}) == {"hour": None, "sky": "3"}
    assert TABULAR.check_input({"sky": True}) == {"hour": None, "sky": "true"}
    assert TEXT.check_input({"text": " Hi ", "more": 1}) == {"text": " Hi "}


def test_there_is_one_zero():
    clean = TABULAR.check_input({"hour": -0.0})
    assert str(clean["hour"]) == "0.0"


@pytest.mark.parametrize(
    ("schema", "values", "pointer", "code"),
    [
        (TEXT, {}, "/input/text", "missing"),
        (TEXT, {"text": None}, "/input/text", "missing"),
        (TEXT, {"text": " \n"}, "/input/text", "empty"),
        (TEXT, {"text": 5}, "/input/text", "not_a_string"),
        (TEXT, {"text": "x" * 100_001}, "/input/text", "too_long"),
        (TABULAR, {}, "/input", "missing"),
        (TABULAR, {"other": 1}, "/input", "missing"),
        (TABULAR, {"hour": "seven"}, "/input/hour", "not_a_number"),
        (TABULAR, {"hour": "nan"}, "/input/hour", "not_a_number"),
        (TABULAR, {"hour": float("nan")}, "/input/hour", "not_a_number"),
        (TABULAR, {"hour": float("inf")}, "/input/hour", "not_a_number"),
        (TABULAR, {"hour": 10**400}, "/input/hour", "not_a_number"),
        (TABULAR, {"hour": True}, "/input/hour", "not_a_number"),
        (TABULAR, {"hour": [7]}, "/input/hour", "not_a_value"),
        (TABULAR, {"sky": {"a": 1}}, "/input/sky", "not_a_value"),
        (TABULAR, {"sky": "x" * 501}, "/input/sky", "too_long"),
    ],
)
def test_an_input_that_does_not_fit_is_told_where_and_how(schema, values, pointer, code):
    with pytest.raises(SchemaError) as caught:
        schema.check_input(values)
    assert (caught.value.pointer, caught.value.code) == (pointer, code)
