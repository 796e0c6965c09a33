"""The plug-in point: how a model is learned, continued, compared with itself and stored.

Pure: frames and arrays in, models and arrays out; randomness only from a `seed`.
"""
