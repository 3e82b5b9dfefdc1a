"""What callers decide belongs to the callers: a fix at the line exists only where every caller would want it."""

import json
import re
from collections import Counter
from types import ModuleType

import pytest
from tests.harness import fixed, text_of

from kerlint.engine import check
from kerlint.evaluate.run import evaluate
from kerlint.fix import imports
from kerlint.fixing import Policy, _excuse, fix, with_proof
from kerlint.graph import count
from kerlint.graph.answer import Alternative, Rewrite
from kerlint.graph.count import parameters
from kerlint.graph.layer import Unknown
from kerlint.merge import Options
from kerlint.outcome import Checked
from kerlint.prove.proof import Proof
from kerlint.rule import Node, one, rule
from kerlint.rule import finding as finding_of
from kerlint.rule.load import load
from kerlint.text.document import Document
from kerlint.text.edit import Applicability
from kerlint_rules.around import before

HEAD = "from keras import Input, Model\nfrom keras.layers import Conv1D, Dense\n\n"
RULES = load().rules


def pointwise(source: str) -> Checked:
    """What is said of the only pointwise convolution."""
    (found,) = [c for c in check(Document.of(HEAD + source), RULES).checked if c.finding.rule.code == "KER101"]
    return found


@pytest.mark.parametrize(
    "source",
    [
        "x = Input((10, 4))\nm = Model(x, Conv1D(8, 1)(x))\n",
        "def build():\n    x = Input((10, 4))\n    return Model(x, Conv1D(8, 1)(x))\n\nbuild()\n",
        "def build(units):\n    x = Input((10, 4))\n    return Model(x, Dense(units)(Conv1D(8, 1)(x)))\n\nbuild(3)\n",
        "class Net:\n    k = 1\n    def build(self):\n        x = Input((10, 4))\n"
        "        return Model(x, Conv1D(8, self.k)(x))\n\nNet().build()\n",
    ],
    ids=["module", "function", "other-parameter", "class-constant"],
)
def test_what_is_decided_at_the_line_is_fixed_safely(source: str) -> None:
    found = pointwise(source)
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(
    "source",
    [
        "def build(k=1):\n    x = Input((10, 4))\n    return Model(x, Conv1D(8, k)(x))\n\nbuild()\n",
        "def build(*sizes):\n    x = Input((10, 4))\n    return Model(x, Conv1D(8, *sizes)(x))\n\nbuild(1)\n",
        "def build(**sizes):\n    x = Input((10, 4))\n    return Model(x, Conv1D(8, **sizes)(x))\n\nbuild(kernel_size=1)\n",
        "def head(x):\n    return Conv1D(8, 1)(x)\n\nx = Input((10, 4))\nm = Model(x, head(x))\n",
        "class Net:\n    def __init__(self, k):\n        self.k = k\n    def build(self):\n        x = Input((10, 4))\n"
        "        return Model(x, Conv1D(8, self.k)(x))\n\nNet(1).build()\n",
        "class Net:\n    k = 3\n    def build(self):\n        x = Input((10, 4))\n"
        "        return Model(x, Conv1D(8, self.k)(x))\n\nclass Point(Net):\n    k = 1\n\nPoint().build()\n",
    ],
    ids=["default", "args", "kwargs", "tensor", "self", "derived"],
)
def test_what_a_caller_decides_has_no_fix(source: str) -> None:
    found = pointwise(source)
    assert found.fix is None
    assert any("comes in through a parameter" in reason for reason in found.finding.no_fix)


def test_contexts_that_differ_are_counted() -> None:
    source = "x = Input((10, 4))\nfor step in (1, 1, 2):\n    x = Conv1D(8, 1, strides=step)(x)\nm = Model(x, x)\n"
    found = pointwise(source)
    assert (found.finding.holds_in, found.finding.contexts) == (2, 3)
    assert found.fix is None


def test_what_hangs_off_a_fixed_model_is_compared_fixed() -> None:
    source = (
        "from keras.layers import BatchNormalization\nfrom somewhere import probe\n\n"
        "x = Input((10, 4))\ny = Conv1D(8, 3)(x)\ny = BatchNormalization()(y)\nm = Model(x, y)\nz = Dense(3)(y)\nprobe(z)\n"
    )
    report = fix(Document.of(HEAD + source), RULES, Options(), Policy(unsafe=True))
    assert report.failures == ()
    assert report.document is not None
    assert "Conv1D(8, 3, use_bias=False)" in report.document.cells[0].source


def test_a_condition_that_decides_nothing_any_more_is_no_broken_promise() -> None:
    source = (
        "from keras.layers import Dropout\n\ndef build(rate):\n    i = x = Input((4, 3))\n"
        "    if rate is not None:\n        x = Dropout(0)(x)\n    return Model(i, Conv1D(2, 3)(x))\n"
    )
    report = fix(Document.of(HEAD + source), RULES, Options(), Policy())
    assert report.failures == ()
    assert report.fixed == 1


MASKED = """\
from keras import Input, Model
from keras.layers import Dense, GlobalAveragePooling1D, MultiHeadAttention

series, sensors = Input((6, 4)), Input((3,))
weights = Dense(6)(sensors)
x = GlobalAveragePooling1D()(series, mask=weights)
y = MultiHeadAttention(2, 4)(series, series, attention_mask=Dense(6)(sensors))
m = Model([series, sensors], [x, y])
"""


