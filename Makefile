# `make demo` and `make test` are all that a fresh machine with Python 3.11+ needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := .constraints.lock
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK)

.PHONY: demo test bench lint lock ui clean

demo: $(VENV)/.installed ui
	$(BIN)/storeline demo

test: $(VENV)/.tested lint ui
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.tested ui
	$(BIN)/python -m tests.bench

lint: $(VENV)/.tested
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

ui: $(VENV)/.installed
	$(BIN)/python -m bigcommerce_app.build

# The versions that this was tested with; run after changing pyproject.toml.
lock: $(VENV)/.tested
	$(BIN)/python -m pip freeze --exclude-editable > $(LOCK)

$(VENV)/.installed: pyproject.toml $(LOCK)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(PIP) -e '.[test]'
	touch $@

clean:
	rm -rf $(VENV) .state bigcommerce_app/ui/dist bigcommerce_app/ui/node_modules
