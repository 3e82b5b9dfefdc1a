"""Models that nobody writes, of thousands of layers: is anything worse than linear?

    python bench/hostile.py [--layers 1000 3000] [--only dense ...]

For each shape of model a program is written, every layer on a line of its own, and checked with all rules, as a user
would check it. Printed: seconds of ``kerlint check --select ALL`` for each number of layers; a row whose last number
grows by much more than the layers did has something quadratic in it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "from keras import Input, Model, Sequential, layers\nx = i = Input((16, 8))\n"
CHAINS = {
    "dense": "x = layers.Dense(8)(x)",
    "dense-narrow": "x = layers.Dense({seven})(x)",
    "conv": "x = layers.Conv1D(8, 3, padding='same')(x)",
    "dropout": "x = layers.Dropout(0)(x)",
    "activation": "x = layers.Activation('relu')(x)",
    "normalization": "x = layers.BatchNormalization()(x)",
    "reshape": "x = layers.Reshape(({size}, -1))(x)",
    "lstm": "x = layers.LSTM(8, return_sequences=True)(x)",
    "dangling": "layers.Dense(8)(x)",
    "unused": "d{n} = layers.Dense(8)",
    "residual": "x = layers.Add()([x, layers.Dense(8, activation='relu')(x)])",
    "dense-net": "x = layers.Concatenate()([x, layers.Dense(1, activation='relu')(x)])",
}
JOINS = {"add": "Add", "concatenate": "Concatenate"}


def program(kind: str, layers: int) -> str:
    """A program that makes one model of so many layers."""
    end = "m = Model(i, x)\nm.compile('adam', 'mse')\n"
    if kind in JOINS:
        made = "".join(f"x{n} = layers.Dense(8, activation='relu')(i)\n" for n in range(layers))
        return f"{HEAD}{made}x = layers.{JOINS[kind]}()([{', '.join(f'x{n}' for n in range(layers))}])\n{end}"
    if kind == "sequential":
        return f"{HEAD}m = Sequential([{'layers.Dense(8), ' * layers}])\n"
    if kind == "loop":
        return f"{HEAD}for n in range({layers}):\n    x = layers.Dense(8)(x)\n{end}"
    chain = CHAINS[kind]
    lines = (chain.format(n=n, seven=8 - n % 7, size=16 if n % 2 else 8) for n in range(layers))
    return HEAD + "\n".join(lines) + "\n" + end


def seconds(text: str) -> float:
    """How long the check of a program takes."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model.py"
        path.write_text(text)
        command = [
            sys.executable,
            "-m",
            "kerlint",
            "check",
            "--select",
            "ALL",
            "--no-prove",
            "--no-cache",
            "--isolated",
        ]
        sources = os.pathsep.join(str(ROOT / room) for room in ("linter", "rules"))
        started = time.perf_counter()
        done = subprocess.run(
            [*command, str(path)], capture_output=True, check=False, env=os.environ | {"PYTHONPATH": sources}
        )
        if done.returncode == 2:
            print(done.stderr.decode())
        return time.perf_counter() - started


def main() -> None:
    """One row for each shape of model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", nargs="+", type=int, default=[1000, 3000])
    parser.add_argument("--only", nargs="+", default=[*CHAINS, *JOINS, "sequential", "loop"])
    options = parser.parse_args()
    print(f"{'layers':16}", *(f"{n:>8}" for n in options.layers))
    for kind in options.only:
        print(f"{kind:16}", *(f"{seconds(program(kind, n)):8.1f}" for n in options.layers), flush=True)


if __name__ == "__main__":
    main()
