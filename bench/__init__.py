"""Measurements that anyone can repeat: `python -m bench.NAME`. Never part of the test run; figures in `results/`."""
