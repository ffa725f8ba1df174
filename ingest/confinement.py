"""What the parser child gives up before it opens the first file: network, memory, cores, a life without its parent.

Linux only, through prctl, unshare and seccomp. What the machine does not allow is left out and told to the caller.
"""

import ctypes
import errno
import os
import resource
import signal

MEBIBYTE = 1024 * 1024

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_CLONE_NEWNET = 0x40000000
_OPEN_FILES = 64

# linux/bpf_common.h and linux/seccomp.h: load a word, jump if (not) less, jump if equal, return.
_LOAD, _JUMP_GE, _JUMP_EQ, _RETURN = 0x20, 0x35, 0x15, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # where these stand in what the filter is shown of a system call
_X86_64, _X32_NUMBERS = 0xC000003E, 0x40000000
_SOCKET, _IO_URING_SETUP = 41, 425  # the second opens sockets too, past any filter
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
# Code, steps to jump when true, when false, operand.
_NO_SOCKETS = (
    (_LOAD, 0, 0, _ARCHITECTURE),
    (_JUMP_EQ, 0, 5, _X86_64),
    (_LOAD, 0, 0, _NUMBER),
    (_JUMP_GE, 3, 0, _X32_NUMBERS),
    (_JUMP_EQ, 2, 0, _SOCKET),
    (_JUMP_EQ, 1, 0, _IO_URING_SETUP),
    (_RETURN, 0, 0, _ALLOW),
    (_RETURN, 0, 0, _REFUSE),
)


class _Instruction(ctypes.Structure):
    """`struct sock_filter` of linux/filter.h."""

    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


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
    left = _leave_network(libc)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Where the first is not allowed, as in most containers, the second is; and it holds for sockets in files too.
    if not _refuse_sockets(libc) and not left:
        missing.append("network")
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


def _refuse_sockets(libc: ctypes.CDLL) -> bool:
    """Let no socket be opened from now on, of whatever family; needs `no_new_privs`."""
    instructions = (_Instruction * len(_NO_SOCKETS))(*(_Instruction(*one) for one in _NO_SOCKETS))
    program = _Program(len(_NO_SOCKETS), instructions)
    done: int = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (limit, limit))
