# Two commands are enough: `make demo` to try it, `make test` to check it.
.PHONY: demo run install test lint format types layers tests bench locales pins clean

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
HOME_DIR ?= home

# A folder of wheels that pip is told of serves uv as well, and so does a mirror of the registry.
ifneq ($(PIP_FIND_LINKS),)
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif
ifneq ($(PIP_INDEX_URL),)
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

demo: install
	$(BIN)/marketbot --home $(HOME_DIR) demo

run: install
	$(BIN)/marketbot run

install: .venv/.installed

.venv/.uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	touch $@

# What a question loads is compiled once here, and not in every process where Python may write no byte code. Importing
# compiles what is needed, in a tenth of the time that everything installed would take.
COMPILED := bot.cli, bot.log, bot.rendering.reply, bot.understanding.assistant, boring_semantic_layer, chromadb, \
	holidays, ibis.backends.duckdb, knowledge.learning.learner, knowledge.retrieval.retriever, pyarrow, sentence_transformers, \
	statsforecast.models, telegram.ext, transformers.models.bert.modeling_bert, uvicorn

# torch comes first and by itself: the registry's Linux build brings gigabytes of CUDA, the CPU build does not.
.venv/.installed: .venv/.uv pyproject.toml constraints.txt
	sh .ci/install-torch $(UV) $(BIN)/python
	$(UV) pip install --python $(BIN)/python --quiet --constraint constraints.txt --editable .
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -c "import $(COMPILED)"
	touch $@

.venv/.installed-dev: .venv/.installed
	$(UV) pip install --python $(BIN)/python --quiet --constraint constraints.txt --editable ".[dev,openai,postgres]"
	touch $@

# The tests begin while types are still checked, which takes one core for most of a minute.
test: .venv/.installed-dev
	$(MAKE) -j 2 lint types layers tests

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: .venv/.installed-dev
	$(BIN)/mypy

layers: .venv/.installed-dev
	$(BIN)/lint-imports

# Three processes, since many tests wait for servers and browsers; a thread for each. What they compile is kept for the
# processes that they start. In the order of the folders, since the files with the fewest tests are not the quickest.
tests: .venv/.installed-dev
	env -u PYTHONDONTWRITEBYTECODE OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder

bench: .venv/.installed-dev
	$(UV) pip install --python $(BIN)/python --quiet --constraint constraints.txt --editable ".[bench]"
	$(BIN)/python -m bench

# Brings the .po files up to date with the code and lists what is not translated.
locales: .venv/.installed-dev
	$(BIN)/python -m bot.locales

# The newest pins that fit pyproject.toml; no registry's address is written down.
pins: .venv/.uv
	$(UV) pip compile --universal --python-version 3.11 --all-extras --no-emit-index-url --no-emit-find-links --no-annotate \
		--no-header --no-emit-package torch --output-file constraints.txt pyproject.toml
	sed -i.bak -E '/^(nvidia|cuda|triton)/d' constraints.txt && rm constraints.txt.bak

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
