"""Arrays: known by shape and dtype only."""
