"""A report's stored HTML as a browser may show it: a document that does nothing."""

POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""Its Content-Security-Policy: it runs no script, sends no form and loads nothing from anywhere."""
