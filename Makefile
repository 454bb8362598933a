# Every target works on a fresh clone; what is already done is not done again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SOURCE := $(shell find rag index/notices -type f -not -path '*/__pycache__/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help chat test check index eval bench load train bundle

help:            ## list the targets
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 10

chat: $(BIN)/.installed index/built/manifest.json  ## install, index the notice, open the chat on 127.0.0.1:7860
	$(BIN)/python app.py --index index/built

test: $(BIN)/.installed-dev  ## install with test tools and run the tests
	$(BIN)/python -m pytest

check: $(BIN)/.installed-dev  ## ruff, mypy and the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

index: $(BIN)/.installed  ## build the index of index/notices into index/built
	$(BIN)/python index/build.py

eval: $(BIN)/.installed index/built/manifest.json  ## ask both halves of the question set and report
	$(BIN)/python eval/run.py --index index/built --half dev
	$(BIN)/python eval/run.py --index index/built --half test --blind

bench: $(BIN)/.installed  ## measure start and answer times beside their limits
	$(BIN)/python eval/bench.py

load: $(BIN)/.installed  ## measure thirty users of the chat at once
	$(BIN)/python eval/load.py

train: $(BIN)/.installed-dev  ## train the embedded weights from YOUJU_DATA (about an hour)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(BIN)/python train/bigrams.py
	$(BIN)/python train/encoder.py
	$(BIN)/python train/translation.py
	$(BIN)/python train/synonyms.py
	$(BIN)/python train/evidence.py
	$(MAKE) bundle

bundle: $(BIN)/.installed  ## build the index that ships in rag/embedded/index
	$(BIN)/python index/build.py --out rag/embedded/index

index/built/manifest.json: $(BIN)/.installed index/build.py $(SOURCE)
	$(BIN)/python index/build.py

$(BIN)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(BIN)/.installed-dev: $(BIN)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
