"""What a model is and what can be said of it. Knows no source text and no Keras."""
