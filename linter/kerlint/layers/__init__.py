"""The layer table: what each class of layers means. Importing the package fills it; no Keras is imported."""

from importlib import import_module

FAMILIES = """
    activation attention convolution core encoding images lookup merging nested normalization operations
    recurrent removed reshaping signals wrappers
"""
for _family in FAMILIES.split():
    import_module(f"{__name__}.{_family}")