def test_what_a_layer_is_called_with_beside_its_input_is_part_of_the_model_and_no_chain() -> None:
    from kerlint.rule import Node, Note, chain, rule

    @rule("KER999", "any-chain", on=chain("Dense", "GlobalAveragePooling1D"), message="{dense} and {pool}")
    def any_chain(dense: Node, pool: Node) -> Note:
        """Two layers in a row."""
        return Note((dense, pool))

    said = check(Document.of(MASKED), (*RULES, any_chain), Options())
    assert [c.finding.rule.code for c in said.checked] == []
    (model,) = said.evaluation.models
    assert model.graph.complete
    assert [n.kind for n in model.graph.nodes].count("Dense") == 2


def test_fixes_that_share_a_layer_wait_for_the_next_pass() -> None:
    """Three layers in a row are two chains: their edits do not touch, and made at once they promise too much."""
    source = HEAD + (
        "inputs = Input((8,))\nx = Dense(8, kernel_initializer='ones')(inputs)\n"
        "x = Dense(8)(x)\nx = Dense(8, kernel_initializer='zeros')(x)\nm = Model(inputs, x)\n"
    )
    done = fixed(source)
    assert not done.failures
    assert text_of(done).count("Dense(8") == 1


def test_a_fix_that_moves_what_the_program_picks_by_place_is_taken_back_with_a_note() -> None:
    """No rule is at fault where the program counts layers; without that, a broken promise names the rule."""
    source = HEAD + (
        "inputs = Input((8,))\nx = Dense(8)(inputs)\nx = Dense(8)(x)\nx = Dense(4, 'relu')(x)\n"
        "m = Model(inputs, x)\nn = Model(m.input, m.layers[2].output)\n"
    )
    done = fixed(source)
    assert text_of(done) == source and not done.failures
    assert done.notes == ("KER110 linear-chain is not fixed: the program picks layers by their place (layers[...])",)


@pytest.mark.parametrize(
    ("line", "excused"), [("m.layers[1]", True), ("m.pop()", True), ("m.load_weights('w.h5')", False)]
)
def test_only_what_picks_layers_excuses_a_rule(line: str, excused: bool) -> None:
    source = "from keras import Sequential\n" + HEAD + f"m = Sequential([Input((4,)), Dense(8), Dense(2)])\n{line}\n"
    assert (_excuse(check(Document.of(source), RULES).evaluation, "another graph") is not None) is excused


def test_a_rule_that_answers_about_no_layer_is_at_fault_and_the_others_go_on() -> None:
    def nothing(dense: Node) -> Alternative:
        """Answers about nothing at all."""
        return Alternative((), dense.output)

    broken = rule("XYZ101", "nothing-at-all", on=one("Dense"), message="{dense}")(nothing)
    text = HEAD + "x = Input((10, 4))\nm = Model(x, Dense(3)(Conv1D(8, 1)(x)))\n"
    said = check(Document.of(text), (broken, *RULES))
    assert "XYZ101" in said.failures[0] and "no layer at all" in said.failures[0]
    assert "KER101" in {c.finding.rule.code for c in said.checked}


def test_the_model_counts_every_layer_that_the_line_makes() -> None:
    source = (
        "from keras.layers import BatchNormalization\n\nx = inputs = Input((8,))\nfor _ in range(3):\n"
        "    x = Dense(8)(x)\n    x = BatchNormalization()(x)\nm = Model(inputs, Dense(2)(x))\n"
    )
    document = Document.of(HEAD + source)
    (found,) = [c.finding for c in check(document, RULES).checked if c.finding.rule.code == "KER111"]
    assert (found.impact.params.before, found.impact.params.after) == (104, 96)
    (model,) = evaluate(document).models
    total = parameters(model.graph)
    assert (found.impact.model_params.before, found.impact.model_params.after) == (total, total - 3 * 8)
    after = fixed(HEAD + source, "m.py", RULES).document
    assert after is not None
    assert parameters(evaluate(after).models[0].graph) == total - 3 * 8


HOT = (
    "from keras.layers import Conv2D, Flatten\n\ndef large():\n    x = inputs = Input((64, 64, 3))\n    x = Conv2D(64, 3)(x)\n"
    "    return inputs, Dense(128)(Flatten()(x))\n"
)


def test_a_view_of_a_model_is_not_looked_at_as_a_model_of_its_own() -> None:
    def hot(source: str) -> list[str]:
        checked = check(Document.of(HEAD + HOT + source), RULES).checked
        return [c.finding.message for c in checked if c.finding.rule.code == "KER302"]

    assert len(hot("inputs, x = large()\nm = Model(inputs, x)\n")) == 1
    whole = "m = Model(inputs, Dense(100000)(x))\nm.compile('sgd', 'mse')\nm.fit(data)\n"
    assert hot("inputs, x = large()\nview = Model(inputs, x)\n" + whole) == []


def test_advice_on_a_layer_of_another_file_is_given_there() -> None:
    other = Document.of(HEAD + HOT, "nets.py")
    source = HEAD + "from nets import large\n\ninputs, x = large()\nm = Model(inputs, x)\n"
    report = check(Document.of(source), RULES, Options(load=lambda name, _path: other if name == "nets" else None))
    assert [m for m in report.evaluation.models if m.graph.complete]
    assert not [c for c in report.checked if c.finding.rule.code == "KER302"]


