"""Which Keras a document is written for, as far as its own words tell."""

from __future__ import annotations

import ast
import re
import sys
from functools import lru_cache

from kerlint.evaluate.words import TABLES, word_set
from kerlint.text.document import Document


def _begun(patterns: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each pattern with the text that it begins with: to look for that first is a hundred times faster."""
    return tuple((first, re.compile(pattern, re.M)) for first, pattern in patterns.items())


KERAS_1 = _begun(TABLES["evidence.1"])  # of subsample, a number is the share of examples that a tree is shown
KERAS_2 = _begun(TABLES["evidence.2"])
KERAS_3 = _begun(TABLES["evidence.3"])  # what only Keras 3 has
WITHIN_TENSORFLOW = re.compile(r"tensorflow\.keras|tf\.keras\.")
STANDALONE = re.compile(r"\n[ \t]*(?:from|import)[ \t]+keras\b")
# Packages, beside Python's own, that name nothing for ``activation="..."``, and words of programs that may.
PLAIN = word_set("cv2 keras matplotlib numpy pandas PIL scipy seaborn sklearn tensorflow tf_keras tqdm")
NAMING = ("custom_object", "CustomObject", "register_keras_serializable", "importlib", "__import__", "activations.")


@lru_cache(maxsize=8)  # for each such name in a document
def may_name(document: Document) -> bool:
    """Whether the program, or a package that it imports, may give Keras names for functions of its own."""
    nodes = [node for cell in document.cells for node in ast.walk(ast.parse(cell.code))]
    heads = {alias.name.partition(".")[0] for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    heads |= {"" if n.level else str(n.module).partition(".")[0] for n in nodes if isinstance(n, ast.ImportFrom)}
    return any(word in document.source for word in NAMING) or not heads <= PLAIN | sys.stdlib_module_names


def speaks_two(document: Document) -> bool:
    """Whether the code is Keras 2's: it imports tf_keras, or has words that only Keras 1 and 2 had."""
    return spoken(document) < 3 and not meant_for_three(document)


def standalone(document: Document) -> bool:
    """Whether the code imports the package keras itself, which may be of any version, and nothing that only one has."""
    return _imports_keras(document.source) and not meant_for_three(document)


def spoken(document: Document) -> int:
    """The major version of Keras whose meaning the code's words have: the oldest that they allow."""
    text = document.source
    if _says(text, KERAS_1):  # TensorFlow has had a Keras of its own since Keras 2
        return 2 if WITHIN_TENSORFLOW.search(text) and not _imports_keras(text) else 1
    return 2 if _says(text, KERAS_2) else 3


def meant_for_three(document: Document) -> bool:
    """Whether something in the code exists in Keras 3 alone."""
    return _says(document.source, KERAS_3)


def _imports_keras(text: str) -> bool:
    return STANDALONE.search(f"\n{text}") is not None


def _says(text: str, patterns: tuple[tuple[str, re.Pattern[str]], ...]) -> bool:
    return any(first in text and pattern.search(text) for first, pattern in patterns)
