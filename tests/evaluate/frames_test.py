"""Tables of pandas: how many axes they have is known, how many columns is a symbol or follows from the code."""

import pytest
from tests.evaluate.seen import lines

HEAD = """
import numpy as np
import pandas as pd
from keras import Sequential
from keras.layers import Dense, LSTM
from sklearn.model_selection import train_test_split

df = pd.read_csv("insurance.csv")
"""


def seen(body: str) -> list[str]:
    """The model of one Dense(3) that is fitted on X."""
    return lines(HEAD + body + "\nm = Sequential([Dense(3)])\nm.fit(X, y)\n")


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ("X = df.drop('charges', axis=1)", "X.shape[1]"),
        ("X = df.dropna().drop(columns='charges').astype(np.float32)", "X.shape[1]"),
        ("X, y = df.values[:, :4], df.values[:, 4]", "df.values[:, :4].shape[1]"),  # 4, if there are so many
        ("X = df[['age', 'bmi']]", "2"),
        ("X = df[['age', 'bmi']].to_numpy()", "2"),
        ("X = df.iloc[:, [0, 3, 4]]", "3"),
        ("X = df.iloc[:, :-1].values", "df.iloc[:, :-1].shape[1]"),
        ("X = df.loc[3:, 'age':'bmi']", "X.shape[1]"),
        ("X = df.values.reshape(-1, df.shape[0])", "df.shape[0]"),
        ("X = df + df['age']", "X.shape[1]"),
        ("X = df.loc[df['age'] > 3]", None),
        ("X = df[df['age'] > 3]", "df.shape[1]"),
        ("X = pd.get_dummies(df)[:100]", "X.shape[1]"),
        ("a = df.drop('charges', axis=1)\nX, _, y, _ = train_test_split(a, df['charges'])", "a.shape[1]"),
        ("X = pd.concat([df['age'], df['bmi']], axis=1)", "X.shape[1]"),
        ("X = df['age'].values.reshape(-1, 1)", "1"),
        ("X = (df - df.mean()) / df.std()", "df.shape[1]"),
        ("X = np.log(df)", "df.shape[1]"),
        ("X = df / df", "df.shape[1]"),
        ("X = df - df[['age', 'bmi']]", "X.shape[1]"),  # columns that only one has are columns, too
        ("X = df['age'].values[:, None] + np.arange(5)", "5"),
        ("X = df['age']", "1"),  # rows of one number: Keras made a column of them, or refuses them
        ("X = df.iloc[:, 0]", "1"),
    ],
)
def test_a_model_is_built_on_the_columns(body: str, columns: str | None) -> None:
    count = "?" if columns is None else f"3*{columns} + 3" if not columns.isdigit() else str(3 * int(columns) + 3)
    assert seen(body) == [f"m: {'?' if columns is None else '(None, 3)'} {count}"]


@pytest.mark.parametrize(
    "body",
    [
        "X = df[name]",  # a name, or several
        "X = df.loc['row']",  # a row, or several of that name
        "X = pd.read_csv('a.csv', chunksize=10)",
        "X = pd.read_excel('a.xlsx', sheet_name=names)",
        "X = df.groupby('age').mean()",
        "X = df.apply(f)",
        "X = df.values[i]",  # a row, or several
    ],
)
def test_nothing_is_built_on_what_may_have_other_axes(body: str) -> None:
    assert seen(body) == ["m: ? ?"]


@pytest.mark.parametrize(
    "change",
    [
        "df.pop('age')",
        "df['new'] = 1",
        "df.loc[:, 'new'] = 1",
        "del df['age']",
        "df.drop('age', axis=1, inplace=True)",
        "clean(df)",
    ],
)
def test_a_table_that_was_changed_has_other_columns(change: str) -> None:
    """Before and after are two symbols: the second layer does not fit what is known of the first."""
    source = HEAD + (
        f"before = df.shape[1]\n{change}\n"
        "m = Sequential([Dense(before, input_shape=(2,)), Dense(df.shape[1])])\n"
        "m.compile(loss='mse')\n"
    )
    (line,) = lines(source)
    assert "before" in line or "df.shape[1]" in line
    same = lines(source.replace(change, "pass"))
    assert same != [line]


def test_windows_of_a_column_are_as_long_as_the_code_says() -> None:
    """Indices that are added up: numpy gives the shape of the indices."""
    source = HEAD + (
        "def windows(x, size, horizon=1):\n"
        "    step = np.expand_dims(np.arange(size + horizon), axis=0)\n"
        "    places = step + np.expand_dims(np.arange(len(x) - (size + horizon - 1)), axis=0).T\n"
        "    found = x[places]\n"
        "    return found[:, :-horizon], found[:, -horizon:]\n\n\n"
        "X, y = windows(df['age'].to_numpy(), 7)\n"
        "m = Sequential([Dense(128), Dense(y.shape[1])])\nm.fit(X[:split], y[:split])\n"
    )
    assert lines(source) == ["m: (None, 1) 1153"]