def test_an_encoder_that_loads_its_weights_elsewhere_leaves_the_rest_to_be_trained() -> None:
    other = "def encoder(x):\n    x = Dense(4)(x)\n    Model(i, x).load_weights('encoder.h5')\n    return x\n"
    own = "m = Model(i, BatchNormalization()(Dense(8)(encoder(i))))\n"
    start = "from keras import Input, Model\nfrom keras.layers import Dense, BatchNormalization\ni = Input((5,))\n"

    def found(text: str) -> list[str]:
        load = {"nets": Document.of(start + other, "nets.py")}
        checked = check(Document.of(start + text), RULES, Options(load=lambda name, _path: load.get(name))).checked
        return [c.finding.rule.code for c in checked]

    assert "KER111" in found("from nets import encoder\n" + own)
    assert "KER111" not in found(other + own)


def test_a_functional_model_that_is_a_class_is_written_as_today() -> None:
    source = (
        "import keras\nfrom keras import layers, ops\n\nclass Net(keras.Model):\n    def __init__(self):\n"
        "        i = keras.Input((4,))\n        super().__init__(inputs=i, outputs=ops.relu(layers.Dense(1)(i)))\n\nnet = Net()\n"
    )
    found = check(Document.of(source), RULES, Options(keras=3)).checked
    assert [c.finding.rule.code for c in found if c.finding.rule.code.startswith("KER4")] == []


def test_a_finding_about_a_loss_says_when_it_holds() -> None:
    source = (
        "import sys\nfrom keras import Input, Sequential\nfrom keras.layers import Dense\n"
        "m = Sequential([Input((10,)), Dense(3, activation='softmax')])\n"
        "if len(sys.argv) > 1:\n    m.compile('adam', 'mse')\nelse:\n    m.compile('adam', 'binary_crossentropy')\n"
        "m.fit(x, y)\n"
    )
    (finding,) = [c.finding for c in check(Document.of(source), RULES).checked if c.finding.rule.code == "KER204"]
    assert (finding.holds_in, finding.contexts, finding.assumptions) == (1, 2, ("not: len(sys.argv) > 1",))


def test_a_finding_names_no_condition_that_makes_no_difference_to_it() -> None:
    source = (
        "import sys\nfrom keras import Input, Sequential\nfrom keras.layers import Conv1D, Dense\n"
        "m = Sequential([Input((10, 4)), Conv1D(8, 1, strides=1 if len(sys.argv) > 1 else 2)])\n"
        "m.add(Dense(3, activation='relu' if other() else 'tanh'))\n"
    )
    (finding,) = [c.finding for c in check(Document.of(source), RULES).checked if c.finding.rule.code == "KER101"]
    assert (finding.holds_in, finding.contexts, finding.assumptions) == (2, 4, ("len(sys.argv) > 1",))


def test_weights_that_are_loaded_under_a_condition_make_a_fix_unsafe() -> None:
    source = (
        "import os\nfrom keras import Input, Sequential\nfrom keras.layers import Conv1D\n"
        "m = Sequential([Input((10, 4)), Conv1D(8, 1)])\n"
        "if os.path.exists('w.h5'):\n    print('resuming')\nelse:\n    m.load_weights('w.h5')\n"
    )
    (finding,) = [c.finding for c in check(Document.of(source), RULES).checked if c.finding.rule.code == "KER101"]
    assert finding.applicability is Applicability.UNSAFE


@pytest.mark.parametrize(("gone", "safe"), [("Flatten()", True), ("Dense(4)", False)])
def test_a_list_of_weights_hangs_on_layers_that_have_some(gone: str, safe: bool) -> None:
    source = "from keras import Sequential\n" + HEAD.replace("Dense", "Dense, Flatten")
    source += f"m = Sequential([Input((8,)), {gone}, Dense(2)])\nm.compile()\nprint(m.get_weights()[0])\n"
    (finding,) = [c.finding for c in check(Document.of(source), RULES).checked]
    assert (finding.applicability is Applicability.SAFE) is safe


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("m.load_weights(k)", "load_weights"),
        ("m.set_weights(k)", "set_weights"),
        ("return m.get_layer(k)", "get_layer"),
        ("m.pop()", "pop"),
        ("for layer in m.layers[k:]:\n        layer.trainable = False", "layers[...]"),
        ("return len(m.layers)", "len(m.layers)"),
        ("k.pop(0)\n    return keras.layers.Dense", None),
    ],
)
def test_a_function_that_nobody_calls_may_rely_on_the_structure(body: str, what: str | None) -> None:
    """It makes no layer, so no run reaches it; a program that imports it does."""
    found = pointwise(f"x = Input((10, 4))\nm = Model(x, Conv1D(8, 1)(x))\n\ndef later(m, k):\n    {body}\n")
    assert found.fix is not None
    relied = f"the document relies on the structure: {what}"
    assert found.finding.no_fix == (() if what is None else (relied,))
    assert found.fix.applicability is (Applicability.SAFE if what is None else Applicability.UNSAFE)


