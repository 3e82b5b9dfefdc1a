"""Shutting this process in before it runs a program of somebody's: no network, no other files, bounded resources.

Linux's user namespaces do it without any right of root's. What cannot be shut is said, not passed over.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
from typing import Any

USER, NETWORK, PROCESSES, MOUNTS = 0x10000000, 0x40000000, 0x20000000, 0x00020000
# As much as the kernel allows; containers often forbid mounts, which are tried by themselves.
ATTEMPTS = (USER | NETWORK | PROCESSES, USER | NETWORK, NETWORK | PROCESSES, NETWORK)
RECURSIVE, PRIVATE, NO_SET_UID, NO_DEVICES = 0x4000, 0x40000, 0x2, 0x4
MOUNT_SETATTR, HERE, READ_ONLY, BELOW = 442, -100, 1, 0x8000  # the number of the call on every architecture
DIE_WITH_PARENT, DUMPABLE, DROP_BOUND, NO_NEW_RIGHTS, AMBIENT, CLEAR_ALL = 1, 4, 24, 38, 47, 4
CAPABILITIES = 0x20080522  # the version of the call that has 64 of them
FILES = 16  # of the largest size that may lie in the scratch directory
TASKS = 4096  # processes and threads at once: TensorFlow starts several threads for each core


def seal(limits: dict[str, Any], home: str) -> list[str]:
    """Shuts the process in; everything but ``home``, which is emptied, becomes read-only. What stays open, in words.

    Has to run before there are threads. The caller goes on in a child, the first of its own processes:
    whatever the program starts ends with it. No right is left by which it could undo this.
    """
    still_open = limit(limits)
    if not sys.platform.startswith("linux"):
        return [*still_open, f"the network can be reached: {sys.platform} has no user namespaces"]
    lacking = _unshare()
    if lacking is not None:
        still_open.append(f"the network can be reached: {lacking}")
    _bound("RLIMIT_NPROC", TASKS)  # within the namespace, where the user's other processes do not count
    _go_on_in_a_child(os.path.dirname(home))
    if not _read_only(home, FILES * limits["file"]):
        still_open.append("files of the user can be written: the kernel allows no mounts here")
    if not _powerless():
        still_open.append("the program may undo what is shut: its rights are not taken away")
    return still_open


def limit(limits: dict[str, Any]) -> list[str]:
    """Bounds memory, files and core dumps, also of processes that are started; says what cannot be bounded."""
    try:
        for name, wanted in (("RLIMIT_DATA", limits["memory"]), ("RLIMIT_FSIZE", limits["file"]), ("RLIMIT_CORE", 0)):
            _bound(name, wanted)
    except ImportError:
        return [f"memory and files are not limited: {sys.platform} cannot"]
    return [] if sys.platform.startswith("linux") else [f"memory is not limited: {sys.platform} does not heed it"]


def _bound(name: str, wanted: int) -> None:
    import resource

    limit = getattr(resource, name)
    _, most = resource.getrlimit(limit)
    value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(limit, (value, value))


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _unshare() -> str | None:
    """Leaves what is shared with other processes, but for files; why that did not work."""
    user, group = os.getuid(), os.getgid()
    for flags in ATTEMPTS:
        if _libc().unshare(flags) == 0:
            if flags & USER:
                _be_oneself(user, group)
            return None
    return f"unshare: {os.strerror(ctypes.get_errno())}"


def _be_oneself(user: int, group: int) -> None:
    """The same user inside as outside: programs ask for their name."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
        except OSError:
            return  # then it is nobody's: files are judged by who it really is


def _go_on_in_a_child(scratch: str) -> None:
    """The child returns; the parent waits for it, removes what nobody else is left to remove, and ends as it does."""
    asker = os.getppid()
    _libc().prctl(DUMPABLE, 0)  # the parent sees files that may be written: /proc must not lead to them
    child = os.fork()
    if child == 0:
        _libc().prctl(DIE_WITH_PARENT, signal.SIGKILL)
        _libc().prctl(DUMPABLE, 1)
        return
    _, status = os.waitpid(child, 0)
    if os.getppid() != asker and os.path.basename(scratch).startswith("kerlint-"):
        shutil.rmtree(scratch, ignore_errors=True)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _powerless() -> bool:
    """Gives up every capability for good, those within the namespaces too: with them, mounts can be changed back."""
    libc = _libc()
    for capability in range(64):
        libc.prctl(DROP_BOUND, capability, 0, 0, 0)
    libc.prctl(AMBIENT, CLEAR_ALL, 0, 0, 0)
    header, none = (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
    return bool(libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0 and libc.capset(header, none) == 0)


class _Attributes(ctypes.Structure):
    """``struct mount_attr`` of the kernel."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user")]


def _read_only(home: str, size: int) -> bool:
    """Every mount read-only but a new one, in memory, of at most ``size`` bytes."""
    libc, place = _libc(), home.encode()

    def change(path: bytes, flags: int, **what: int) -> bool:
        attributes = _Attributes(**what)
        size = ctypes.c_size_t(ctypes.sizeof(attributes))
        return bool(libc.syscall(MOUNT_SETATTR, HERE, path, flags, ctypes.byref(attributes), size) == 0)

    return (
        libc.unshare(MOUNTS) == 0
        and libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None) == 0
        and libc.mount(b"none", place, b"tmpfs", NO_SET_UID | NO_DEVICES, b"mode=700,size=%d" % size) == 0
        and change(b"/", BELOW, set=READ_ONLY)
        and change(place, 0, clear=READ_ONLY)
    )
