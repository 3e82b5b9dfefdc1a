"""Terms to numbers: look-ups and text. What a vocabulary in a file or `adapt()` holds is not known."""

from __future__ import annotations

from typing import Any

from kerlint.graph.dim import Dim
from kerlint.graph.layer import Config, Incoming, Refused, Silent
from kerlint.graph.weight import Shape
from kerlint.layers.encoding import MODES, SALTED, encoded, number, renamed, sparse_codes
from kerlint.layers.policies import no_macs
from kerlint.layers.shapes import unsettled
from kerlint.layers.table import Check, among, demand, never, row

LOOKUP_MODES = (*MODES, "tf_idf")


def _split_off(config: Config) -> tuple[tuple[Any, ...], int] | None:
    """The terms of the vocabulary and how many numbers go before them; None where there is no vocabulary.

    A vocabulary may begin with the special tokens, in their order (keras ``IndexLookup.set_vocabulary``).
    Raises Silent for a file.
    """
    terms = config["vocabulary"]
    if terms is None:
        return None
    if not isinstance(terms, tuple):
        raise Silent("perhaps: the vocabulary stands in a file")
    mask, oov = config["mask_token"], config["num_oov_indices"]
    masks = [mask] if mask is not None and config["output_mode"] == "int" else []
    special = (*masks, *[config["oov_token"]] * oov)
    return (terms[len(special) :] if terms[: len(special)] == special else terms), len(special)


def _vocabulary(config: Config) -> None:
    found = _split_off(config)
    if found is None:
        return
    terms, before = found
    if not config["vocabulary"]:
        raise Refused("vocabulary is empty")
    if len(set(terms)) < len(terms):
        raise Refused("vocabulary has the same term twice")
    if config["mask_token"] in terms:
        raise Refused(f"mask_token {config['mask_token']!r} is among the terms of vocabulary")
    if config["invert"] and config["oov_token"] in terms:
        raise Refused(f"oov_token {config['oov_token']!r} is among the terms of vocabulary")
    most, size = config["max_tokens"], before + len(terms)
    if isinstance(most, int) and size > most:
        raise Refused(f"vocabulary makes {size} tokens, max_tokens is {most}")


def _idf(config: Config) -> None:
    weights, terms = config["idf_weights"], config["vocabulary"]
    if config["output_mode"] != "tf_idf":
        if weights is not None:
            raise Refused(f"idf_weights need output_mode='tf_idf', not {config['output_mode']!r}")
    elif weights is None and terms is not None:
        raise Refused("vocabulary with output_mode='tf_idf' needs idf_weights")
    elif isinstance(weights, tuple) and isinstance(terms, tuple) and len(weights) != len(terms):
        raise Refused(f"{len(weights)} idf_weights for {len(terms)} terms of vocabulary")


def depth(config: Config) -> Dim:
    """The length of a code. Raises Silent where ``adapt()`` decides it."""
    if config["pad_to_max_tokens"]:
        size: Dim = config["max_tokens"]
        return size
    found = _split_off(config)
    if found is None:
        raise Silent("perhaps: the vocabulary that adapt() learns is not known")
    return len(found[0]) + found[1]


def _looked_up(config: Config, x: Incoming) -> Shape:
    return encoded(config["output_mode"], x, lambda: depth(config))


def _lookup_dtype(config: Config, _dtypes: tuple[str, ...]) -> str:
    """int64, or Keras's float type: a look-up takes no notice of its own dtype."""
    if config["output_mode"] == "int":
        return "int64"
    if config["dtype"] != "float32":
        raise Silent("perhaps: a look-up follows Keras's float type, not its dtype")
    return "float32"


LOOKUP_CHECKS: tuple[Check, ...] = (
    demand("max_tokens", "must be greater than 1", lambda most: isinstance(most, (int, float)) and most <= 1),
    never(
        "pad_to_max_tokens=True needs max_tokens (the first versions of TensorFlow 2 took it without)",
        lambda c: c["pad_to_max_tokens"] is True and c["max_tokens"] is None,
    ),
    among("output_mode", *LOOKUP_MODES), sparse_codes, _idf, number("num_oov_indices", 0), _vocabulary,
    never(
        "invert=True gives terms, output_mode is {output_mode!r}",
        lambda c: c["invert"] is True and c["output_mode"] != "int",
    ),
)  # fmt: skip


LOOKING: dict[str, Any] = {"macs": no_macs, "dtype": _lookup_dtype, "resolve": renamed, "generations": (3,)}
row(
    "IntegerLookup", output=_looked_up, **LOOKING,
    checks=(
        *LOOKUP_CHECKS, among("vocabulary_dtype", "int64"), among("oov_method", "floormod", "farmhash"),
        never("salt needs oov_method='farmhash'", lambda c: c["salt"] is not None and c["oov_method"] != "farmhash"),
        SALTED,
    ),
)  # fmt: skip
row("StringLookup", output=_looked_up, **LOOKING, checks=(*LOOKUP_CHECKS, SALTED))


# --- TextVectorization -------------------------------------------------------------------------------------


def _as_lookup(config: Config) -> Config:
    """The configuration of the look-up inside."""
    return Config(dict(config) | {"mask_token": "", "oov_token": "[UNK]", "num_oov_indices": 1, "invert": False})


def _inside(check: Check) -> Check:
    return lambda config: check(_as_lookup(config))


def _text_checks(config: Config) -> None:
    length, mode, ngrams = config["output_sequence_length"], config["output_mode"], config["ngrams"]
    if isinstance(length, (float, str)):
        raise Refused(f"output_sequence_length must be an integer, not {length!r}")
    if mode != "int" and length is not None:
        raise Refused(f"output_sequence_length needs output_mode='int', not {mode!r}")
    if config["ragged"] is True and mode != "int":
        raise Refused(f"ragged=True needs output_mode='int', not {mode!r}")
    if isinstance(ngrams, (float, str)):
        raise Refused(f"ngrams is an integer or a tuple of them, not {ngrams!r}")


def _vectorised(config: Config, x: Incoming) -> Shape:
    if config["output_mode"] == "int":
        length = config["output_sequence_length"]
        return (x[0], unsettled("text", x, config["name"]) if length is None else length)
    if config["split"] is None:
        full = tuple(x) if len(x) > 1 else (*x, 1)
    else:
        full = (*x, unsettled("words", x, config["name"]))
    return encoded(config["output_mode"], full, lambda: depth(_as_lookup(config)))


row(
    "TextVectorization", output=_vectorised, **LOOKING,
    checks=(
        *map(_inside, LOOKUP_CHECKS), _text_checks, among("split", "whitespace", "character", None),
        among("standardize", "lower_and_strip_punctuation", "lower", "strip_punctuation", None),
    ),
)  # fmt: skip
