"""Imports between the files of a project."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faces.conftest import Run, write

from kerlint.imports import Imports

FILES = [
    "pyproject.toml",
    "src/pkg/__init__.py",
    "src/pkg/model.py",
    "src/pkg/sizes.py",
    "src/pkg/parts/__init__.py",
    "src/pkg/parts/heads.py",
    "tests/helper.py",
    "tests/model_test.py",
    "rl/__init__.py",
    "rl/agents.py",
    "checks/__init__.py",
    "checks/rl/__init__.py",
    "checks/rl/agents.py",
    "checks/whole/agents_test.py",
    "train.py",
    "tools.py",
]


@pytest.fixture
def project(here: Path) -> Path:
    for name in FILES:
        write(here / name, "")
    return here


@pytest.mark.parametrize(
    ("dotted", "importer", "found"),
    [
        (".sizes", "src/pkg/model.py", "src/pkg/sizes.py"),
        (".parts", "src/pkg/model.py", "src/pkg/parts/__init__.py"),
        ("..sizes", "src/pkg/parts/heads.py", "src/pkg/sizes.py"),
        (".", "src/pkg/model.py", "src/pkg/__init__.py"),
        ("pkg.parts.heads", "src/pkg/model.py", "src/pkg/parts/heads.py"),
        ("pkg.sizes", "tests/model_test.py", "src/pkg/sizes.py"),
        ("helper", "tests/model_test.py", "tests/helper.py"),
        ("tools", "train.py", "tools.py"),
        ("tools", "src/pkg/model.py", "tools.py"),
        ("sizes", "src/pkg/model.py", "src/pkg/sizes.py"),
        ("rl.agents", "checks/whole/agents_test.py", "rl/agents.py"),  # not checks/rl: checks is a package
        ("rl.agents", "checks/agents_test.py", "checks/rl/agents.py"),  # beside the file: it may be a script
        ("numpy", "train.py", None),
        (".tools", "src/pkg/model.py", None),
        ("tests..helper", "train.py", None),
    ],
)
def test_which_file_an_import_means(dotted: str, importer: str, found: str | None, project: Path) -> None:
    document = Imports()(dotted, importer)
    assert (document.path if document else None) == found


def test_nothing_outside_the_project_is_read(project: Path) -> None:
    write(project.parent / "secret.py", "")
    assert Imports()("secret", "train.py") is None


def test_a_copy_without_git_begins_where_its_imports_are_found(tmp_path: Path) -> None:
    """A repository that was downloaded has no sign of where it begins; a few folders up, nobody looks any more."""
    for name in ("copy/pack/inner/model.py", "copy/pack/inner/parts.py", "copy/shared/sizes.py"):
        write(tmp_path / "downloads" / name, "from pack.inner.parts import block\n")
    write(tmp_path / "elsewhere.py", "")
    importer = str(tmp_path / "downloads/copy/pack/inner/model.py")
    found = [name for name in ("pack.inner.parts", "shared.sizes", "elsewhere") if Imports()(name, importer)]
    assert found == ["pack.inner.parts", "shared.sizes"]


def test_paths_are_told_as_the_importing_file_is(project: Path) -> None:
    document = Imports()(".sizes", str(project / "src/pkg/model.py"))
    assert document is not None
    assert document.path == str(project / "src/pkg/sizes.py")


def test_a_size_from_another_file(project: Path, kerlint: Run) -> None:
    write(project / "src" / "pkg" / "sizes.py", "STEPS = 1\n")
    write(
        project / "src" / "pkg" / "model.py",
        "from keras import Input, Model\nfrom keras.layers import LSTM\nfrom .sizes import STEPS\n\n"
        "i = Input((STEPS, 4))\nm = Model(i, LSTM(8)(i))\n",
    )
    report = kerlint("src", "--no-prove", "--format", "json").json
    assert [f["code"] for f in report["findings"]] == ["KER104"]
    assert report["findings"][0]["layers"][0]["input_shape"] == [None, 1, 4]
