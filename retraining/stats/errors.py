"""What a statistic raises when its input can't answer the question."""


class BadSample(ValueError):
    """The sample is empty, out of range or of the wrong shape."""
