# One word per chore. Every target sets up what it needs; a fresh machine has only Python ≥ 3.11, make and git.
.DEFAULT_GOAL := help
.PHONY: help kernel run test soak lint bench validate docs serve lock clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV = $(shell command -v uv || echo $(BIN)/uv)
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy

help:
	@echo "make run    the main job on the example person"
	@echo "make test   everything that must hold (under 12 minutes on two cores)"
	@echo "make soak   the same laws with large counts"
	@echo "make lint   ruff, pyright, import-linter, codespell"
	@echo "make bench  times and ratios, written to benchmarks/results/"
	@echo "make validate  published rigs and people computed again, for the docs"
	@echo "make docs   the documentation, in docs/_build/html"
	@echo "make serve  the documentation on http://localhost:8000"
	@echo "make lock   resolve the dependencies again"
	@echo "make clean  remove everything that can be rebuilt"

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Counterpull needs Python 3.11 or newer; none was found on this machine."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@echo "Setting up the environment in $(VENV) (a minute or two, once) ..."
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

kernel: $(READY)
	@$(BIN)/python -m counterpull.mechanics.kernel

run: kernel
	@mkdir -p out
	@$(BIN)/counterpull answer examples/tight-hip-flexors.toml --out out/report.html
	@$(BIN)/counterpull balance --activity standing --sex female
	@$(BIN)/counterpull balance --activity standing --sex male
	@$(BIN)/counterpull audit
	@$(BIN)/counterpull picture --muscles "hip flexors" --view front --out out/hip_flexors_front.png
	@$(BIN)/counterpull picture --muscles "glutes" --view back --out out/glutes_back.png
	@$(BIN)/counterpull picture --muscles "QL" --view back --out out/quadratus_lumborum_back.png
	@$(BIN)/counterpull picture --muscles "hamstrings, left piriformis" --view right --out out/hamstrings_side.png
	@$(BIN)/counterpull picture --muscles "iliopsoas, deep rotators" --view "three quarter" --out out/iliopsoas.svg

test: kernel
	@$(BIN)/python -m pytest -q -m "not soak"

soak: kernel
	@$(BIN)/python -m pytest -q -m soak

lint: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/codespell src tests docs benchmarks *.md
	@$(BIN)/pyright

bench: kernel
	@$(BIN)/python benchmarks/anatomy.py
	@$(BIN)/python benchmarks/kernel.py
	@$(BIN)/python benchmarks/balance.py
	@$(BIN)/python benchmarks/cost.py
	@$(BIN)/python benchmarks/answer.py
	@$(BIN)/python benchmarks/engines.py

validate: kernel
	@mkdir -p out
	@$(BIN)/counterpull validate --json --out out/validation.html > out/validation.json
	@mv out/validation.json docs/reference/validation.json

docs: $(READY)
	@$(BIN)/python -m sphinx -q -W -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

serve: docs
	@$(BIN)/python -m http.server --directory docs/_build/html 8000

lock:
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@$(UV) pip compile --quiet --python $(BIN)/python --universal --all-extras --group dev --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	@rm -rf $(VENV) out docs/_build docs/reference/generated .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
