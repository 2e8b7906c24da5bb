# Two commands do everything: `make report` and `make test`. Both create the environment in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: report test check lab format clean help

help:
	@echo "make report   run the flagship study on the carried data: reports/latest/index.html"
	@echo "make test     run the whole suite"
	@echo "make check    ruff, mypy, codespell"
	@echo "make lab      open the notebooks in JupyterLab"
	@echo "make clean    remove the environment and the caches (reports stay)"

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"potash needs Python 3.11 or newer, {v[0]}.{v[1]} found; try: make PYTHON=python3.12 report")'
	@echo "Creating the environment in $(VENV) (about two minutes, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

report: $(READY)
	@$(BIN)/potash report --out reports

test: $(READY)
	@$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lab: $(READY)
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
