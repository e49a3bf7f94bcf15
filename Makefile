# Two commands for a fresh clone: `make demo` and `make test`. Needs Python 3.11+ with venv, git and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    := build/demo
# Two workers: more would only share the same cores with the compiled kernels' threads.
PYTEST_ARGS ?= -n 2 --dist loadfile

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs bench bench-siting bench-siting-large bench-lab clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/ready-demo ## plan five new stations for a bundled world and say where the report lies
	$(BIN)/cultureplan plan shizuishan --circles shizuishan-2021 --new 5 --out $(OUT)

test: lint ## check style, types and floors, then run the tests (PYTEST_ARGS="-k coverage" runs some)
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest $(PYTEST_ARGS)

lint: $(VENV)/ready-test ## check style, types and floors only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/ready-test ## mend what can be mended by machine
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/ready-docs ## build the site, English and Chinese, into build/site
	$(BIN)/mkdocs build --strict --config-file mkdocs.yml
	$(BIN)/mkdocs build --strict --config-file docs/mkdocs.zh.yml

bench: $(VENV)/ready-test ## measure travel and measures against their peers, on the same input (minutes)
	for job in reach area access_measures streets geodesic incremental chunked; do \
	  echo "== $$job" && $(BIN)/python benchmarks/$$job.py || exit 1; done

bench-siting: $(VENV)/ready-test ## measure siting against PySAL spopt
	$(BIN)/python benchmarks/siting.py

bench-siting-large: $(VENV)/ready-test ## siting at size: gaps, time and memory
	$(BIN)/python benchmarks/siting_large.py

bench-lab: $(VENV)/ready-test ## latency of the lab and of the planner's page in a browser
	$(BIN)/python -m benchmarks.lab
	$(BIN)/python -m benchmarks.first_view

clean: ## remove what the other commands made
	rm -rf $(VENV) build

# The environment. A stamp says which extras are in; a change of pyproject.toml installs again.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'cultureplan needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready-demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[plot,excel,raster]'
	@touch $@

$(VENV)/ready-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[all,test,docs,peers]'
	@touch $@ $(VENV)/ready-demo $(VENV)/ready-docs

$(VENV)/ready-docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@
