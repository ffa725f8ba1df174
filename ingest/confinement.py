"""What the parser child gives up before it opens the first file: network, memory, cores, a life without its parent.

Linux only, through prctl and unshare. What the machine does not allow is left out and told to the caller.
"""

import ctypes
import os
import resource
import signal

MEBIBYTE = 1024 * 1024

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_CLONE_NEWNET = 0x40000000
_OPEN_FILES = 64


def confine(parent: int, memory_mb: int) -> list[str]:
    """Confine this process; `parent` is the process that started it. Returns what could not be done.

    Has to run before the first thread starts. The signal at the parent's death comes at the end of the *thread*
    that started this process, so that thread has to live as long as the child is wanted.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    missing = []
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        missing.append("parent-death signal")
    if os.getppid() != parent:  # it died before the signal was set
        raise SystemExit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to end
    if not _leave_network(libc):
        missing.append("network")
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _lower(resource.RLIMIT_AS, memory_mb * MEBIBYTE)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    return missing


def allow_cpu(seconds: int) -> None:
    """Let this process use `seconds` more of a processor from now on; beyond that the kernel ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = used + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _leave_network(libc: ctypes.CDLL) -> bool:
    """An own, empty network namespace; without privileges inside an own user namespace."""
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (limit, limit))
