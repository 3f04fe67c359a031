# Two commands do everything, set-up included: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: demo test lint types unit job sample bench docs audit sbom lock clean help

help:
	@echo "make demo   environment, all checks on the sample county, outputs in out/, the viewer on http://127.0.0.1:$(PORT)"
	@echo "make test   environment, what the tests need, lint, types, all tests"
	@echo "make job    the main job without the viewer"
	@echo "make sample draw the sample county anew (same bytes)"
	@echo "make bench  measure against other programs: CASES=\"county shorelines reading start\", ARGS=--write"
	@echo "make docs   the reference from the code, and the site of the documents in dist/site"
	@echo "make audit  known weaknesses of the pinned dependencies, where that can be asked"
	@echo "make sbom   the bill of materials and the licences of what is vendored"
	@echo "make lock   pin the dependencies anew"

demo: $(VENV)/.ready
	$(BIN)/ecogeo demo --exit-zero --port $(PORT)

job: $(VENV)/.ready
	$(BIN)/ecogeo demo --exit-zero --no-serve

test: $(VENV)/.ready-dev system lint types unit

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

unit: $(VENV)/.ready-dev
	ECOGEO_REQUIRE_BROWSER=1 ECOGEO_REQUIRE_POSTGIS=1 $(BIN)/pytest -n 2 --dist worksteal

sample: $(VENV)/.ready
	$(BIN)/python scripts/build_sample.py

CASES ?= county
ARGS ?=

bench: $(VENV)/.ready-bench
	$(BIN)/python scripts/bench.py --case $(CASES) $(ARGS)

docs: $(VENV)/.ready-dev
	$(BIN)/python scripts/build_docs.py

# Says aloud where its data cannot be reached; fails where a weakness is known.
audit: $(VENV)/.ready-dev
	$(BIN)/python scripts/audit.py

sbom: $(VENV)/.ready
	$(BIN)/python scripts/sbom.py

# The tests drive the system's Chromium, look at Chinese text, and start a PostGIS server of their own on loopback.
.PHONY: system
system:
	@sh .ci/system-packages chromium fonts-noto-cjk postgresql-postgis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); sh .ci/system-packages python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m ecogeo.kernel.ahead
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# The peers are not locked: a benchmark is against what is newest.
$(VENV)/.ready-bench: pyproject.toml $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[bench]"
	@touch $@

# uv reads pyproject.toml; the locks hold for every platform and name no host.
lock: $(VENV)/.ready-dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -c requirements.lock -o requirements-dev.lock
	$(BIN)/python scripts/sbom.py

clean:
	rm -rf $(VENV) out bench-data dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
