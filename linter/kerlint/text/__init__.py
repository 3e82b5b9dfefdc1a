"""Places in text, edits, documents. Knows no Python semantics and no Keras."""
