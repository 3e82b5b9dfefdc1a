"""What is kept between runs: small values by key, in files that several runs may write at once."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import Any


def directory(chosen: str | None = None) -> str:
    """Where the cache lies: ``--cache-dir``, KERLINT_CACHE_DIR, or what the platform means for caches."""
    named = chosen or os.environ.get("KERLINT_CACHE_DIR")
    if named:
        return os.path.expanduser(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "kerlint")


class Cache:
    """A store of JSON-ready data. It never fails: what cannot be read is not there."""

    def __init__(self, folder: str, kind: str) -> None:
        self._folder = os.path.join(folder, kind)

    def get(self, key: str) -> Any:
        """What is stored under a key; None also where the entry is damaged."""
        try:
            with open(self._path(key), encoding="utf-8") as file:
                entry = json.load(file)
        except (OSError, ValueError, RecursionError):
            return None
        # The key is part of the entry: a file in the wrong place, or of another version, is no answer.
        return entry.get("value") if isinstance(entry, dict) and entry.get("key") == key else None

    def put(self, key: str, value: object) -> None:
        """Store a value at one stroke: another run sees the old entry or the new one."""
        path = self._path(key)
        scratch = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(scratch, "w", encoding="utf-8") as file:
                json.dump({"key": key, "value": value}, file)
            os.replace(scratch, path)
        except OSError:
            if os.path.exists(scratch):
                os.unlink(scratch)

    def _path(self, key: str) -> str:
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return os.path.join(self._folder, digest[:2], f"{digest[2:]}.json")
