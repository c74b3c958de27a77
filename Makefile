# Thin names for the commands of the course; CI calls the same ones.
# Every step is quick when there is nothing to do. Another Python: make setup PYTHON=python3.12

PYTHON ?= python3
SHELL := /bin/sh
BIN := .venv/bin
SOURCE := $(wildcard source/deep-learning-3/*.* translations/*.po docs/student-guide.md)
DRAWS := source/deep-learning-3/svhn.py source/deep-learning-3/svhn_synthetic.py
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := $(BIN)/uv pip compile --quiet - --universal --fork-strategy fewest \
	--python-version 3.11 --custom-compile-command "make requirements"
# Jupyter refuses to run as root unless told to.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help grade test test-all setup setup-dev data release class form lint answers nbgrader-tests lab study requirements clean
.DELETE_ON_ERROR:

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | column -t -s '|' 2>/dev/null \
	  || sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' Makefile

grade: setup data $(BIN)/.released class ## set up, make what is missing, grade what is new in submitted/
	$(BIN)/course grade

# SLOW: slow parts to run as well, by the names in tests/slow_parts.py.
test: setup-dev data lint form ## check code, notebooks, release, answers, grading: what a change breaks
	$(BIN)/course release --check
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(if $(SLOW),--slow $(SLOW))

test-all: ## the same and all slow parts, for hours; it says first what these are
	@$(PYTHON) -m tests.slow_parts all
	@$(MAKE) --no-print-directory test SLOW=all

setup: $(BIN)/.installed ## make .venv from requirements.txt
setup-dev: $(BIN)/.installed-dev ## the same with the tools for development

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no program $(PYTHON). Name a Python 3.11, 3.12 or 3.13: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else \
	  "$(PYTHON) is Python %d.%d, but the course needs 3.11, 3.12 or 3.13. Name one: make setup PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# requirements.txt names the tool itself (-e .), so pyproject.toml counts too.
$(BIN)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "setup: installing requirements.txt into .venv (minutes, the first time)"
	@$(PIP) -r requirements.txt
	@touch $@

$(BIN)/.installed-dev: requirements-dev.txt $(BIN)/.installed
	@echo "setup: installing requirements-dev.txt into .venv"
	@$(PIP) -r requirements-dev.txt
	@touch $@

data: data/synthetic/test_32x32.mat data/synthetic/trial/test_32x32.mat ## draw the synthetic house numbers into data/synthetic

# Fewer images than a student gets by default: no score depends on them, and the training
# cells of a class are quicker. svhn.py writes this file last.
data/synthetic/test_32x32.mat: $(DRAWS) | $(BIN)/.installed
	@$(BIN)/python -B source/deep-learning-3/svhn.py draw --dir $(@D) --train 3000 --test 600

# What test-learning of 4-svhn would else draw for each submission.
data/synthetic/trial/test_32x32.mat: $(DRAWS) proof/house_numbers.py | $(BIN)/.installed
	@$(BIN)/python -B proof/house_numbers.py trial $(@D)

release: $(BIN)/.installed ## make release/ from source/
	$(BIN)/course release
	@touch $(BIN)/.released

$(BIN)/.released: $(SOURCE) nbgrader_config.py | $(BIN)/.installed
	$(BIN)/course release
	@touch $@

class: $(BIN)/.released ## make an example class, unless submitted/ holds work
	@$(BIN)/course class

form: $(BIN)/.installed ## check the form of the source notebooks
	$(BIN)/course form

lint: $(BIN)/.installed-dev ## check style, types and which way imports run
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/course lint

answers: $(BIN)/.installed ## grade the bank of answers, compare the scores
	$(BIN)/course answers

nbgrader-tests: $(BIN)/.installed-dev ## run nbgrader's own tests, with stock nbgrader and with the engine
	$(BIN)/python -m tests.nbgrader_plugin.nbgrader_own_tests

# With a mistake in nbgrader_config.py, the formgrader must not grade by nbgrader's defaults,
# which know no sandbox.
lab: export TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR = 1
lab: $(BIN)/.installed data ## JupyterLab for instructors, with nbgrader's formgrader
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab $(AS_ROOT)

# On a copy, so that release/ stays what source/ makes, and in its folder, so that
# nbgrader_config.py, which is for grading, is not read.
study: $(BIN)/.installed ## JupyterLab for students, on a copy of the release in work/
	@mkdir -p work
	@for file in release/deep-learning-3/*; do \
	  [ -e "work/$${file##*/}" ] || cp "$$file" work/; done
	cd work && PATH="$(CURDIR)/$(BIN):$$PATH" "$(CURDIR)/$(BIN)/jupyter" lab $(AS_ROOT)

requirements: $(BIN)/.installed-dev ## pin what requirements.in and pyproject.toml ask for (all to the newest: UPGRADE=--upgrade)
	cat requirements.in | $(COMPILE) $(UPGRADE) -o requirements.txt
	printf -- '-r requirements.txt\n-e .[cluster]\n' | $(COMPILE) $(UPGRADE) \
	  --no-annotate --no-emit-package nbgrader-course -o requirements-cluster.txt
	printf -- '-r requirements.txt\n-e .[dev]\n' | $(COMPILE) $(UPGRADE) -o requirements-dev.txt

clean: ## remove .venv and caches; never students' work or grades
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	find grader tests source release -name __pycache__ -prune -exec rm -rf {} +
