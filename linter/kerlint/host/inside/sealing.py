"""Shutting this process in before it runs a program of somebody's: no network, no other files, bounded resources.

Linux's user namespaces do it without any right of root's. What cannot be shut is said, not passed over.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Any

USER, NETWORK, PROCESSES, MOUNTS = 0x10000000, 0x40000000, 0x20000000, 0x00020000
# As much as the kernel allows; containers often forbid mounts.
ATTEMPTS = (
    USER | NETWORK | PROCESSES | MOUNTS,
    USER | NETWORK | PROCESSES,
    USER | NETWORK,
    NETWORK | PROCESSES | MOUNTS,
    NETWORK,
)
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
MOUNT_SETATTR, HERE, READ_ONLY, BELOW = 442, -100, 1, 0x8000  # the number of the call on every architecture
DIE_WITH_PARENT = 1


def seal(limits: dict[str, Any], scratch: str) -> list[str]:
    """Shuts the process in; everything but ``scratch`` becomes read-only. Gives what stays open, in words.

    Has to run before there are threads. The caller goes on in a child, the first of its own processes:
    whatever the program starts ends with it.
    """
    still_open = limit(limits)
    if not sys.platform.startswith("linux"):
        return [*still_open, f"the network can be reached: {sys.platform} has no user namespaces"]
    shut = _unshare()
    if isinstance(shut, str):
        return [*still_open, f"the network can be reached: {shut}"]
    if shut & PROCESSES:
        _go_on_in_a_child()
    if not (shut & MOUNTS and _read_only(scratch)):
        still_open.append("files of the user can be written: the kernel allows no mounts here")
    return still_open


def limit(limits: dict[str, Any]) -> list[str]:
    """Bounds memory, files and core dumps, also of processes that are started; says what cannot be bounded."""
    try:
        import resource
    except ImportError:
        return [f"memory and files are not limited: {sys.platform} cannot"]
    for name, wanted in (("RLIMIT_DATA", limits["memory"]), ("RLIMIT_FSIZE", limits["file"]), ("RLIMIT_CORE", 0)):
        _, most = resource.getrlimit(getattr(resource, name))
        value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(getattr(resource, name), (value, value))
    return [] if sys.platform.startswith("linux") else [f"memory is not limited: {sys.platform} does not heed it"]


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _unshare() -> int | str:
    """Leaves what is shared with other processes: the flags that worked, or why none did."""
    user, group = os.getuid(), os.getgid()
    for flags in ATTEMPTS:
        if _libc().unshare(flags) == 0:
            if flags & USER:
                _be_oneself(user, group)
            return flags
    return f"unshare: {os.strerror(ctypes.get_errno())}"


def _be_oneself(user: int, group: int) -> None:
    """The same user inside as outside: programs ask for their name."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
        except OSError:
            return  # then it is nobody's: files are judged by who it really is


def _go_on_in_a_child() -> None:
    """The child returns; the parent waits for it and ends as it does."""
    child = os.fork()
    if child == 0:
        _libc().prctl(DIE_WITH_PARENT, signal.SIGKILL)
        return
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


class _Attributes(ctypes.Structure):
    """``struct mount_attr`` of the kernel."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user")]


def _read_only(scratch: str) -> bool:
    """Every mount read-only but the scratch directory's own."""
    libc, place = _libc(), scratch.encode()

    def change(path: bytes, flags: int, **what: int) -> bool:
        attributes = _Attributes(**what)
        size = ctypes.c_size_t(ctypes.sizeof(attributes))
        return bool(libc.syscall(MOUNT_SETATTR, HERE, path, flags, ctypes.byref(attributes), size) == 0)

    return (
        libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None) == 0
        and libc.mount(place, place, None, BIND, None) == 0
        and change(b"/", BELOW, set=READ_ONLY)
        and change(place, 0, clear=READ_ONLY)
    )
