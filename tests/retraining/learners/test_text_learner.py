"""What is particular to the text learner: what stays and what is learned anew."""

import pandas as pd
import pytest

from retraining.learners.base import InputSpec
from retraining.learners.errors import NothingToLearn
from retraining.learners.text import TextLearner
from retraining.learners.text_encoder import TextEncoder, fit_text_encoder

SPEC = InputSpec("text")


def frame(*texts):
    return pd.DataFrame({"text": list(texts)})


def test_a_checkpoint_keeps_its_words_and_scratch_learns_new_ones():
    old_rows, new_rows = frame("lost card", "wrong fee"), frame("lost card", "apple pay", "fee")
    learner = TextLearner()
    old = learner.fit(inputs=old_rows, labels=["card", "fee"], spec=SPEC, seed=0)
    more = {"inputs": new_rows, "labels": ["card", "wallet", "fee"], "spec": SPEC, "seed": 0}
    continued = learner.continue_from(checkpoint=old, **more)
    scratch = learner.fit(**more)
    assert continued.encoder is old.encoder
    assert "apple" not in continued.encoder.terms["words"]
    assert "apple" in scratch.encoder.terms["words"]


def test_stored_terms_come_back_in_their_columns():
    encoder = fit_text_encoder(
        frame("Don't\npanic:\u2028 it's late", "été à Zürich", "x\x85y \x1c z")
    )
    again = TextEncoder.from_state(encoder.state())
    assert again.terms == encoder.terms
    texts = frame("don't be late", "", None, "zürich")
    assert (again.encode(texts) != encoder.encode(texts)).nnz == 0


def test_a_blank_text_has_no_terms():
    encoder = fit_text_encoder(frame("lost card", "wrong fee"))
    assert encoder.encode(frame(None, "", "   ")).nnz == 0
    assert encoder.encode(frame("card")).shape == (1, encoder.width)


def test_texts_without_words_teach_nothing():
    with pytest.raises(NothingToLearn, match="no words"):
        TextLearner().fit(inputs=frame("", "?!"), labels=["a", "b"], spec=SPEC, seed=0)


def test_a_typing_error_is_still_understood():
    rows = frame("refund please", "where is my refund", "password reset", "forgot my password")
    model = TextLearner().fit(inputs=rows, labels=["r", "r", "p", "p"], spec=SPEC, seed=0)
    assert model.predict(frame("refnud refundd", "pasword"))[0].tolist() == ["r", "p"]
