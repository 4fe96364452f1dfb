# Set-up, checks and tests. `make run` and `make test` need nothing but a fresh clone on Debian 12.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install run test check format proto coverage clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | column -t -s "$$(printf '\t')"

$(BIN)/python:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); $$sudo apt-get -qq update && $$sudo apt-get -qq install -y python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.service: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e '.[server,math,language,code]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.service

install: $(VENV)/.dev ## install the package with everything needed to develop it

run: $(VENV)/.service ## start the service and score a batch over HTTP and gRPC (ONCE=1 stops afterwards)
	@$(BIN)/guerdon up --demo $(if $(ONCE),--once)

test: $(VENV)/.dev ## run all tests with coverage of services/
	$(BIN)/python -m coverage erase
	COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml $(BIN)/python -m pytest --cov --cov-report=term:skip-covered --cov-fail-under=90

check: $(VENV)/.dev ## lint, types, dependency directions, docstrings, protocol drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint proto
	$(BIN)/python proto/generate.py --check

format: $(VENV)/.dev ## format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

proto: $(VENV)/.dev ## generate proto/gen from proto/guerdon
	$(BIN)/python proto/generate.py

clean: ## remove everything that is generated
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* dist build
