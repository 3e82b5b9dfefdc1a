"""Which Keras a document is written for, as far as its own words tell."""

from __future__ import annotations

import re

from kerlint.text.document import Document

KERAS_1 = re.compile(
    r"\b(border_mode|nb_filter|nb_epoch|samples_per_epoch|subsample|nb_row|W_regularizer|dim_ordering)\s*=|set_image_dim_ordering|Dense\(\s*output_dim\s*="
)
KERAS_2 = re.compile(
    r"keras\.layers\.(core|convolutional|recurrent|normalization|merge|embeddings|advanced_activations|pooling|wrappers|noise)\b"
    r"|tensorflow\.python\.keras|keras\.engine|fit_generator|CuDNN(LSTM|GRU)|LocallyConnected|keras\.backend\.tensorflow_backend"
    r"|keras\.layers\.advanced_activations|keras\.utils\.np_utils"
)
# What only Keras 3 has.
KERAS_3 = re.compile(
    r"\bkeras\.(ops|random|distribution|tree|version|Variable|DTypePolicy|KerasTensor|RematScope|StatelessScope)\b"
    r"|^[ \t]*from keras import [^#\n]*\b(ops|random|distribution|tree)\b"
    r"|\bKERAS_BACKEND\b[^\n]{0,8}\b(jax|torch)\b|\bkeras\s*(==|>=|~=)\s*3\b|\bkeras\.saving\.(load_model|save_model)\b|\bkeras\.config\.",
    re.M,
)
STANDALONE = re.compile(r"^[ \t]*(from|import)[ \t]+keras\b", re.M)


def standalone(document: Document) -> bool:
    """Whether the code imports the package keras itself, which may be of any version, and nothing that only one has."""
    return not meant_for_three(document) and any(STANDALONE.search(cell.source) for cell in document.cells)


def spoken(document: Document) -> int:
    """The major version of Keras whose meaning the code's words have: the oldest that they allow."""
    text = _text(document)
    return 1 if KERAS_1.search(text) else 2 if KERAS_2.search(text) else 3


def meant_for_three(document: Document) -> bool:
    """Whether something in the code exists in Keras 3 alone."""
    return bool(KERAS_3.search(_text(document)))


def _text(document: Document) -> str:
    return "\n".join(cell.source for cell in document.cells)
