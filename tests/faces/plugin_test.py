"""Rules of a third party: found, explained, fixed and proved like built-in ones; faulty ones are named."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from tests.faces.conftest import POINTWISE, Run, write

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tests" / "plugin"
GUIDE = ROOT / "docs" / "writing-a-rule.md"
PLAIN = ("--no-prove", "--format", "json")

VISION = """\
from keras import Input, Model
from keras.layers import Conv2D, Flatten, ZeroPadding2D

picture = Input((32, 32, 3))
x = ZeroPadding2D((1, 1))(picture)
x = Conv2D(8, (3, 3), activation="relu")(x)
x = ZeroPadding2D((4, 4))(x)
x = Conv2D(8, 9)(x)
model = Model(picture, Flatten()(x))
"""
FIXED = """\
from keras import Input, Model
from keras.layers import Conv2D, Flatten, ZeroPadding2D

picture = Input((32, 32, 3))
x = picture
x = Conv2D(8, (3, 3), activation="relu", padding="same")(x)
x = ZeroPadding2D((4, 4))(x)
x = Conv2D(8, 9)(x)
model = Model(picture, Flatten()(x))
"""


def installed(site: Path, monkeypatch: pytest.MonkeyPatch, points: dict[str, str], name: str, *code: Path) -> None:
    """What pip would leave of a package: its metadata in a directory of the path; ``code`` is where its modules are."""
    info = site / f"{name.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    lines = "".join(f"{point} = {module}\n" for point, module in points.items())
    (info / "entry_points.txt").write_text(f"[kerlint.rules]\n{lines}")
    for path in (site, *code):
        monkeypatch.syspath_prepend(str(path))


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example package, installed as its own pyproject.toml says."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    points = project["entry-points"]["kerlint.rules"]
    installed(tmp_path / "site", monkeypatch, points, project["name"], PACKAGE)


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Installs a plugin of one module with this text; gives the module's file."""

    def install(text: str) -> Path:
        site = tmp_path / "faulty"
        installed(site, monkeypatch, {"broken": "kerlint_broken"}, "kerlint-broken")
        file = site / "kerlint_broken.py"
        file.write_text(text)
        monkeypatch.delitem(sys.modules, "kerlint_broken", raising=False)
        return file

    return install  # type: ignore[return-value]


# --- a good one --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("acme")
def test_it_is_linted(here: Path, kerlint: Run) -> None:
    write(here / "model.py", VISION)
    done = kerlint(*PLAIN, "--why", "ACME101")
    (found,) = (f for f in done.json["findings"] if f["code"] == "ACME101")
    assert (done.status, found["rule"], found["severity"]) == (1, "padding-then-conv", "warning")
    assert found["message"] == "the zeros around Conv2D(8) are what padding='same' puts there"
    assert (found["start"]["line"], found["equivalence"]) == (5, "identical")
    assert found["impact"]["params"] == {"before": 224, "after": 224, "delta": 0}
    assert "model.py:7: ACME101 padding-then-conv stayed silent: the kernel is 1, or larger than 7" in done.err


@pytest.mark.usefixtures("acme")
def test_it_is_selected_ignored_and_configured(here: Path, kerlint: Run) -> None:
    write(here / "model.py", VISION)
    assert kerlint(*PLAIN, "--select", "ACME").codes == ["ACME101"]
    assert "ACME101" not in kerlint(*PLAIN, "--ignore", "padding-then-conv").codes
    write(here / "kerlint.toml", "[rules.padding-then-conv]\nlargest = 9\n")
    assert kerlint(*PLAIN, "--select", "ACME").codes == ["ACME101"] * 2
    write(here / "kerlint.toml", "[rules.padding-then-conv]\nsmallest = 9\n")
    done = kerlint(*PLAIN)
    assert (done.status, "unknown key 'smallest'" in done.err) == (2, True)


@pytest.mark.usefixtures("acme")
def test_it_is_explained(kerlint: Run) -> None:
    for name in ("ACME101", "acme101", "padding-then-conv"):
        done = kerlint("explain", name)
        assert done.out.startswith("ACME101 padding-then-conv\nwarning, identical, its fix is safe\n")
        assert "    largest = 7\n" in done.out
    rules = [rule["code"] for rule in kerlint("explain", "--all", "--format", "json").json["rules"]]
    assert rules[0] == "ACME101" and "KER101" in rules


@pytest.mark.usefixtures("acme")
def test_it_is_fixed(here: Path, kerlint: Run) -> None:
    write(here / "model.py", VISION)
    assert kerlint(*PLAIN, "--select", "ACME", "--fix").json["fixed"] == 1
    assert (here / "model.py").read_text() == FIXED


@pytest.mark.keras
@pytest.mark.usefixtures("acme")
def test_it_is_proved(here: Path, kerlint: Run) -> None:
    write(here / "model.py", VISION)
    done = kerlint("prove", "--select", "ACME", "--python", sys.executable, "--format", "json", "model.py")
    (proof,) = (finding["fixes"][0]["proof"] for finding in done.json["proofs"])
    assert (done.status, proof["status"], proof["reason"]) == (0, "proved", None)


@pytest.mark.usefixtures("acme")
def test_which_plugins_are_loaded_is_configured(here: Path, kerlint: Run) -> None:
    """By the user, or where the project is trusted: a project alone decides nothing of it."""
    write(here / "model.py", VISION)
    for named, loaded in ('["acme"]', True), ("[]", True), ('["another"]', False):
        write(here / "kerlint.toml", f"plugins = {named}\n")
        assert "ACME101" in kerlint(*PLAIN, "model.py").codes
        done = kerlint(*PLAIN, "--trust", "model.py")
        assert ("ACME101" in done.codes) is loaded
        assert ("plugin another: is not installed" in done.err, done.status) == (not loaded, 1 if loaded else 2)


