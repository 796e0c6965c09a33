"""The bulk writer: one interface, two databases."""

from clients.bulk.writer import FeedbackChange, Writer, writer

__all__ = ["FeedbackChange", "Writer", "writer"]
