# Every target makes what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test

.DEFAULT_GOAL := help
.PHONY: help up services test check lint bench chaos format docs wheel clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(STAMP): pyproject.toml constraints.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(TEST_STAMP): $(STAMP)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	@touch $@

up: $(STAMP)  ## run the worked example: customers and events play in, messages arrive in the sandbox
	@$(BIN)/concierge up --demo

services: $(TEST_STAMP)  ## Kafka and Redis on free ports, for the roles of the distributed runtime; prints the settings
	@$(BIN)/python -m tests.services

test: $(TEST_STAMP)  ## all tests but the long ones
	@$(BIN)/pytest -q -n 2 -m 'not long' tests/unit
	@$(BIN)/pytest -q -m 'not long' --ignore=tests/unit

check: lint  ## format, lint, types, import borders, workspace lint, unit tests
	@$(BIN)/pytest -q -x -n 2 --hypothesis-profile=quick tests/unit

lint: $(TEST_STAMP)  ## the same without the unit tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/concierge lint
	@$(BIN)/concierge --quiet test

bench: $(TEST_STAMP)  ## the benchmarks; ONLY=name, EVENTS=, SECONDS=, SEED=
	@$(BIN)/python -m tests.benchmarks

chaos: $(TEST_STAMP)  ## the long fault runs; ONLY=name, EVENTS=, SEED=
	@$(BIN)/python -m tests.chaos

format: $(TEST_STAMP)  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(TEST_STAMP)  ## write the generated reference pages anew
	@$(BIN)/python -m tests.reference

wheel: $(TEST_STAMP)  ## build the wheel into dist/
	@$(BIN)/python -m build --wheel --outdir dist .

clean:  ## remove what was built; keeps .concierge, where the data is
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
