# make demo   create the environment, fetch the embedded model, draft the example brief
# make test   run all tests (those for Office, a browser or the model are skipped where these are absent)
# make check  lint, format, types and the fast tests
# make bench  benchmarks; results go to benchmarks/results

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
READY   = $(VENV)/.ready
EXAMPLE = examples/01-county-office-training.yaml

.PHONY: demo test check bench model wheel clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[local,mcp]' --group dev
	touch $(READY)

model: $(READY)
	$(BIN)/rag-speech model fetch

demo: model
	$(BIN)/rag-speech draft $(EXAMPLE) --output drafts/demo.md
	@echo
	@echo "The speech is in drafts/demo.md; its draft folder lies beside it."

test: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -m 'not slow and not model and not office and not browser'

bench: $(READY)
	for file in benchmarks/[a-z]*.py; do $(BIN)/python $$file || exit 1; done

wheel: $(READY)
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
