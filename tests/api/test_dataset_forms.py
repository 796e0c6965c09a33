"""The reader of forms, whatever pieces its body comes in."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency.base.api import Refusal
from clients.uploads.multipart import read_form
from tests.api import dataset_bodies as bodies


def read(content, *, size=1, known=("sha256", "reason")):
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    return read_form(chunks, bodies.FORM, known)


@given(
    content=st.binary(max_size=200)
    | st.sampled_from([b"\r\n--b0undar", b"\r\n\r\n", b"--b0undary"]),
    size=st.integers(1, 80),
)
def test_a_file_comes_out_as_it_went_in(content, size):
    form = read(bodies.form(bodies.part(content), bodies.field("reason", "May")), size=size)
    form.file.seek(0)
    assert form.file.read() == content
    assert form.sha256 == hashlib.sha256(content).hexdigest()
    assert (form.name, form.fields) == ("rows.csv", {"reason": "May"})


@given(st.integers(1, len(bodies.form(bodies.GOOD)) - 3))
def test_a_form_that_is_cut_anywhere_is_refused(end):
    whole = bodies.form(bodies.GOOD)
    with pytest.raises(Refusal) as caught:
        read(whole[:end], size=7)
    assert caught.value.status_code == 400


def test_every_bad_form_is_refused_in_pieces_of_any_size():
    for what, content, status, code in bodies.BAD_FORMS:
        if status != 400 or code not in ("not_closed", "bad_form", "bad_name", "not_a_file"):
            continue
        for size in (1, 3, 1000):
            with pytest.raises(Refusal) as caught:
                read(content, size=size)
            assert caught.value.status_code == 400, what
