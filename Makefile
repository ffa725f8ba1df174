# One word for each job. Everything lives in .venv and the cache folder; nothing else is installed.

.PHONY: install up demo test torture lint lock settings-doc
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip install --quiet --quiet --disable-pip-version-check
# What is imported is compiled once, and not by each of hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))

install: .venv/installed
	@$(PYTHON) -m retrieval.embedders.convert

up: .venv/installed
	@exec ./archivar up

# Finite: adds the sample, asks, prints the cited answer; fails when the answer cites nothing.
demo: .venv/installed
	@ARCHIVAR_DATA=$$(mktemp -d); export ARCHIVAR_DATA ARCHIVAR_DATABASE_URL=
	trap 'rm -rf "$$ARCHIVAR_DATA"' EXIT
	./archivar add docs/sample --collection Sample
	echo; echo "How many days of annual leave do full-time employees have?"; echo
	./archivar ask "How many days of annual leave do full-time employees have?" --collection Sample \
	    | tee "$$ARCHIVAR_DATA/answer.txt"
	grep -q '^\[1\] .*, page [0-9]' "$$ARCHIVAR_DATA/answer.txt" || { echo "The answer cites nothing." >&2; exit 1; }

# In three processes: much of it waits for servers, browsers and children. `tests/conftest.py` says in which order.
test: .venv/installed-dev
	$(PYTHON) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# What takes too long for every change: long forms of tests that kill, break and repeat.
torture: .venv/installed-dev
	$(PYTHON) -m pytest -m torture

lint: .venv/installed-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

# After changing dependencies in pyproject.toml and installing the change into .venv with pip.
lock:
	@$(PYTHON) -m tests.locks

# After a change of the fields in core/settings.py.
settings-doc: .venv/installed-dev
	@$(PYTHON) -m tests.core.test_settings

# torch first and alone: so pip takes the CPU build where one is offered.
.venv/installed: requirements.lock pyproject.toml
	@if [ "$$(uname -s) $$(uname -m)" != "Linux x86_64" ]; then
	    echo "Archivar runs on Linux on x86-64; this is $$(uname -s) on $$(uname -m)." >&2; exit 1
	fi
	if ! $(PYTHON) -c '$(SUITABLE)' 2>/dev/null; then
	    for python in python3.11 python3.12 python3 none; do
	        if $$python -c '$(SUITABLE)' 2>/dev/null; then break; fi
	    done
	    if [ $$python = none ]; then
	        echo "Archivar needs Python 3.11 or 3.12 with its venv module, as python3.11, python3.12 or python3." >&2
	        exit 1
	    fi
	    $$python -m venv --clear .venv
	fi
	echo "Installing into .venv; the first time takes some minutes." >&2
	$(PIP) --no-compile "$$(grep '^torch==' requirements.lock)"
	$(PIP) --no-compile -r requirements.lock
	# On all cores, where pip would take one. What is no Python but looks like it stays as it is.
	$(PYTHON) -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true
	$(PYTHON) -m retrieval.embedders.convert
	touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@$(PIP) -r requirements-dev.lock
	touch $@

.ONESHELL:
