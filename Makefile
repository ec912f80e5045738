# Every target does its own set-up; `make setup` does only that.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip's own version check would look at the network for nothing.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Folders inside the clone, ignored by git.
RUN_DIR := $(CURDIR)/.run

.PHONY: setup run demo test check format bench faults lock clean help

help:
	@echo "make run    set up, then run the service (the main job)"
	@echo "make demo   set up, then show everything with invented news and no network"
	@echo "make test   set up, then run the tests"
	@echo "make check  set up, then lint, types, layers"
	@echo "make bench  set up, then measure beside peers"
	@echo "make faults set up, then kill, stop and restart it for long; writes docs/reliability.md"

setup: $(VENV)/.runtime

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "marsad needs Python 3.11 or newer; '$(PYTHON)' is older. Name another: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' \
	  || { echo "'$(PYTHON)' has no venv module. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# --no-deps --require-hashes, then `pip check`: pip 23.2 cannot resolve a full hash lock that has extras.
$(VENV)/.runtime: $(VENV)/.venv requirements.txt pyproject.toml
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/pip check
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-dev.txt
	$(BIN)/pip check
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements-bench.txt
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-bench.txt
	$(BIN)/pip check
	@touch $@

run: setup
	@MARSAD_DATA_DIR="$(RUN_DIR)" $(BIN)/marsad serve

demo: setup
	@MARSAD_DATA_DIR="$(CURDIR)/.demo" $(BIN)/marsad demo

test: $(VENV)/.bench
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

faults: $(VENV)/.bench
	$(BIN)/python -m tests.faults

# Needs uv on the PATH; writes hashes and no index address.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.txt requirements.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-dev.txt requirements-dev.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-bench.txt requirements-bench.in

clean:
	rm -rf $(VENV)
