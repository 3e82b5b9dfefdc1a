"""Floor 4: source text -> graphs. Reads Python's own ``ast``; runs no user code, does no I/O."""
