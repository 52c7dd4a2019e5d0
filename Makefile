# Needs only Python 3.11 or later with venv, and pip's access to a package index.

PYTHON ?= python3
BIN := .venv/bin
IMAGE ?= itb-pump-cds
BASE ?= docker.io/library/python:3.12-slim-bookworm

MUTANT_JOBS ?= 1

.PHONY: help demo test postgres browser screenshots check format mutants bench profiles conformance image clean

help:
	@echo "make demo     start the service with a demo clinic on http://127.0.0.1:8000"
	@echo "make test     run the tests"
	@echo "make browser  the tests in a real browser (needs chromium, and npm for axe-core)"
	@echo "make postgres run the tests of the store on a PostgreSQL of its own (needs Debian's postgresql)"
	@echo "make check    lint, format, types and import contracts"
	@echo "make mutants  change the rules a thousand ways and count what the tests notice (an hour)"
	@echo "make format   rewrite the code in the house format"
	@echo "make bench    measure speed and memory"
	@echo "make profiles     compile the FHIR profiles (needs node and npm)"
	@echo "make conformance  the HL7 validator over all FHIR (needs node, npm, Java 17, Maven)"
	@echo "make image    build the container image with buildah (BASE=..., IMAGE=...)"
	@echo "make clean    remove .venv and caches"

demo: .venv/.runtime
	$(BIN)/itb-cds demo

test: .venv/.dev
	$(BIN)/python -m pytest -q -n auto

browser: .venv/.dev .browser/node_modules/axe-core/axe.min.js
	$(BIN)/python -m pytest -q -n auto --dist loadfile tests/browser

screenshots: .venv/.dev
	$(BIN)/python -m tests.browser.screenshots

.browser/node_modules/axe-core/axe.min.js:
	npm install --silent --no-audit --no-fund --no-save --prefix .browser axe-core@4.14.1

postgres: .venv/.dev
	.ci/postgres $(BIN)/python -m pytest -q -p tests.postgres tests/store tests/population tests/web/coordinator

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

mutants: .venv/.mutation
	nice -n 15 $(BIN)/mutmut run --max-children $(MUTANT_JOBS)
	$(BIN)/mutmut results

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev
	$(BIN)/python tests/bench/run.py

profiles: .venv/.dev
	$(BIN)/python -m tests.conformance.profiles

conformance: .venv/.dev
	$(BIN)/python -m tests.conformance.run

image:
	buildah bud --format docker --build-arg BASE=$(BASE) --tag $(IMAGE) .

clean:
	rm -rf .venv .browser .conformance .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# .runtime and .dev are stamps: made again when the dependencies change.
.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: Python 3.11 or later is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)." >&2; \
	  echo "       Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "error: '$(PYTHON)' lacks the venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: pyproject.toml .venv/.created
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.dev: pyproject.toml .venv/.created
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/.runtime

.venv/.mutation: pyproject.toml .venv/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,mutation]'
	@touch $@
