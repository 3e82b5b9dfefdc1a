"""Other processes: which interpreter of the user's runs Keras, how a worker in it lives, what it may do."""