# --- faulty ones -------------------------------------------------------------------------------------------

HEAD = """\
from kerlint.rule import Equivalence, Rewrite, new, one, rule


@rule("BAD101", "dense-one", on=one("Dense"), equivalence=Equivalence.IDENTICAL, message="{dense} is bad")
def dense_one(dense):
    \"\"\"A page.\"\"\"
"""
FAULTS = {
    "an import that fails": ("import kerlint\nimport nothing_of_that_name\n", 2, "ModuleNotFoundError"),
    "a syntax error": ("x = 1\ny = (\n", 2, "SyntaxError"),
    "a code that is taken": (HEAD.replace("BAD101", "KER101") + "    return None\n", 4, "is taken by KER101"),
    "a code that is none": (HEAD.replace("BAD101", "bad") + "    return None\n", 4, "'bad' is no rule code"),
    "an exception in the rule": (HEAD + "    return dense.nothing_like_it\n", 7, "AttributeError"),
    "no answer": (HEAD + "    return 3\n", 4, "it gives 3, which is no answer"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_plugin_is_named_with_its_place_and_the_run_goes_on(
    here: Path, kerlint: Run, faulty: Run, fault: str
) -> None:
    text, line, told = FAULTS[fault]
    file = faulty(text)
    write(here / "model.py")
    done = kerlint(*PLAIN)
    assert (done.status, done.codes) == (2, ["KER101"])
    messages = {error["message"] for error in done.json["errors"]}
    assert any(f"{file}:{line}" in message and told in message for message in messages), messages


def test_another_rule_of_a_faulty_module_is_not_lost_with_it(here: Path, kerlint: Run, faulty: Run) -> None:
    good = HEAD + "    return dense.becomes(new.Dense.like(dense, units=1)(dense.input, weights=dense.weights))\n"
    faulty(good + good.replace("BAD101", "KER101").replace("dense_one", "twin").replace("dense-one", "dense-two"))
    write(here / "model.py")
    done = kerlint(*PLAIN)
    assert (done.status, sorted(done.codes)) == (2, ["BAD101", "KER101"])


def test_a_replacement_that_does_not_fit_is_a_silence_with_its_place(here: Path, kerlint: Run, faulty: Run) -> None:
    file = faulty(HEAD + "    return dense.becomes(new.Dense(2)(dense.input, weights=dense.weights))\n")
    write(here / "model.py")
    done = kerlint(*PLAIN, "--why", "BAD101")
    assert (done.status, done.codes) == (1, ["KER101"])
    assert "BAD101 dense-one stayed silent: its replacement does not fit: shape (batch, 2)" in done.err
    assert f"({file}:7)" in done.err


WRONG = """\
from kerlint.rule import Equivalence, new, one, rule


@rule("BAD102", "wrong-conv", on=one("Conv1D"), equivalence=Equivalence.IDENTICAL, message="{conv} is wrong")
def wrong_conv(conv):
    \"\"\"A page.\"\"\"
    conv.require(kernel_size=(1,))
    dense = new.Dense.like(conv, units=conv["filters"])
    return conv.becomes(dense(conv.input, weights=conv.weights | {"kernel": -conv.weights["kernel"][0]}))
"""


@pytest.mark.keras
def test_a_rewrite_that_is_wrong_is_refuted_and_its_rule_named(here: Path, kerlint: Run, faulty: Run) -> None:
    file = faulty(WRONG)
    write(here / "model.py")
    done = kerlint("--select", "BAD", "--fix", "--python", sys.executable, "--format", "json")
    assert (done.status, done.codes, done.json["fixed"]) == (2, ["BAD102"], 0)
    assert (here / "model.py").read_text() == POINTWISE
    (error,) = done.json["errors"]
    assert error["message"].startswith(f"BAD102 wrong-conv ({file}:4): its replacement is another function")


# --- the guide ---------------------------------------------------------------------------------------------


def test_the_guide_is_that_package() -> None:
    """Every file of the package stands in the guide, word for word, under its name; and nothing else does."""
    text = GUIDE.read_text()
    shown = dict(re.findall(r"^`([\w./-]+)`:\n\n```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    files = [p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix in (".py", ".toml")]
    assert shown == {str(p.relative_to(PACKAGE)): p.read_text() for p in files} | {"vision.py": VISION}
    assert all(line in text for line in ("pip install -e .", "kerlint explain ACME101", "kerlint prove vision.py"))


@pytest.mark.parametrize("environment", [True, False], ids=["in the environment", "beside the code"])
def test_a_plugin_is_trusted_by_where_its_code_stands(
    here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch, environment: bool
) -> None:
    """A virtual environment below the project is the one that kerlint runs in; a package of the project is not."""
    place = here / ".venv" / "site-packages"
    installed(place, monkeypatch, {"local": "kerlint_local"}, "kerlint-local")
    write((place if environment else here) / "kerlint_local.py", "")
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.delitem(sys.modules, "kerlint_local", raising=False)
    monkeypatch.setattr("sysconfig.get_paths", lambda: {"purelib": str(place), "platlib": str(place)})
    write(here / "model.py", VISION)
    done = kerlint(*PLAIN)
    assert ("lies in the linted project" in done.err + done.out) is not environment
