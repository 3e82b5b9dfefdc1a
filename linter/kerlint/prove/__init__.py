"""From a rewrite to its proof: both graphs are run in a Keras of the user's, in another process."""
