# Every target works on a fresh clone; what is already done is not done again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ASK    := $(BIN)/python eval/run.py --index index/built --notices index/notices
SOURCE := $(shell find rag index/notices -type f -not -path '*/__pycache__/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help chat test check index eval compare results bench load train bundle

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

eval: $(BIN)/.installed-eval index/built/manifest.json  ## ask both halves of the question set and report
	$(ASK) --half dev
	$(ASK) --half test --blind

compare: eval  ## hold these answers against the committed ones; fails on a significant drop
	$(BIN)/python eval/run.py compare eval/results/dev eval/runs/dev
	$(BIN)/python eval/run.py compare eval/results/test eval/runs/test

results: $(BIN)/.installed-eval index/built/manifest.json  ## make the committed results anew (with YOUJU_DATA: half an hour)
	$(ASK) --half dev --out eval/results/dev
	$(ASK) --half test --blind --out eval/results/test
	$(ASK) --questions eval/paraphrased.jsonl --half dev --out eval/results/paraphrased-dev
	$(ASK) --questions eval/paraphrased.jsonl --half test --blind --out eval/results/paraphrased-test
	$(BIN)/python eval/run.py ablate --out eval/results/ablation
	@if [ -d "$${YOUJU_DATA:-../shared/data}/dev" ]; then \
	  $(BIN)/python eval/run.py evidence --out eval/results/evidence && \
	  $(BIN)/python eval/run.py public --out eval/results/public; \
	else echo "no public data: name its folder in YOUJU_DATA for the public figures"; fi

bench: $(BIN)/.installed  ## measure start and answer times beside their limits
	$(BIN)/python eval/bench.py

load: $(BIN)/.installed  ## measure thirty users of the chat at once
	$(BIN)/python eval/load.py

train: $(BIN)/.installed-dev  ## train the embedded weights from YOUJU_DATA (an hour and a half)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(BIN)/python train/bigrams.py
	$(BIN)/python train/encoder.py
	$(BIN)/python train/translation.py
	$(BIN)/python train/synonyms.py
	$(BIN)/python train/reader.py
	$(BIN)/python train/form.py
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

$(BIN)/.installed-eval: $(BIN)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[eval]'
	touch $@

$(BIN)/.installed-dev: $(BIN)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
