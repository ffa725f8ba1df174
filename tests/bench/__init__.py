"""Tests of benchmarks that have to stay right without being run: what they measure with."""
