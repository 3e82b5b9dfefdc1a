"""Models of the program's own classes."""
