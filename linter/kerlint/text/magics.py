"""What IPython adds to Python, replaced by Python of the same length, so that offsets stay what they are."""

from __future__ import annotations

import re

# Cell magics whose body is Python that runs in the notebook; the body of any other is not ours to read.
_PYTHON_BODY = {"time", "timeit", "capture", "prun", "python", "python3", "memit", "mprun", "lprun"}
# Line magics that run what follows them as Python.
_PYTHON_LINE = re.compile(r"%(?:time|timeit|prun|memit)[ \t]+(?=[A-Za-z_(\[])")
_CELL = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*%%(\w*)[^\r\n]*")  # behind comments, as in Colab
_INDENT = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*([ \t]+)(?=\S)")  # of the first line that is not empty
_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:"
    r"(?P<magic>%%?[ \t]*\w|!|\?|(?:cat|cd|ls|mkdir|pip|rm)[ \t]+(?!(?:i[nsf]|and|or)\b)[\w./~-])"  # %a, !ls, ?f, ls
    r"|(?P<help>[\w.*]+\?{1,2}[ \t]*(?=\r|$))"  # name? and name??
    r"|(?P<target>[\w., \t\[\]'\"]+=[ \t]*)[%!](?!=)(?=\w|[^\s=])"  # files = !ls
    r")",
    re.MULTILINE,
)
_REST = re.compile(r"(?:[^\r\n\\]|\\(?:\r\n|.)|\\\n)*", re.DOTALL)  # a line with its continuations
STRING = r'"{3}(?:\\.|[^\\])*?"{3}' r"|'{3}(?:\\.|[^\\])*?'{3}" r'|"(?:\\.|[^"\\\r\n])*"' r"|'(?:\\.|[^'\\\r\n])*'"
_TOKEN = re.compile(STRING + r"|\#[^\r\n]*|\\(?:\r\n|\n|\r)|[^\"'#\\\r\n()\[\]{}]+|\r\n|.", re.DOTALL)
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")  # JSON can hold what no Python source can


def blanked(source: str) -> str:
    """The source with cell magics, line magics, shell lines and help replaced; the same length."""
    source = _NOT_TEXT.sub("?", source)
    cell = _CELL.match(source)
    if cell:
        if cell.group(1) not in _PYTHON_BODY:
            return _spaces(source)
        return _spaces(cell.group()) + blanked(source[cell.end() :])
    first = _INDENT.match(source)
    if not first and not _LINE.search(source):
        return source
    indent = first.group(1) if first else ""
    pieces: list[str] = []
    at = 0
    while at < len(source):
        line = _LINE.match(source, at)
        if line:
            text, at = _replaced(source, line)
            pieces.append(text)
        end = _logical_end(source, at)
        pieces.append(source[at:end])
        at = end
    # IPython takes the indent of the first line off everywhere. What stands for it is as long: it counts as none.
    feeds = "\f" * len(indent)
    return "".join(feeds + piece.removeprefix(indent) if piece.startswith(indent) else piece for piece in pieces)


def _replaced(source: str, line: re.Match[str]) -> tuple[str, int]:
    """Python in place of the magic in a line, and where that ends."""
    indent = line.group("indent")
    timed = _PYTHON_LINE.match(source, line.end("indent"))
    if timed:  # what follows is Python and stays where it is
        return f"{indent}0;{' ' * (len(timed.group()) - 2)}", timed.end()
    rest = _REST.match(source, line.end())
    end = rest.end() if rest else line.end()
    text = source[line.end("indent") : end]
    if line.group("target"):
        target = line.group("target")
        return indent + target + _name(text[len(target) :]), end  # a value nobody knows
    return f"{indent}0{_spaces(text[1:])}", end  # a statement without effect, which a block may need


def _name(text: str) -> str:
    """A name as long as the text, or as its first line."""
    first = re.split(r"[\\\r\n]", text, maxsplit=1)[0].rstrip()
    return "_" * len(first) + _spaces(text[len(first) :])


def _spaces(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _logical_end(source: str, at: int) -> int:
    """Where the logical line that begins at an offset ends, its break included."""
    depth = 0
    for token in _TOKEN.finditer(source, at):
        text = token.group()
        if text in {"(", "[", "{"}:
            depth += 1
        elif text in {")", "]", "}"}:
            depth = max(depth - 1, 0)
        elif text in {"\n", "\r", "\r\n"} and depth == 0:
            return token.end()
    return len(source)
