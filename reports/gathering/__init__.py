"""From rows to facts, one topic a file: each reads the rows of one model and one month."""