@pytest.mark.parametrize(
    ("call", "applied", "said"),
    [
        ("m(x)", "o.apply_gradients(zip(g, m.trainable_variables))", False),
        ("m(x, training=False)", "o.apply_gradients(zip(g, m.trainable_variables))", False),
        ("m(x, training=True)", "o.apply_gradients(zip(g, m.trainable_variables))", True),
        ("m(x, True)", "o.apply_gradients(zip(g, m.trainable_variables))", True),
        ("m(x)", "heat(g)", True),
    ],
)
def test_a_bias_counts_where_a_loop_never_says_that_it_trains(call: str, applied: str, said: bool) -> None:
    """Outside of fit() a model that is called uses its moving mean; a tape that shows gradients trains nothing."""
    source = (
        "import tensorflow as tf\nfrom keras import Input, Sequential\nfrom keras.layers import BatchNormalization, Dense\n"
        "m = Sequential([Input((4,)), Dense(3), BatchNormalization()])\no = tf.keras.optimizers.SGD()\n"
        f"def step(x):\n    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean({call})\n"
        f"    g = tape.gradient(loss, m.trainable_variables)\n    {applied}\n"
    )
    assert ("KER111" in [c.finding.rule.code for c in check(Document.of(source), RULES).checked]) == said


@pytest.mark.parametrize(("called", "safe"), [("show(m)", False), ("other(m)", True)])
def test_a_function_of_another_file_that_may_load_weights_makes_a_fix_unsafe(called: str, safe: bool) -> None:
    """It is called, and loads them behind a condition that nobody knows."""
    text = "def show(m, kind=input()):\n    if kind not in ('a', 'b'):\n        return\n    m.load_weights('w.h5')\n"
    views = Document.of(text + "def other(m):\n    m.summary()\n", "views.py")
    own = f"from views import other, show\nx = Input((10, 4))\nm = Model(x, Conv1D(8, 1)(x))\n{called}\n"
    options = Options(load=lambda name, _path: views if name == "views" else None)
    (found,) = [c for c in check(Document.of(HEAD + own), RULES, options).checked if c.finding.rule.code == "KER101"]
    assert found.finding.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)
    assert found.finding.no_fix == (() if safe else ("views.py relies on the structure: load_weights",))


def test_a_fix_is_applied_where_a_file_that_uses_it_may_load_weights() -> None:
    """In a function that nobody calls: what is known of that file is no run of this one, which the edit would change."""
    own = HEAD + "def build():\n    x = Input((10, 4))\n    return Model(x, Conv1D(8, 1)(x))\n"
    model = Document.of(own, "net.py")
    later = "from net import build\nm = build()\n\ndef resume(m):\n    m.load_weights('w.h5')\n"
    options = Options(load=lambda name, _path: model if name.endswith("net") else None, callers=lambda _: [user])
    user = Document.of(later, "use.py")
    report = fix(model, RULES, options, Policy(unsafe=True))
    assert (report.fixed, report.failures) == (1, ()) and "Dense(8)(x)" in text_of(report)


def test_files_that_rely_on_the_structure_are_named_unless_it_is_this_one() -> None:
    """By the first of them, for each thing that they do."""
    files = {name: Document.of(f"def use(m):\n    m.{does}()\n", f"{name}.py") for name, does in USERS.items()}
    calls = "".join(f"import {name}\n{name}.use(m)\n" for name in USERS)
    own = f"x = Input((10, 4))\nm = Model(x, Conv1D(8, 1)(x))\n{calls}m.get_layer('a')\n"
    options = Options(load=lambda name, _path: files.get(name))
    (found,) = [c for c in check(Document.of(HEAD + own), RULES, options).checked if c.finding.rule.code == "KER101"]
    assert found.finding.no_fix == (
        "one.py and 2 more rely on the structure: load_weights",
        "four.py relies on the structure: set_weights",
        "the document relies on the structure: get_layer",
    )


USERS = {
    "one": "load_weights", "two": "load_weights", "three": "load_weights", "four": "set_weights", "five": "get_layer",
}  # fmt: skip


def test_why_callers_differ_is_told_of_the_layers_that_it_is_about() -> None:
    """Of two Dense layers the first one changes; that there is none in front of it is no reason."""
    own = "def build(width, classes):\n    x = Input((width,))\n    return Model(x, Dense(classes)(Dense(256)(x)))\n"
    checked = check(Document.of(HEAD + own + "m = build(16, 10)\n"), RULES).checked
    (found,) = [c.finding for c in checked if c.finding.rule.code == "KER110"]
    assert "(for another caller perhaps the middle is narrow)" in found.no_fix[0]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("if TEST:\n    agent.load_weights('w.h5')", "load_weights"),
        ("found = [a.load_weights('w.h5') for a in agents(m)]", "load_weights"),
        ("agent.play()\nraise SystemExit\nm.set_weights(w)", "set_weights"),
        ("tf.train.Checkpoint(model=m).restore('w')", "restore"),
    ],
)
def test_weights_that_are_loaded_where_no_run_goes_make_a_fix_unsafe(line: str, what: str) -> None:
    """A constant that is a switch, a list that is not known, what holds the model."""
    found = pointwise(f"TEST = False\nx = Input((10, 4))\nm = Model(x, Conv1D(8, 1)(x))\n{line}\n")
    assert found.fix is not None and found.fix.applicability is Applicability.UNSAFE
    assert f"the document relies on the structure: {what}" in found.finding.no_fix


