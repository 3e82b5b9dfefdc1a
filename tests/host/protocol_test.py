"""What a worker leaves when nobody listens any more."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SERVING = """
import os, sys
sys.path[:0] = {path!r}
from kerlint.host.inside.protocol import serve

def respond(request):
    print("said by the program")
    os.chdir(request["to"])
    return {{"read": sys.stdin.read()}}

serve(respond)
"""


def test_a_worker_removes_its_own_scratch_directory_only(tmp_path: Path) -> None:
    home, users = tmp_path / "kerlint-scratch" / "home", tmp_path / "kerlint-models" / "src"
    for folder in (home, users):
        folder.mkdir(parents=True)
    code = SERVING.format(path=[p for p in sys.path if p])
    worker = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None and worker.stdout is not None and worker.stderr is not None
    worker.stdin.write(json.dumps({"id": 0, "request": {"to": str(users)}}) + "\n")
    worker.stdin.flush()
    assert json.loads(worker.stdout.readline()) == {"id": 0, "answer": {"read": ""}}
    worker.stdin.close()
    assert (worker.wait(60), worker.stderr.read()) == (0, "said by the program\n")
    assert users.is_dir() and not home.parent.exists()
