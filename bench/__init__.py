"""Measurements that anyone can repeat: `python -m bench.NAME`. Never part of the test run; figures in `results/`."""

from core.settings import quiet_libraries

# Before a benchmark imports NumPy, as in the programs that are measured.
quiet_libraries()