@pytest.mark.parametrize(
    ("shape", "layer", "asked"),
    [("(1, 8)", "Conv1D(4, 3, padding='same')", True), ("(1, 1, 8)", "Conv2D(4, 3, padding='same')", False)],
)
def test_a_hint_is_given_where_it_can_be_meant(shape: str, layer: str, asked: bool) -> None:
    """Nobody takes the middle of a network on images for time."""
    source = f"from keras.layers import Conv2D\nx = Input({shape})\nm = Model(x, {layer}(x))\n"
    (found,) = [c.finding for c in check(Document.of(HEAD + source), RULES).checked if c.finding.rule.code == "KER108"]
    assert (found.hint is not None, any("bury a mistake" in why for why in found.no_fix)) == (asked, asked)


@pytest.mark.parametrize(("shape", "asked"), [("(3, 8, 32)", True), ("(4, 4, 3)", False), ("(9, 4, 32)", False)])
def test_an_image_with_its_channels_first_is_taken_for_the_cause(shape: str, asked: bool) -> None:
    source = "from keras import Sequential\nfrom keras.layers import Conv2D, MaxPooling2D\n"
    source += f"m = Sequential([Input({shape}), Conv2D(4, 3), MaxPooling2D((2, 2)), Conv2D(4, 3), MaxPooling2D()])\n"
    found = [c.finding for c in check(Document.of(HEAD + source), RULES).checked if c.finding.rule.code == "KER201"]
    assert [finding.hint is not None for finding in found] == [asked]


CLASSES = """
class Base:
    def __init__(self, classes=1):
        self.model = Model(i := Input((4,)), Dense(classes, activation=self.squash())(i))

    def squash(self):
        return "softmax"
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("", True),
        ("class Plain(Base):\n    def squash(self):\n        return None\n", False),
        ("class Plain(Base):\n    def squash(self):\n        return None\nBase()\n", True),
        ("class Wide(Base):\n    def __init__(self):\n        Base.__init__(self, 5)\n", False),
        ("class Same(Base):\n    def squash(self):\n        return 'softmax'\n", True),
    ],
)
def test_what_every_derived_class_has_otherwise_is_nobodys(more: str, found: bool) -> None:
    """The default of a class that is only derived from: no program has it."""
    codes = [c.finding.rule.code for c in check(Document.of(HEAD + CLASSES + more), RULES).checked]
    assert ("KER202" in codes) is found


PARTS = """
def head(x, units):
    x = Dense(units - 8)(x)
    return Dense(units - 19)(x)

def whole(units=4):
    i = Input((4,))
    return Model(i, head(i, units))

def other():
    return Model(i := Input((4,)), Dense(-1)(i))
"""


def test_nobody_gets_behind_what_keras_refuses() -> None:
    """A program ends there; another function is another program, and other values are another run."""

    def refused(source: str) -> list[str]:
        said = check(document := Document.of(HEAD + source), RULES)
        found = [c.finding for c in said.checked if c.finding.rule.code == "KER201"]
        return [document.text(finding.span) for finding in found]

    assert refused(PARTS) == ["Dense(units - 8)", "Dense(-1)"]
    assert refused(PARTS + "whole(9)\n") == ["Dense(units - 19)", "Dense(-1)"]
    assert refused("a = Dense(-2)\nb = Dense(-3)\n") == ["Dense(-2)"]


SHAPED = """
from keras import Input, Model
from keras.layers import Dense, Dropout

def build(shape):
    i = Input(shape)
    return Model(i, Dense(1)(Dropout(0.0)(i)))

models = [build((4,)), build((5,)), build(tuple(open("shape").read()))]
"""


@pytest.mark.parametrize("status", ["proved", "refuted"])
def test_a_fix_is_proved_for_every_shape_that_is_known_and_is_what_the_worst_proof_is(status: str) -> None:
    (found,) = [c for c in check(Document.of(SHAPED), RULES).checked if c.finding.rule.code == "KER112"]
    shapes: list[object] = []

    def prove(rewrite: Rewrite, _level: str, _graph: object) -> Proof:
        shapes.append(rewrite.new.shape)
        return Proof("proved" if len(shapes) == 1 else status, max_error=0.0, inputs=1)

    proof = with_proof(found, prove).proof
    assert len(shapes) == 2 and not any(isinstance(shape, Unknown) for shape in shapes)
    assert proof is not None and proof.status == status


def test_a_notebook_with_a_cell_that_does_not_parse_is_linted_and_not_fixed() -> None:
    sources = ["from keras import *\nfrom keras.layers import *\n", "print 3\n"]
    sources += ["i = Input((9, 4))\nm = Model(i, Conv1D(8, 1)(i))\n"]
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s} for s in sources
    ]
    book = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    whole = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cells[0], cells[2]]})

    def said(text: str) -> dict[str, Checked]:
        document = Document.parse(text.encode(), "n.ipynb")
        assert isinstance(document, Document)
        return {c.finding.rule.code: c for c in check(document, RULES).checked}

    found = said(book)
    assert found.keys() == {"KER000", "KER101"} and said(whole).keys() == {"KER101"}
    assert found["KER101"].fix is None and "a cell does not parse" in found["KER101"].finding.no_fix
    assert found["KER000"].finding.no_fix == ()  # there never is one
    assert said(whole)["KER101"].fix is not None


WIDE = """
def build(n):
    x = i = Input((10, n))
    if n > 32:
        x = Conv1D(32, 1)(x)
    x = Dense(4, activation="relu")(x)
    return Model(i, Conv1D(8, 1)(x))
