# Two commands do everything: `make report` and `make test`. Both create the environment in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two stamps: what running needs, and with it what tests and checks need.
RUN := $(VENV)/.ready-to-run
DEV := $(VENV)/.ready-to-test
QUIETLY := --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 8 --dist worksteal

.PHONY: report test simulation check lab format clean help

help:
	@echo "make report       run the flagship study on the carried data: reports/latest/index.html"
	@echo "make test         run the suite on every core, six minutes on two"
	@echo "make simulation   run the long simulations of size and power"
	@echo "make check        ruff, mypy, codespell"
	@echo "make lab          open the notebooks in JupyterLab"
	@echo "make clean        remove the environment and the caches (reports stay)"

# Install potash with an extra: by uv, which takes seconds, from the machine or the index; where that fails, by pip.
define install
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"potash needs Python 3.11 or newer, {v[0]}.{v[1]} found; try: make PYTHON=python3.12 report")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@uv=uv; uv --version >/dev/null 2>&1 || uv=$(BIN)/uv; \
	$$uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install $(QUIETLY) -c constraints.txt uv >/dev/null 2>&1; \
	$$uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[$(1)]' 2>/dev/null \
	|| { echo "uv could not install it; pip takes a minute"; \
	     $(BIN)/python -m pip install $(QUIETLY) -c constraints.txt -e '.[$(1)]'; }
endef

$(RUN): pyproject.toml constraints.txt
	@echo "Installing what a report needs into $(VENV), once"
	$(call install,garch)
	@touch $@

$(DEV): pyproject.toml constraints.txt
	@echo "Installing what the tests need into $(VENV), once"
	$(call install,dev)
	@touch $(RUN) $@

report: $(RUN)
	@$(BIN)/potash report --out reports

test: $(DEV)
	@$(PYTEST)

simulation: $(DEV)
	@$(PYTEST) -m simulation

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lab: $(RUN)
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
