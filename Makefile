# Everything Vitruvian can be asked to do. Needs Python 3.11 and make; the rest
# (uv, Node, every library) comes into .venv by itself, by hash.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/.venv
# hospitals inspect their traffic: trust the authorities that the machine trusts
export UV_SYSTEM_CERTS ?= true
# compiled once and kept beside the libraries: a run of the tests starts hundreds of processes
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
PORT ?= 8420
# one more than a small machine has cores: tests wait for disks and for other processes
WORKERS ?= 3

ENV := .venv/ready
NODE_MODULES := $(if $(wildcard web/package-lock.json),web/node_modules/.ready)
WEB := $(if $(wildcard web/package-lock.json),src/vitruvian/api/static/index.html)
WEB_SOURCES := $(shell find web/src web/public web/workstation -type f 2>/dev/null) \
	src/vitruvian/terms/printed_units.json $(wildcard web/*.json web/*.ts web/*.js web/index.html)

.PHONY: help run test lint types docs web bench torture browser sbom audit clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(ENV) $(WEB) | demo-lake  ## a demo hospital, ingested and served on this machine
	vitruvian serve --lake demo-lake --port $(PORT)

# Made beside their place and then moved: an interrupted run leaves no half hospital.
demo-hospital: | $(ENV)
	rm -rf $@.part
	vitruvian demo --out $@.part --today now --hl7v2 12 --look-alikes 30
	mv $@.part $@

demo-lake: | $(ENV) demo-hospital
	vitruvian ingest demo-hospital --lake $@.part
	vitruvian identity link demo-hospital/.truth/who-is-who.toml --lake $@.part
	vitruvian identity match --lake $@.part
	vitruvian derive --lake $@.part
	mv $@.part $@

test: $(ENV) $(WEB)  ## the whole suite, examples in docstrings too; those of the pages come with make docs
	python -m pytest -n $(WORKERS) --dist worksteal --ignore=tests/docs
	if [ -n "$(NODE_MODULES)" ]; then npm --prefix web run test --if-present; fi

lint: $(ENV) $(NODE_MODULES)  ## style, rooms, words, dependencies, licences
	ruff check
	ruff format --check
	lint-imports
	codespell
	deptry src
	python -m tools.licences
	if [ -n "$(NODE_MODULES)" ]; then npm --prefix web run lint --if-present; fi

types: $(ENV) $(NODE_MODULES)  ## mypy strict, and tsc for the web
	mypy
	if [ -n "$(NODE_MODULES)" ]; then npm --prefix web run types --if-present; fi

docs: $(ENV)  ## build the documentation and run every example in it
	python -m tools.reference
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet
	python -m pytest -n $(WORKERS) --dist worksteal -q tests/docs

web: $(WEB)  ## build the web application

bench: $(ENV)  ## measure, print ratios, write docs/benchmarks.md
	python -m bench

torture: $(ENV)  ## the full fault sweeps: kills, flipped bits, random arrivals
	python -m pytest -n $(WORKERS) -m torture

browser: $(ENV) $(WEB)  ## walk the web application in Chromium
	python -m pytest -n 2 --dist loadfile -m browser

sbom: $(ENV)  ## the bill of materials of both locks, CycloneDX, in dist/
	python -m tools.sbom dist/sbom.cdx.json

audit: $(ENV)  ## look up known weaknesses of every library at OSV, or where VITRUVIAN_ADVISORIES says
	python -m tools.advisories

clean:  ## remove what the other targets made
	rm -rf .venv web/node_modules src/vitruvian/api/static site dist build demo-hospital* demo-lake*
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench

$(ENV): requirements.lock pyproject.toml
	test -x .venv/bin/python || "$(PYTHON)" -m venv .venv
	test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv/bin/uv pip sync --quiet requirements.lock
	.venv/bin/uv pip install --quiet --no-deps -e .
	touch $@

web/node_modules/.ready: web/package-lock.json $(ENV)
	npm --prefix web ci --no-audit --no-fund
	touch $@

src/vitruvian/api/static/index.html: $(WEB_SOURCES) web/node_modules/.ready
	npm --prefix web run build
	touch $@
