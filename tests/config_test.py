"""Configuration as users write it: the nearest file wins, and mistakes are named."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kerlint import selection
from kerlint.config import KEYS, Config, ConfigError, Configs
from kerlint.rule.load import load


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without a configuration of their own, unless the test writes one."""
    folder = tmp_path / "home" / "kerlint"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    config = Configs().of(str(tmp_path))
    assert (config.select, config.fail_on, config.prove, config.keras) == (None, "warning", True, "auto")


def test_the_nearest_file_wins_and_files_are_not_merged(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.kerlint]\nselect = ["KER1"]\nfix = true\n')
    write(tmp_path / "a" / "kerlint.toml", 'select = ["KER2"]\n')
    write(tmp_path / "a" / "b" / "pyproject.toml", '[tool.other]\nkerlint = "not about us"\n')
    configs = Configs()
    assert configs.of(str(tmp_path / "c" / "d")).select == ("KER1",)
    inner = configs.of(str(tmp_path / "a" / "b"))
    assert (inner.select, inner.fix, inner.root) == (("KER2",), False, str(tmp_path / "a"))


def test_folders_may_be_nested_deeply() -> None:
    assert Configs().of("/d" * 2000).select == Config().select


def test_in_one_directory_the_hidden_file_comes_first(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.kerlint]\nkeras = 2\n")
    write(tmp_path / "kerlint.toml", "keras = 3\n")
    assert Configs().of(str(tmp_path)).keras == 3
    write(tmp_path / ".kerlint.toml", 'keras = "auto"\n')
    assert Configs().of(str(tmp_path)).keras == "auto"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("selct = []", "unknown key 'selct' (did you mean 'select'?)"),
        ("xyzzy = 1", "unknown key 'xyzzy'"),
        ('select = "KER1"', "select = 'KER1' is not a list of strings"),
        ("fix = 1", "fix = 1 is not true or false"),
        (
            'fail-on = "errors"',
            "fail-on = 'errors' is not one of 'error', 'warning', 'info' (did you mean 'error'?)",
        ),
        ("keras = 1", "keras = 1 is not one of 'auto', 2, 3"),
        ('keras = "3"', "keras = '3' is not one of 'auto', 2, 3\n"),
        ("keras = true", "keras = True is not one of 'auto', 2, 3"),
        ('prove = "requir"', "is not one of true, false, 'require' (did you mean 'require'?)"),
        ('per-file-ignores = ["a"]', "is not a table of lists of rules by pattern"),
        ("rules = 3", "rules = 3 is not a table of options by rule"),
        ("select = [", "not valid TOML"),
    ],
)
def test_mistakes_are_named_with_file_key_and_remedy(tmp_path: Path, line: str, message: str) -> None:
    file = write(tmp_path / "kerlint.toml", line)
    with pytest.raises(ConfigError) as error:
        Configs().of(str(tmp_path))
    assert str(error.value).startswith(f"{file}: ")
    assert message in f"{error.value}\n"


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        Configs(str(tmp_path / "none.toml"))


def test_a_named_file_stands_for_all_and_isolation_for_none(tmp_path: Path) -> None:
    write(tmp_path / "kerlint.toml", "fix = true\n")
    named = write(tmp_path / "other.toml", "unsafe-fixes = true\n")
    config = Configs(str(named)).of(str(tmp_path))
    assert (config.fix, config.unsafe_fixes) == (False, True)
    assert not Configs(isolated=True).of(str(tmp_path)).fix


def test_the_command_line_comes_last(tmp_path: Path) -> None:
    write(tmp_path / "kerlint.toml", 'fail-on = "info"\npython = "./mine"\n')
    config = Configs(fail_on="error", python="/usr/bin/python3").of(str(tmp_path))
    assert config.fail_on == "error"
    assert config.untrusted().python == "/usr/bin/python3"


def test_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    write(tmp_path / "kerlint.toml", 'baseline = "known.json"\npython = "python3.12"\n')
    config = Configs().of(str(tmp_path / "src"))
    assert (config.baseline, config.python) == (str(tmp_path / "known.json"), "python3.12")


def test_what_a_project_may_not_choose_is_the_users_own(tmp_path: Path, home: Path) -> None:
    write(home / "kerlint.toml", 'python = "/opt/py"\nplugins = ["mine"]\nfix = true\n')
    write(tmp_path / "p" / "kerlint.toml", 'python = "./x"\n')
    config = Configs().of(str(tmp_path / "p"))
    assert (config.python, config.plugins) == (str(tmp_path / "p" / "x"), ("mine",))
    assert config.from_project == {"python"}
    assert (config.untrusted().python, config.untrusted().plugins, config.fix) == (
        "/opt/py",
        ("mine",),
        False,
    )
    alone = Configs().of(str(tmp_path / "q"))
    assert (alone.untrusted().python, alone.fix) == ("/opt/py", True)