"""


def test_figures_that_hang_on_an_assumption_name_it() -> None:
    """Each line is one that every caller reaches, or all that reach it; the total is that of one case."""
    found = [c.finding for c in check(Document.of(HEAD + WIDE), RULES).checked if c.finding.rule.code == "KER101"]
    assert [(f.holds_in, f.contexts, f.assumptions) for f in found] == [(1, 1, ("n > 32",)), (2, 2, ("n > 32",))]
    same = WIDE.replace("if n > 32:", "if n > 32 and False:")
    (found_once,) = [
        c.finding for c in check(Document.of(HEAD + same), RULES).checked if c.finding.rule.code == "KER101"
    ]
    assert found_once.assumptions == ()


LOOPED = """from keras import Sequential
def build(classes):
    model = Sequential([Input((4,))])
    for _ in range(3):
        model.add(Dense(8))
    model.add(Dense(2, activation="softmax"))
    model.add(Dense(classes))
    return model

build(3)
"""


def test_a_row_that_a_loop_makes_holds_for_every_caller() -> None:
    """What hangs on the caller stands behind it: of three layers in a row, one finding speaks, for each run."""
    (found,) = [c for c in check(Document.of(HEAD + LOOPED), RULES).checked if c.finding.rule.code == "KER110"]
    assert found.fix is not None and not any("these callers" in reason for reason in found.finding.no_fix)


def test_what_several_layers_hang_on_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a network of many blocks, each asks for all merges behind it: walked from each merge, that has no end."""
    from kerlint_rules.redundant import pointwise_conv

    walked: list[int] = []

    def counted(*nodes: Node) -> list[Node]:
        walked.append(len(found := before(*nodes)))
        return found

    monkeypatch.setattr(pointwise_conv, "before", counted)
    source = "from keras.layers import Add\nx = i = Input((9, 8))\nfor _ in range(20):\n    x = Add()([x, Conv1D(8, 1)(x)])\n"
    check(Document.of(HEAD + source + "m = Model(i, x)\n"), RULES)
    assert len(walked) <= 2 * 20
    assert max(walked) <= 2 * 20 + 1


IMAGE = "Input((8, 8, 3)), "
STEPS = "Input((8, 3)), "


@pytest.mark.parametrize("keras", [None, 2, 3])
@pytest.mark.parametrize(
    "layers",
    [
        "Embedding(float('nan'), 4)",
        "Dense(float('inf'), input_shape=(4,))",
        "LSTM(32, input_shape=(7 / 2, 28))",
        "LSTM(32, input_shape=('a', 28))",
        "LSTM(32, input_shape=((3,), 28))",
        "Dense(5, input_dim=b'x'), Dense(4)",
        IMAGE + "Conv2D(4, (3, b'x'), activation='relu'), MaxPooling2D()",
        IMAGE + "ZeroPadding2D(((1, (2,)), (1, 1)))",
        IMAGE + "ZeroPadding2D(b'x')",
        IMAGE + "Cropping2D(((1, b'x'), (1, 1)))",
        IMAGE + "CenterCrop(b'x', 2)",
        IMAGE + "GroupNormalization(b'x')",
        IMAGE + "Conv2D(4, 3), ReLU(), MaxPooling2D((1, (2, 3)))",
        IMAGE + "Cropping2D(input_shape=[[1, 2], [3]])",
        IMAGE + "AdaptiveMaxPooling2D((None, 2))",
        IMAGE + "CenterCrop(1, Dense(2))",
        IMAGE + "GroupNormalization('valid')",
        STEPS + "Discretization({'a': 1}, -0.5)",
        STEPS + "Conv1D(3, 3, groups=1j)",
        STEPS + "TimeDistributed(b'x')",
        STEPS + "Bidirectional(b'x')",
        STEPS + "*[Dense(3) for _ in range(10**25)]",
        STEPS + "Dense(len(range(-(10**25), 10**25, 7)))",
        STEPS + "Dense(next(iter(range(10**25))) + 3)",
        STEPS + "Dense(np.arange(10**30).shape[0])",
        "Input((4), name={1}), Dense(3)",
        "Input(len(3, {1}, reverse=...)), Dense(3)",
        STEPS + "Dense(list(zip(range(10**25), range(5)))[3][0])",
    ],
)
def test_a_value_that_no_layer_takes_ends_nothing(layers: str, keras: int | None) -> None:
    head = "import numpy as np\nfrom keras import Input, Sequential\nfrom keras.layers import *\n"
    source = f"{head}m = Sequential([{layers}])\n"
    report = check(Document.of(f"{source}n = Sequential([Dense(2, input_shape=(4,))])\n"), RULES, Options(keras=keras))
    assert not report.failures
    assert report.evaluation.models[-1].graph.complete


LOOP = """
from keras import Input, Model
from keras.layers import BatchNormalization, Conv2D
def build(depth, first=8):
    x = i = Input((8, 8, 3))
    for k in {over}:
        x = Conv2D({filters}, 3, padding="same")(x)
        if k > 0:
            x = BatchNormalization()(x)
    return Model(i, x)
"""


@pytest.mark.parametrize(
    ("over", "filters", "said", "params"),
    [
        ("range(depth)", "first * 2 ** k", "Conv2D(first * 2 ** k)", (None, None)),  # not those of the first round
        ("range(3)", "first * 2 ** k", "Conv2D(16)", (1232, 1216)),  # the first where it holds
        ("range(depth)", "3", "Conv2D(3)", (96, 93)),  # the same in each round
    ],
)
def test_the_figures_are_those_of_a_round_where_it_holds(
    over: str, filters: str, said: str, params: tuple[int | None, int | None]
) -> None:
    source = LOOP.format(over=over, filters=filters)
    (found,) = [c.finding for c in check(Document.of(source), RULES).checked if c.finding.rule.code == "KER111"]
    assert said in found.message
    assert (found.impact.params.before, found.impact.params.after) == params
    assert isinstance(found.nodes[0].inputs[0].shape, Unknown) is (params == (None, None))
    assert any(reason.startswith("holds in ") for reason in found.no_fix)


