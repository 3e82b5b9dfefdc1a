"""keras.applications: pretrained models, built of what is shipped about them; no Keras is needed."""

from __future__ import annotations

from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import argument, node_of, operation, tensor_of
from kerlint.evaluate.known.keras_models import new_model
from kerlint.evaluate.known.sequential import doubt
from kerlint.evaluate.models import as_layer, between
from kerlint.evaluate.pretrained import NAMES, Plan, Row, check_input, plan_of
from kerlint.evaluate.registry import TABLES, function, word_set
from kerlint.evaluate.state import PARAMETER, Run
from kerlint.evaluate.values import Array, Call, Item, ModelValue, Open, Rest, Value
from kerlint.graph.dim import BATCH, ceil_div
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Config, Layer, Refused, Silent, Unknown
from kerlint.layers.bind import bind
from kerlint.layers.removed import OWN
from kerlint.layers.shapes import is_free
from kerlint.layers.table import TABLE

# What keras_applications took besides: it changes nothing.
INJECTED = frozenset(["backend", "layers", "models", "utils"])
# Arguments that are free; every other one has its default, or is one that the rows hang on.
FREE = word_set("name weights input_tensor input_shape include_top pooling classes classifier_activation")
RATES = ("dropout", "dropout_rate")


@function(*(f"keras.applications.{name}" for name in sorted(NAMES)))
def _pretrained(run: Run, c: Call) -> Value:
    try:
        plan = plan_of(c.name)
        return _Built(run, c, plan, _arguments(run, plan, c)).model()
    except (Refused, Silent) as no:
        said = f"Keras refuses {c.name}: {no}" if isinstance(no, Refused) else f"{c.name}: {no}"
        return run.lost(f"{c.name}()", c.node, c.frame, f"{said}")


def _arguments(run: Run, plan: Plan, c: Call) -> dict[str, Value]:
    """All arguments of the call. Raises Silent, Refused."""
    names = list(plan.arguments)
    if len(c.args) > len(names):
        raise Refused(f"it takes {len(names)} arguments, not {len(c.args)}")
    if "**" in c.kwargs or any(isinstance(a, Rest) for a in c.args):
        raise Silent("some of its arguments are not known")
    given = dict(zip(names, c.args, strict=False)) | {k: v for k, v in c.kwargs.items() if k not in INJECTED}
    for name in given:
        if name not in plan.arguments:
            raise Refused(f"it has no argument {name!r}")
    values = plan.arguments | given
    for name in ("include_top", "pooling", *plan.by):
        if isinstance(values[name], Open):
            raise Silent(f"{name}={values[name].text} is not known: {values[name].why}")
    values["include_top"] = bool(values["include_top"])
    for name, value in values.items():
        rate = name in RATES and isinstance(value, (int, float)) and 0 < value < 1
        switch = isinstance(value, bool)  # one that changes nothing here
        if not (rate or switch or name in FREE or name in plan.by) and value != plan.arguments[name]:
            raise Silent(f"{name}={opens.text_of(value)} is not covered")
    return values