def test_a_configuration_is_never_changed() -> None:
    with pytest.raises(AttributeError, match="not changed"):
        Config().fix = True
    with pytest.raises(TypeError, match="no settings: fixx"):
        Config(fixx=True)


def rule(code: str, name: str, default: bool = True, **options: object) -> Any:
    words = (code, name, f"old-{name}")
    return SimpleNamespace(code=code, name=name, default=default, words=words, options=options, bounds={})


RULES = [
    rule("KER101", "pointwise-conv"),
    rule("KER102", "idle-layer", limit=3, share=0.5),
    rule("KER201", "late-softmax", default=False),
    rule("ABC101", "plugin-rule"),
]


@pytest.mark.parametrize(
    ("settings", "flags", "codes"),
    [
        ({}, {}, "KER101 KER102 ABC101"),
        ({"select": ("KER1",)}, {}, "KER101 KER102"),
        ({"select": ("late-softmax",)}, {}, "KER201"),
        ({"extend_select": ("KER201",)}, {}, "KER101 KER102 KER201 ABC101"),
        ({"select": ("ALL",), "ignore": ("KER1",)}, {}, "KER201 ABC101"),
        ({"select": ("KER101",), "ignore": ("KER1",)}, {}, "KER101"),
        ({"ignore": ("old-pointwise-conv",)}, {}, "KER102 ABC101"),
        ({"select": ("KER2",), "ignore": ("KER101",)}, {"select": ["KER1"]}, "KER101 KER102"),
        ({"select": ("KER1",)}, {"extend_select": ["KER201"], "ignore": ["KER102"]}, "KER101 KER201"),
    ],
)
def test_which_rules_are_asked(settings: dict[str, Any], flags: dict[str, Any], codes: str) -> None:
    assert " ".join(r.code for r in selection.selected(Config(**settings), RULES, **flags)) == codes


def test_an_unknown_rule_is_an_error_on_the_command_line() -> None:
    with pytest.raises(ConfigError, match=r"unknown rule 'pointwise' \(did you mean 'pointwise-conv'\?\)"):
        selection.selected(Config(), RULES, select=["pointwise"])


def test_an_unknown_rule_in_a_file_is_a_warning() -> None:
    config = Config(select=("KER1", "KER103"), rules={"xyzzy": {}}, source="kerlint.toml")
    assert selection.unknown(config, RULES) == [
        "kerlint.toml: unknown rule 'KER103' in select (did you mean 'KER102'?)",
        "kerlint.toml: unknown rule 'xyzzy' in rules",
    ]


def test_options_of_rules_are_checked() -> None:
    def options(**table: object) -> object:
        return selection.options(Config(rules={"KER102": table}, source="k.toml"), RULES)

    assert options(limit=4, share=1) == {"idle-layer": {"limit": 4, "share": 1}}
    with pytest.raises(ConfigError, match=r"k\.toml: rules\.KER102: unknown key 'limits' \(did you mean 'limit'\?\)"):
        options(limits=4)
    with pytest.raises(ConfigError, match="limit = '4' is not of type int"):
        options(limit="4")


@pytest.mark.parametrize(
    ("pattern", "path", "hit"),
    [
        ("tests/*", "tests/deep/m.py", True),
        ("tests", "tests/m.py", True),
        ("m.py", "src/m.py", True),
        ("src/*.py", "tests/m.py", False),
        ("!src/*", "tests/m.py", True),
        ("!src/*", "src/m.py", False),
    ],
)
def test_per_file_ignores(tmp_path: Path, pattern: str, path: str, hit: bool) -> None:
    config = Config(per_file_ignores={pattern: ("KER1",)}, root=str(tmp_path))
    assert selection.per_file(config, str(tmp_path / path)) == (("KER1",) if hit else ())


def test_the_page_names_every_key_and_every_option_with_its_default() -> None:
    page = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert {row[0].strip("| `") for row in rows if len(row) == 4} == set(KEYS)
    told = {(row[0].strip("| "), row[1].strip("`"), row[2].strip("`| ")) for row in rows if len(row) == 3}
    assert told == {
        (f"`{rule.name}` ({rule.code})", key.replace("_", "-"), str(list(v) if isinstance(v, tuple) else v).lower())
        for rule in load().rules
        for key, v in rule.options.items()
    }
