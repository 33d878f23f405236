# make demo   set up, build from the shipped document and a printed one, serve, print the address
# make years  two years of units that do not exist: histories and comparisons, live and static
# make test   set up, run every test and linter
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8001
READY  := $(VENV)/.ready

.PHONY: demo years test lint format lock docs clean FORCE

demo: build/demo/budget.db
	$(BIN)/yusuan serve $< --port $(PORT) --sources datapackage/sources --sources build/demo/sources --packages build/demo/datapackage

# A PDF of a unit that does not exist joins the shipped document; datapackage/ is left alone.
build/demo/budget.db: $(READY) FORCE
	rm -rf build/demo
	$(BIN)/python -m tests.generator.demo build/demo/sources/999001-2026-budget.pdf
	$(BIN)/yusuan build datapackage/sources build/demo/sources --out build/demo/datapackage --db $@ --replace

# Two years of three units that do not exist, as a live site's database and as a static site; never part of a release.
years: $(READY)
	rm -rf build/years
	$(BIN)/python -m tests.generator.years build/years/sources
	$(BIN)/yusuan build build/years/sources --out build/years/datapackage --db build/years/budget.db --replace
	$(BIN)/yusuan site build/years/budget.db --out build/years/site
	@echo "示例（虚构）：$(BIN)/yusuan serve build/years/budget.db --sources build/years/sources，或打开 build/years/site/index.html"

FORCE:

test: $(READY) lint
	$(BIN)/pytest -n auto

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Everything that is generated from the specs.
docs: $(READY)
	$(BIN)/yusuan metadata > metadata.yml
	$(BIN)/yusuan dictionary > docs/data-dictionary.md
	$(BIN)/yusuan rules > docs/rules.md
	rm -rf datapackage/20*/data datapackage/20*/datapackage.json
	$(BIN)/yusuan build datapackage/sources --out datapackage --db budget.db

# Needs uv; nobody else does.
lock:
	uv pip compile --universal --generate-hashes --no-annotate --no-header -q pyproject.toml --group dev -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("需要 Python 3.11 或更新版本，当前为 " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) budget.db build dist
