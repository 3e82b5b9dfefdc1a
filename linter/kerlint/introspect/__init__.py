"""A builder is run, shut in, and the models that come out are read as graphs."""
