"""What a confined process can no longer do, also where the kernel allows it no network namespace."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from core.settings import ROOT, bare_environment

TRY = """
import json, os, socket
from ingest.confinement import confine
missing = confine(os.getppid(), 1024)
refused = []
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
    try:
        socket.socket(family, socket.SOCK_DGRAM)
    except PermissionError:
        refused.append(family.name)
reads, writes = os.pipe()
os.write(writes, b"works")
print(json.dumps([missing, refused, os.read(reads, 9).decode()]))
"""
# As Docker's seccomp profile does it: no namespaces for who has no privileges.
WITHOUT_NAMESPACES = (
    "echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "
)


def result(*command: str) -> list[object]:
    done = subprocess.run(
        [*command, sys.executable, "-c", TRY],
        cwd=ROOT,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found


def fails(*command: str) -> bool:
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode != 0


def test_no_socket_of_any_kind_can_be_opened() -> None:
    assert result() == [[], ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"], "works"]


def test_it_holds_where_no_namespace_may_be_made() -> None:
    outside = ["unshare", "--user", "--map-root-user", "sh", "-c", WITHOUT_NAMESPACES + '"$@"', "sh"]
    if not (shutil.which("setpriv") and shutil.which("unshare")) or fails(*outside, "true"):
        pytest.skip("this machine allows the test itself no namespace")
    assert fails(*outside, "unshare", "--net", "true")

    assert result(*outside) == [[], ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"], "works"]


def test_a_parent_that_has_died_ends_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRY.replace("os.getppid()", str(os.getpid() + 10_000_000))],
        cwd=ROOT,
        env=bare_environment(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
