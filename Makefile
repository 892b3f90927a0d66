# Every target does its own set-up, Debian packages included; set-up that is done takes under 2 s.
SHELL := /bin/bash
SWIFT ?= swift
PREFIX ?= /usr/local

.PHONY: help setup build demo test bench soak fuzz format lint install clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## install what building needs (Debian packages, headers of libetpan)
	@script/setup

build: setup ## build the program
	$(SWIFT) build --product postroom

demo: setup ## run the whole way of a mail on sample mail; no server needed
	@$(SWIFT) build --product postroom
	@.build/debug/postroom demo

test: ## every test, on SQLite and PostgreSQL, with a real Dovecot and a real SMTP sink
	@script/test

bench: ## release build against the limits of this machine, measured in the same run
	@script/bench

soak: ## kill -9 the server again and again while mail flows; lost must be 0
	@script/soak
	@script/soak-sends
	@script/test --faults

fuzz: ## half an hour of made-up bytes for each reader of mail
	@script/setup && script/fuzz

format: ## lay out the sources
	$(SWIFT) format -i -r Sources Tests Benchmarks Package.swift

lint: ## check the layout
	$(SWIFT) format lint --strict -r Sources Tests Benchmarks Package.swift

install: setup ## release build into PREFIX (default /usr/local)
	install -D -m 755 "$$(SWIFT="$(SWIFT)" script/release)" $(PREFIX)/bin/postroom
	mkdir -p $(PREFIX)/share/postroom && cp -r templates mailboxes $(PREFIX)/share/postroom/

clean: ## remove what was built
	rm -rf .build
