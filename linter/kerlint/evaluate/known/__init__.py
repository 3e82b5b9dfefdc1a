"""What the outside means: a function a name, data where possible. Importing the package fills the tables."""

from importlib import import_module

from kerlint.evaluate.words import words

ROOMS = words("""
    applications arrays builtins constants copies datasets feeds frames inspection keras_layers keras_models layer_reads
    library merging model_methods objects ops settings shaping tensors
""")
for _room in ROOMS:
    import_module(f"{__name__}.{_room}")