class _Built:
    """One model while it is built."""

    def __init__(self, run: Run, c: Call, plan: Plan, values: dict[str, Value]) -> None:
        self.run, self.c, self.plan, self.values = run, c, plan, values
        self.top, self.weights = values["include_top"], values["weights"]
        if self.top and self.weights == "imagenet" and values["classes"] != 1000:
            raise Refused("a pretrained top has 1000 classes")
        if run.data_format != "channels_last":
            raise Silent("channels_first is not covered")

    def model(self) -> ModelValue:
        """The model, with everything that the program may read of it."""
        shape, given = self._shape(), self.values["input_tensor"]
        tensor = tensor_of(self.run, given) if getattr(given, "why", "").startswith(PARAMETER) else given
        if tensor is not None and not isinstance(tensor, Tensor):
            raise Silent(f"input_tensor={opens.text_of(given)} is not known")
        pooling = None if self.top or self.values["pooling"] not in ("avg", "max") else self.values["pooling"]
        kept = "imagenet" if self.weights == "imagenet" else None
        rows = self.plan.rows(self.values | {"pooling": pooling, "weights": kept})
        tensors = [self._input(shape) if tensor is None else tensor]
        wanted, found = self.plan.channels, tensors[0].shape
        if wanted is not None and (isinstance(found, Unknown) or found[-1] != wanted):
            raise Silent(f"only inputs of {wanted} channels are covered")
        for row in rows[1:]:
            tensors.append(self._apply(row, [tensors[at] for at in row.inputs]))
        name = self.values["name"] or self._name(shape)
        named = Call((), {"name": name}, self.c.node, self.c.frame, via=True)
        model = new_model(self.run, "Functional", named)
        source = [n.output for n in between([], tensors[:1]) if n.layer.kind == "InputLayer"]
        model.inputs, model.outputs = source or tensors[:1], tensors[-1:]
        if tensor is not given:
            doubt(model, self.c, f"what comes before {opens.text_of(given)} would be a part of it, and is not known")
        model.structure = tensors[-1]
        return model

    def _shape(self) -> Any:
        """The shape of the input without the batch, perhaps Unknown. Raises Refused."""
        given = argument(self.run, "shape", self.values["input_shape"])
        if isinstance(given, Unknown):
            return given
        size = self.plan.default if self.top else None
        shape = (size, size, 3) if given is None else given if isinstance(given, tuple) else (given,)
        check_input(self.plan, shape, self.top, self.weights)
        return shape

    def _name(self, shape: Any) -> str:
        rows = shape[0] if isinstance(shape, tuple) else None
        if self.weights == "imagenet" and (rows not in self.plan.pretrained or shape[1] != rows):
            rows = self.plan.default
        alpha = self.values.get("alpha", 1.0)
        return self.plan.name.replace("1.00", f"{alpha:0.2f}").format(rows=rows)

    def _input(self, shape: Any) -> Tensor:
        config = bind(TABLE["InputLayer"], [], {"shape": shape}, floatx=self.run.floatx).config
        layer = Layer(TABLE["InputLayer"], config, self.run.layer_name("InputLayer"))
        return node_of(self.run, layer, [], None, self.c.line).output

    def _apply(self, row: Row, inputs: list[Tensor]) -> Tensor:
        """One row on tensors. No place is written for it: nothing of it can be edited."""
        if row.kind.startswith("ops."):
            return operation(self.run, row.kind[4:].lower(), inputs, None, self.c.line, **row.arguments)
        layer = self._sequential(row, inputs[0]) if row.kind == "Sequential" else self._layer(row, inputs)
        node = node_of(self.run, layer, inputs, None, self.c.line)
        if node.refused:
            raise Silent("its layers hang on the size of the input, and this one is not covered")
        return node.output

    def _layer(self, row: Row, inputs: list[Tensor]) -> Layer:
        run = self.run
        name = row.name or run.layer_name(row.kind)
        if row.kind not in TABLE:
            shapes = tuple(row.arguments.get("weights", {}).items())
            values = {"shapes": shapes, "class": row.kind, "name": name, "dtype": None, "trainable": True}
            return Layer(OWN, Config(values), name)
        arguments = {key: self._filled(key, value, inputs) for key, value in row.arguments.items()}
        policy = run.policy if isinstance(run.policy, str) else run.floatx
        config = bind(TABLE[row.kind], [], arguments | {"name": name}, floatx=policy).config
        return Layer(TABLE[row.kind], config, name, named=row.name is not None)

    def _filled(self, key: str, value: Any, inputs: list[Tensor]) -> Any:
        """An argument of a layer, with what hangs on the call and on the size before it."""
        if isinstance(value, list):
            return tuple(self._filled(key, part, inputs) for part in value)
        if not isinstance(value, dict):
            return value
        if "argument" in value:
            return argument(self.run, key, self.values[value["argument"]])
        return _padding(value, inputs[0].shape)

    def _sequential(self, row: Row, x: Tensor) -> Layer:
        model = ModelValue("Sequential", row.name or self.run.layer_name(row.kind), None, self.c.line, named=True)
        model.counted = False  # a part of another model, of which the program does not know
        self.run.models.append(model)
        shape = x.shape if isinstance(x.shape, Unknown) else (BATCH, *x.shape[1:])
        model.inputs = model.outputs = [Tensor(shape, x.dtype, name=f"{model.keras_name}_input")]
        for kind, name, arguments, _ in row.arguments["layers"]:
            layer = self._layer(Row(kind, name, arguments, ()), model.outputs)
            node = node_of(self.run, layer, model.outputs, None, self.c.line, "element")
            model.items.append(Item(layer, None, "element", node=node))
            model.outputs = [node.output]
        return as_layer(self.run, model)


def _padding(value: dict[str, Any], shape: Any) -> Any:
    """``imagenet_utils.correct_pad``: one row or column less before an even size than before an odd one."""
    if isinstance(shape, Unknown):
        return Unknown("padding", shape.why)
    height, width = shape[1:3]
    if is_free(height):
        return (tuple(value["even"]), tuple(value["even"]))
    if is_free(width):
        raise Refused("a width of None needs a height of None")
    odd = [2 * ceil_div(size, 2) - size for size in (height, width)]  # 1 or 0
    return tuple(tuple(a + (b - a) * one for a, b in zip(value["even"], value["odd"], strict=True)) for one in odd)


# --- what goes into them -----------------------------------------------------------------------------------

PREPARED: dict[str, str] = TABLES["applications.prepared"]  # by which mode; none: the model does it itself


@function(*(f"keras.applications.{module}.preprocess_input" for module in PREPARED))
def _prepare(run: Run, c: Call) -> Value:
    """As ``imagenet_utils._preprocess_tensor_input`` does it to a tensor, operation by operation."""
    x, module = c.get(0, "x"), c.written.split(".")[2]
    if isinstance(x, Array):
        return Array(x.shape, "float32")
    if not isinstance(x, Tensor):
        return run.lost("preprocess_input()", c.node, c.frame, "prepared data")
    mode = c.get(2, "mode", "caffe") if module == "imagenet_utils" else PREPARED[module]
    if mode == "":
        return x
    if mode == "caffe":
        parts = [operation(run, "getitem", [x], c.span, c.line, index=(..., i)) for i in (2, 1, 0)]
        return _each(run, c, operation(run, "stack", parts, c.span, c.line, axis=-1), ("add",))
    return _each(run, c, x, ("divide", "add", "divide") if mode == "torch" else ("divide", "subtract"))


def _each(run: Run, c: Call, x: Tensor, names: tuple[str, ...]) -> Tensor:
    for name in names:
        x = operation(run, name, [x], c.span, c.line, constant=Unknown(c.name, "a constant of Keras"))
    return x
