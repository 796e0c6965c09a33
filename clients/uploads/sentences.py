"""What the API says of each kind of fault. Fixed sentences: an answer never quotes what was sent."""

ROW = "The row cannot be stored."
BODY = "The body cannot be read as rows."

SENTENCES = {
    "bad_row": ROW,
    "byte_order_mark": "The body begins with a byte order mark.",
    "conflict": "What is stored, or stands earlier in the same upload, contradicts it.",
    "duplicate_key": "A key stands twice in an object.",
    "empty": "There is nothing in it.",
    "half_character": "Half of a surrogate pair, which is no character.",
    "in_the_future": "The time lies in the future.",
    "missing": "It is needed, and is not there.",
    "not_a_number": "It must be a finite number.",
    "not_a_string": "It must be a string.",
    "not_a_time": "It must be a time that exists, as RFC 3339 has it, with an offset.",
    "not_a_value": "It must be one value: no list, no object.",
    "not_an_object": "It must be a JSON object.",
    "not_finite": "NaN, infinities and numbers beyond a double are not JSON.",
    "not_json": "It is not JSON.",
    "not_utf8": "The body is not UTF-8.",
    "nul": "A NUL character.",
    "out_of_range": "The number is outside of its range.",
    "ragged": "The row has more or fewer cells than the header.",
    "too_deep": "It is nested more than 32 levels deep.",
    "too_early": "The time lies before 1970.",
    "too_long": "It is longer than may be.",
    "too_many": "There are more keys than may be.",
    "too_many_rows": "There are more rows than one request may hold.",
    "unknown_field": 'The envelope must be {"rows": [...]}, nothing else.',
    "unknown_source": "The label_source must be review, override or targeted.",
    "unknown_value": "It must be up, down or null.",
}


def of_row(code: str) -> str:
    """The sentence for a bad row."""
    return SENTENCES.get(code, ROW)


def of_body(code: str) -> str:
    """The sentence for a body that can't be read."""
    return SENTENCES.get(code, BODY)
