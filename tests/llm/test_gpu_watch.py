"""Watching cards, by a real process in the place of `nvidia-smi`."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.gpu_watch import CardUse, GpuWatch, uses_from
from tests.processes import eventually

MIB = 1024**2
TABLE = "0, NVIDIA H100 80GB HBM3, 81559, 40000, 87, 61\n1, NVIDIA H100 80GB HBM3, 81559, 12, [N/A], [N/A]\n"


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `nvidia-smi` that prints the file beside it."""
    program = tmp_path / "nvidia-smi"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *memory.used*) while read -r l; do echo "$l"; done < {tmp_path}/said;; esac\n'
    )
    program.chmod(0o755)
    (tmp_path / "said").write_text(TABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "said"


@pytest.fixture
def watch() -> Iterator[GpuWatch]:
    """One that looks often."""
    one = GpuWatch(every=0.05)
    yield one
    one.close()


def test_cards_are_seen_and_followed(smi: Path, watch: GpuWatch) -> None:
    first, second = watch.cards()

    assert first == CardUse(0, "NVIDIA H100 80GB HBM3", 81559 * MIB, 40000 * MIB, 0.87, 61)
    assert (second.load, second.celsius) == (None, None)

    smi.write_text(TABLE.replace("40000", "50000"))
    eventually(lambda: watch.cards()[0].used == 50000 * MIB)

    smi.write_text("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n")
    eventually(lambda: watch.cards() == ())


def test_it_stops_when_nobody_asks_and_begins_again(smi: Path) -> None:
    watch = GpuWatch(every=0.05, forgotten=0.1)
    assert len(watch.cards()) == 2

    eventually(lambda: not any(one.name == "gpu-watch" for one in threading.enumerate()))

    assert len(watch.cards()) == 2
    watch.close()
    assert not any(one.name == "gpu-watch" for one in threading.enumerate())


def test_without_cards_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: GpuWatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert watch.cards() == ()
    assert not any(one.name == "gpu-watch" for one in threading.enumerate())


@pytest.mark.parametrize("said", ["", "No devices were found\n", "0, A, x, 1, 2, 3\n", "a, b\n"])
def test_what_is_no_table_is_no_card(said: str) -> None:
    assert uses_from(said) == ()
