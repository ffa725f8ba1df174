"""A disk without room, a small one of its own: nothing is half-stored, and what waits goes on when there is room."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cli.examination import problems
from core.errors import StorageFull
from core.values import DocumentStatus, Upload
from tests import factories
from tests.processes import eventually
from tests.web.site import Site, opened
from tests.workers.texts import assert_exactly_once, text

_DISK_BYTES = 32 * 1024 * 1024
# From none at all to what takes the bytes of an upload, and then not their row.
ROOM = (0, 4096, 40_000, 65_536, 80_000)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk. Only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def site(disk: Path) -> Iterator[Site]:
    """A site whose data folder is on the small disk."""
    with opened(
        disk / "data", lease_seconds=1.0, heartbeat_seconds=0.3, parser_children=1, max_file_bytes=1_000_000
    ) as one:
        yield one


def leave(disk: Path, room: int | None) -> None:
    """Fill the disk but for some bytes, or empty it again."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    if room is None:
        return
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        file.write(bytes(max(shutil.disk_usage(disk).free - room, 0)))


def stored(site: Site, collection: str) -> tuple[object, ...]:
    files = site.store.files
    return set(files.all()), files.leftovers(), len(site.store.documents.page(collection))


def test_uploads_are_refused_whole_and_reading_goes_on_when_there_is_room(site: Site, disk: Path) -> None:
    collection, caller = site.collection(), site.admin
    address = f"/api/v1/collections/{collection}/documents"
    waiting = [
        factories.upload(site.store, f"{n}.txt", text(9) + bytes([n + 65]), collection=collection) for n in range(2)
    ]
    for number, room in enumerate(ROOM):
        leave(disk, room)
        before = stored(site, collection)
        reply = caller.post(address, data={"file": (io.BytesIO(bytes([number + 65]) * 60_000), "big.txt")})
        if reply.status_code != 202:
            assert (reply.status_code, reply.json["code"]) == (507, "storage_full")  # type: ignore[index]
            assert stored(site, collection) == before
        assert caller.get(address).status_code == 200
        for one in waiting:
            with suppress(StorageFull):
                site.worker.run(one.job_id)
    leave(disk, None)

    eventually(lambda: _read_on(site, waiting))

    for one in waiting:
        assert_exactly_once(site.store, site.store.documents.get(one.document.id))
    site.read_everything()
    assert list(problems(site.settings, site.store, site.indexer, owned=False)) == []


def _read_on(site: Site, waiting: list[Upload]) -> bool:
    """Read what may be read, as workers and upkeep do; whether all is ready."""
    site.worker.run()
    site.store.documents.retry_all(StorageFull.code)
    return all(site.store.documents.get(one.document.id).status is DocumentStatus.READY for one in waiting)


def test_of_several_files_each_is_stored_or_told_why_not(site: Site, disk: Path) -> None:
    collection, caller = site.collection(), site.admin
    seen = set()
    for room in (*range(0, 240_000, 30_000), None):
        leave(disk, room)
        files = [(io.BytesIO(f"{room} {n} ".encode() * 5_000), f"{room} {n}.txt") for n in range(3)]
        count = len(site.store.documents.page(collection))

        reply = caller.post(f"/api/v1/collections/{collection}/documents", data={"file": files})

        told = reply.json["documents"] if reply.status_code == 202 else []  # type: ignore[index]
        seen.add(reply.status_code)
        assert {one["error"]["code"] for one in told if one["id"] is None} <= {"storage_full"}
        leave(disk, None)
        assert len(site.store.documents.page(collection)) - count == sum(one["id"] is not None for one in told)
        assert set(site.store.files.all()) == site.store.inspection.files()
    assert seen == {202, 507}
