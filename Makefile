# make demo   denoise a real CT and show where the results lie (CTDENOISE_SAMPLE=folder takes another CT)
# make test   run every check
# make format rewrite the code in the project's layout
# make clean  remove everything that make made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
INSTALLED := $(VENV)/installed
SAMPLE := $(or $(CTDENOISE_SAMPLE),$(DEMO)/catphan)

.PHONY: help demo test lint format clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# make/make/p' Makefile

# The stamps make a second run quick, and a changed list of packages take effect.
$(VENV)/made:
	PYTHON='$(PYTHON)' Testing/tools/system-packages environment
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else "CTDenoise needs Python 3.10 or newer.")'
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

$(INSTALLED): $(VENV)/made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev,train]'
	touch $@

$(DEMO)/catphan: | $(INSTALLED)
	$(BIN)/ctdenoise sample catphan $@

demo: $(INSTALLED) $(if $(CTDENOISE_SAMPLE),,$(DEMO)/catphan)
	$(BIN)/ctdenoise series '$(SAMPLE)'
	$(BIN)/ctdenoise run '$(SAMPLE)' $(DEMO)/denoised --report $(DEMO)/report.png --overwrite
	@echo
	@echo "Input:           $$(realpath '$(SAMPLE)')"
	@echo "Denoised series: $$PWD/$(DEMO)/denoised"
	@echo "Report:          $$PWD/$(DEMO)/report.png"

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

test: lint
	Testing/tools/system-packages tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

format: $(INSTALLED)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) $(DEMO) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find CTDenoise CTDenoiseTrain Testing -name __pycache__ -type d -prune -exec rm -rf {} +
