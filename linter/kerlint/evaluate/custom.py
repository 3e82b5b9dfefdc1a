"""Layers of the program's own classes."""