def test_a_size_is_called_as_the_program_calls_it() -> None:
    source = (
        HEAD + "vocab = len(words) + 1\nx = Input((10, 4))\nm = Model(x, Conv1D(vocab * 2, 1)(Conv1D(vocab, 1)(x)))\n"
    )
    found = [c.finding.message for c in check(Document.of(source), RULES).checked if c.finding.rule.code == "KER101"]
    assert [m.partition(" looks")[0] for m in found] == ["Conv1D(vocab * 2)", "Conv1D(vocab)"]


SERIES = """
from keras.layers import Convolution1D, Flatten
from keras.models import Sequential

model = Sequential()
model.add(Convolution1D(nb_filter=8, filter_length=1, input_shape=(20, 3)))
model.add(Flatten())
"""


def test_series_have_their_channels_last_in_keras_1() -> None:
    """Where channels of images stood, a file of the user said: of series, nothing did."""
    (found,) = check(Document.of(SERIES), RULES).checked
    assert found.finding.rule.code == "KER101"


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        ("", ("with the defaults of build()",)),
        ("m = build()\n", ()),
        ("m = build(20)\n", ()),
        ("def build_all():\n    return build()\n", ()),
    ],
)
def test_a_contradiction_says_that_it_rests_on_a_default_that_nobody_uses(calls: str, told: tuple[str, ...]) -> None:
    """A program calls the function so, or otherwise: then that is no default of a function that nobody calls."""
    build = "def build(size=32):\n    x = Input((16, 4))\n    return Model(x, LSTM(8, input_shape=(size, 4))(x))\n"
    checked = check(Document.of(f"{HEAD}from keras.layers import LSTM\n{build}{calls}"), RULES).checked
    (found,) = [c.finding for c in checked if c.finding.rule.code == "KER209"]
    assert found.assumptions == told


def test_what_fixes_ask_of_the_whole_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of the document, the totals of the model, the syntax of all of it: else many layers take minutes."""
    asked: Counter[str] = Counter()

    def counted(name: str, module: ModuleType, function: str) -> None:
        own = getattr(module, function)

        def call(*given: object) -> object:
            asked[name] += 1
            return own(*given)

        monkeypatch.setattr(module, function, call)

    counted("names", imports, "names_of")
    counted("totals", count, "parameters")
    counted("models", finding_of, "apply_all")
    lines = "from keras.layers import Dropout\nx = i = Input((4,))\n" + "x = Dropout(0)(x)\n" * 9
    report = check(Document.of(f"{HEAD}{lines}m = Model(i, Dense(2)(x))\n"), RULES)
    assert len(report.checked) == 9 and all(c.fix is not None for c in report.checked)
    assert asked == {"names": 1, "totals": asked["totals"]} and asked["totals"] <= 2


@pytest.mark.parametrize(("layers", "found"), [(20, ["KER110"]), (21, []), (400, [])])
def test_a_row_of_linear_layers_is_looked_at_up_to_a_length(layers: int, found: list[str]) -> None:
    """Its weights are products of products: of 400, they could not be walked through."""
    source = HEAD + "x = i = Input((4,))\n" + "x = Dense(4)(x)\n" * layers + "m = Model(i, x)\n"
    report = check(Document.of(source), RULES, Options(why=True))
    assert [c.finding.rule.code for c in report.checked] == found and not report.failures
    said = {miss.reason for miss in report.near_misses if miss.rule == "KER110"}
    assert ("perhaps: it stands in a row of more than 20 linear layers" in said) == (not found)


TESTED = """\
import pytest
import tensorflow as tf
from tensorflow.keras.layers import Conv1D, Dense, Input
from tensorflow.keras.models import Sequential


@pytest.fixture(scope="module")
def small():
    return Sequential([Input((8,)), Dense(64), Dense(8)])


def test_training(small):
    assert Sequential([Input((8,)), Dense(64), Dense(8)])


class Layers(tf.test.TestCase):
    def build(self):
        return Sequential([Input((8,)), Dense(64), Dense(8)])

    def test_ranks(self):
        with self.assertRaises(ValueError):
            Conv1D(64, 3)(Input((8,)))
        return Sequential([Input((8,)), Conv1D(64, 3), Dense(8)])


def model():
    return Sequential([Input((8,)), Dense(64), Dense(8)])