@pytest.mark.parametrize(
    ("index", "shape"),
    [
        ("np.zeros((2, 3), 'int64')", (2, 3, 5)),
        ("[0, 2]", (2, 5)),
        ("[[0, 2]]", (1, 2, 5)),
        ("-1", (5,)),
        ("x > 0", None),
        ("x[:, 0] == 0", None),
    ],
)
def test_an_index_of_an_array_selects_what_numpy_selects(index: str, shape: tuple[int, ...] | None) -> None:
    """The rank is that of numpy; how many a mask selects is not known."""
    source = "import numpy as np\nfrom keras import Sequential\nfrom keras.layers import Dense\n"
    source += f"x = np.zeros((4, 5))\nx = x[{index}]\nm = Sequential([Dense(x.ndim, input_shape=(2,))])\n"
    names: dict[str, object] = {}
    import numpy as np

    exec(f"import numpy as np\nx = np.zeros((4, 5))\nx = x[{index}]", names)  # our own text
    found = names["x"]
    assert isinstance(found, np.ndarray)
    assert shape is None or found.shape == shape
    assert lines(source) == [f"m: (None, {found.ndim}) {3 * found.ndim}"]


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ("ct.fit(df)\nX = ct.transform(df)", "X.shape[1]"),
        ("X = ct.fit_transform(df).toarray()", "X.shape[1]"),
        ("X = PCA(n_components=6).fit_transform(df)", "6"),
        ("X = PCA(0.9).fit(df).transform(df)", "X.shape[1]"),
        ("X = PCA(6).fit(df).inverse_transform(small)", None),
    ],
)
def test_what_is_made_of_columns_has_two_axes(body: str, columns: str | None) -> None:
    made = "from sklearn.compose import make_column_transformer\nfrom sklearn.decomposition import PCA\n"
    count = "?" if columns is None else f"3*{columns} + 3" if not columns.isdigit() else str(3 * int(columns) + 3)
    found = seen(f"{made}ct = make_column_transformer(parts)\n{body}")
    assert found == [f"m: {'?' if columns is None else '(None, 3)'} {count}"]


def test_training_and_test_data_have_the_columns_of_one_transformer() -> None:
    source = HEAD + (
        "from sklearn.preprocessing import OneHotEncoder\ne = OneHotEncoder()\n"
        "a = e.fit_transform(df)\nb = e.transform(other)\n"
        "m = Sequential([Dense(a.shape[1], input_shape=(b.shape[1],))])\n"
    )
    assert lines(source)[0].endswith(" a.shape[1]**2 + a.shape[1]")


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("np.random.multivariate_normal(mean=[0, 3], cov=[[1, 0.5], [0.5, 1]], size=10)", 9),
        ("np.random.multivariate_normal([0, 3, 1], cov, (10,))", 12),
        ("np.zeros((5, 4))[np.random.permutation(5)]", 15),
        ("np.random.permutation(np.zeros((5, 4)))", 15),
    ],
)
def test_random_rows_have_the_columns_that_numpy_gives(call: str, count: int) -> None:
    assert seen(f"X = {call}") == [f"m: (None, 3) {count}"]


def test_environments_have_documented_shapes() -> None:
    source = (
        "import gym\nfrom keras import Sequential\nfrom keras.layers import Dense, Flatten\n"
        "env = gym.make('CartPole-v1')\nenv.seed(3)\n"
        "m = Sequential([Flatten(input_shape=(1,) + env.observation_space.shape), Dense(env.action_space.n)])\n"
    )
    assert lines(source) == ["m: (None, 2) 10"]
    assert lines(source.replace("CartPole-v1", "Nowhere-v1")) == ["m: ? ?"]
    assert lines(source.replace("env.seed", "env = wrapped(env)\nenv.seed")) == ["m: ? ?"]


@pytest.mark.parametrize(
    "call",
    [
        "np.transpose(x)",
        "np.transpose(x, (1, 2, 0))",
        "np.squeeze(x[:, :1])",
        "np.squeeze(x[:1, :1], axis=0)",
        "np.tile(x, (2, 1, 3))",
        "np.append(x, x, axis=1)",
        "np.concatenate([x, x, x], axis=2)",
        "np.append(x, x)[:, None]",
    ],
)
def test_a_function_of_arrays_gives_the_shape_that_numpy_gives(call: str) -> None:
    import numpy as np

    x = np.zeros((2, 3, 4))
    found = eval(call, {"np": np, "x": x})  # our own text
    source = "import numpy as np\nfrom keras import Sequential\nfrom keras.layers import Dense\n"
    source += f"x = np.zeros((2, 3, 4))\ny = {call}\n"
    source += "m = Sequential([Dense(y.ndim * 100 + y.shape[-1], input_shape=(1,))])\n"
    assert lines(source) == [
        f"m: (None, {found.ndim * 100 + found.shape[-1]}) {2 * (found.ndim * 100 + found.shape[-1])}"
    ]
