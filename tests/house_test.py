"""The house rules of docs/architecture.md, as tests: who may import whom, how long things may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINTER = ROOT / "linter" / "kerlint"
RULES = ROOT / "rules" / "kerlint_rules"
MODULES = sorted([*LINTER.rglob("*.py"), *RULES.rglob("*.py")])

# Rooms on a floor below may be imported; what does not stand behind a room is forbidden to it.
BELOW_RULES = ("text", "graph", "layers")
RULE = (*BELOW_RULES, "rule")
SETTINGS = ("config", "selection", "gitignore", "project", "imports", "baseline")
CHECKING = ("outcome", "nesting", "merge", "callers", "edits", "engine", "fixing")
ANALYSIS = (*RULE, "evaluate", "fix", "host", "prove", "introspect", *CHECKING)
MAY_IMPORT = {
    "text": (),
    "graph": (),
    "layers": ("graph",),
    "evaluate": BELOW_RULES,
    "rule": BELOW_RULES,
    "fix": RULE,
    "host": (),
    "prove": (*RULE, "host"),
    "introspect": (*RULE, "host"),
    **dict.fromkeys(CHECKING, ANALYSIS),
    **dict.fromkeys(SETTINGS, ("text", "rule", *SETTINGS)),
    "report": (*ANALYSIS, "config"),
    "cli": (*ANALYSIS, *SETTINGS, "report", "cli"),
    "lsp": (*ANALYSIS, *SETTINGS, "report"),
    "kerlint_rules": ("rule",),
    "__main__": ("cli",),
    "__init__": ANALYSIS,
}
# The one door through which a command reaches a room that nobody else may know.
DOORS = {("cli/lsp.py", "lsp")}

FOREIGN = ("keras", "tf_keras", "tensorflow", "jax", "torch", "numpy", "libcst", "pygls")
# These run under the user's interpreter, where there is no kerlint: they import nothing of it.
WORKERS = ("host/inside", "prove/worker", "introspect/worker")
MAY_LOAD = {"fix": {"libcst"}, "edits": {"libcst"}, "fixing": {"libcst"}, "lsp": {"pygls"}}


def shown(path: Path) -> str:
    return str(path.relative_to(LINTER if path.is_relative_to(LINTER) else RULES.parent))


def room(path: Path) -> str:
    return shown(path).split("/")[0].removesuffix(".py")


def is_worker(path: Path) -> bool:
    return shown(path).startswith(WORKERS)


def dotted(path: Path) -> str:
    root = LINTER.parent if path.is_relative_to(LINTER) else RULES.parent
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 or is_worker(path), f"{shown(path)}:{node.lineno}: imports are absolute here"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """Name, line and number of code lines of every function; its docstring is not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            prose = node.body[0] if ast.get_docstring(node) is not None else None
            page = 0 if prose is None or prose.end_lineno is None else prose.end_lineno - prose.lineno + 1
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1 - page


def test_the_table_names_every_room() -> None:
    assert {room(path) for path in MODULES} <= MAY_IMPORT.keys()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_imports_go_downwards(path: Path) -> None:
    mine = room(path)
    allowed = {mine, *MAY_IMPORT[mine]}
    for line, name in imports(path):
        package, _, rest = name.partition(".")
        if package not in {"kerlint", "kerlint_rules"} or name == "kerlint":
            continue
        assert not is_worker(path), f"{shown(path)}:{line}: a worker imports nothing of kerlint"
        target = "kerlint_rules" if package == "kerlint_rules" else rest.split(".")[0]
        version = target == "__version__"
        assert version or target in allowed or (shown(path), target) in DOORS, (
            f"{shown(path)}:{line}: {mine} may not import {name} (see MAY_IMPORT above)"
        )


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_foreign_packages_stay_in_their_rooms(path: Path) -> None:
    allowed = MAY_LOAD.get(room(path), set())
    if is_worker(path):
        allowed = {"keras", "tf_keras", "tensorflow", "jax", "torch", "numpy"}
    for line, name in imports(path):
        package = name.split(".")[0]
        assert package not in FOREIGN or package in allowed, f"{shown(path)}:{line} imports {name}"


IMPORT_ALL = """
import sys
for module in sys.argv[1:]:
    __import__(module)
    print(module, *sorted({%s} & sys.modules.keys()))
"""


def test_no_module_loads_anything_heavy() -> None:
    """In one fresh interpreter: what none of them loads together, none of them loads alone."""
    light = [p for p in MODULES if not is_worker(p) and room(p) not in {"__main__", *MAY_LOAD}]
    code = IMPORT_ALL % ", ".join(map(repr, FOREIGN))
    command = [sys.executable, "-c", code, *map(dotted, light)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        module, *heavy = line.split()
        assert not heavy, f"importing {module} loads {heavy}: import it where it is used"


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 300, f"{shown(path)} has {lines} lines: a second room wants to be made of it"
    for name, line, length in functions(path):
        assert length <= 40, f"{shown(path)}:{line}: {name} has {length} lines: name its parts"


def test_the_engine_stays_small() -> None:
    lines = sum(len(path.read_text().splitlines()) for path in LINTER.rglob("*.py"))
    assert lines <= 33_516, f"{lines} lines of engine: what can be data, what is said twice?"