"""


@pytest.mark.parametrize(
    ("selected", "expected"),
    [((), [("KER201", 23), ("KER110", 27)]), (("linear-chain",), [("KER110", n) for n in (9, 13, 18, 27)])],
)
def test_what_a_test_builds_is_as_it_needs_it(selected: tuple[str, ...], expected: list[tuple[str, int]]) -> None:
    document = Document.parse(TESTED.encode(), "m.py")
    assert isinstance(document, Document)
    rules = [r for r in load().rules if r.code in ("KER201", "KER110")]
    report = check(document, rules, Options(selected=frozenset(selected), why=True))
    found = [(c.finding.rule.code, document.lines(None).position(c.finding.span.start)[0]) for c in report.checked]
    assert [f for f in found if not selected or f[0] == "KER110"] == expected
    silent = sorted(miss.line for miss in report.near_misses if miss.reason.startswith("a test builds it"))
    assert silent == ([] if selected else [9, 13, 18])


def test_what_is_refused_under_every_assumption_that_was_tried_may_be_right_under_the_next() -> None:
    """Too many words for all to be tried: with the last one, nothing is refused."""
    tried = "".join(f"    if kind == 'k{n}':\n        return Model(i, images(i))\n" for n in range(40))
    code = "from keras.layers import *\nfrom keras.models import Model\ndef images(x):\n    return Conv2D(3, 3)(x)\n"
    code += f"def build(kind):\n    i = Input((8, 4))\n{tried}    return Model(i, Conv1D(3, 3)(i))\n"
    rules = [r for r in load().rules if r.code == "KER201"]
    flags = re.sub(r"kind == '(k\d+)'", r"kind.\1", code)  # no choice of words: whatever they are, it stands there
    always = flags.replace("    return Model(i, Conv1D(3, 3)(i))", "    return Model(i, images(i))")
    for text, expected in ((code, []), (code.replace("kind == 'k0'", "True"), ["KER201"]), (always, ["KER201"])):
        document = Document.parse(text.encode(), "m.py")
        assert isinstance(document, Document)
        report = check(document, rules, Options())
        assert [c.finding.rule.code for c in report.checked] == expected


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("keras.models.load_model('m.keras')", True),
        ("keras.models.load_model('m.keras', custom_objects={'f': print})", False),
        ("Own()(x)\nkeras.models.load_model('m.keras')", False),
    ],
)
def test_a_saved_model_has_its_own_structure_but_not_the_code_of_its_classes(line: str, *, safe: bool) -> None:
    own = "import keras\nclass Own(keras.layers.Layer):\n    def call(self, x): return 2 * x\n"
    found = pointwise(f"{own}x = Input((10, 4))\nm = Model(x, Conv1D(8, 1)(x))\n{line}\n")
    assert found.fix is not None
    assert found.fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)


@pytest.mark.parametrize(("name", "fixed"), [("steps", False), ("other", True)])
def test_a_name_that_comes_out_of_a_wrapper_is_free(name: str, fixed: bool) -> None:
    """Within TimeDistributed, two layers of one name never meet."""
    source = "from keras import Input, Model\n" + HEAD.replace("Dense", "Dense, TimeDistributed")
    source += "i = Input((10, 4))\nx = TimeDistributed(Dense(8, activation='relu', name='steps'))(i)\n"
    source += f"m = Model(i, TimeDistributed(Dense(2, name={name!r}))(x))\n"
    found = [c for c in check(Document.of(source), RULES).checked if c.finding.rule.code == "KER102"]
    assert [c.fix is not None for c in found] == [fixed] * 2
    assert all(fixed or "another layer is called 'steps'" in c.finding.no_fix[0] for c in found)


@pytest.mark.parametrize(
    ("shown", "codes"), [("print(m.get_weights())", []), ("def f():\n    m.get_weights()\nf()", ["KER110"])]
)
def test_of_weights_that_a_script_shows_nothing_is_said_that_training_shows(shown: str, codes: list[str]) -> None:
    source = "from keras import Sequential\n" + HEAD + f"m = Sequential([Input((8,)), Dense(4), Dense(2)])\n{shown}\n"
    assert [c.finding.rule.code for c in check(Document.of(source), RULES).checked] == codes


BLOCKS = """
def build(size):
    i = Input((size, 4))
    x = Conv1D(8, 1)(i)
    return Model(i, Conv1D(8, 3)(x))


"""


@pytest.mark.parametrize(
    ("sizes", "said"),
    [((7,), ["KER101 1"]), ((7, 9), ["KER101 2"]), ((2,), ["KER201 1"]), ((7, 2), ["KER101 1", "KER201 1"])],
)
def test_of_a_model_that_keras_refuses_nothing_else_is_said(sizes: tuple[int, ...], said: list[str]) -> None:
    """Nor does it count among the contexts of a line: two steps are too few for the second convolution."""
    source = HEAD + BLOCKS + "".join(f"build({size})\n" for size in sizes)
    found = (c.finding for c in check(Document.of(source), RULES).checked)
    assert [f"{f.rule.code} {f.contexts}" for f in found] == said


def test_a_name_that_a_layer_has_already_stays_its_own() -> None:
    """Another model may have a layer of the same name."""
    source = "".join(f"m{n} = Model(i, Conv1D(8, 1, name='out')(i))\n" for n in range(2))
    found = check(Document.of(HEAD + "i = Input((10, 4))\n" + source), RULES).checked
    assert [c.fix is not None for c in found] == [True, True]


def test_a_wrapper_of_something_unknown_is_no_obstacle() -> None:
    """Whatever it is called: the fix of another layer does not hang on that."""
    source = HEAD.replace("Dense", "Dense, TimeDistributed") + "def build(inner):\n    i = Input((10, 4))\n"
    source += "    return Model(i, TimeDistributed(inner)(Conv1D(8, 1)(i)))\n"
    (found,) = check(Document.of(source), RULES).checked
    assert (found.finding.rule.code, found.fix is not None) == ("KER101", True)
