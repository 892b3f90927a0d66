#!/usr/bin/env python3
"""fault_http.py PORT LEDGER [MODE[:SHARE[:SEED]]] [--once] [--hang SECONDS] [--elsewhere PORT] — an SMS provider over
HTTP that misbehaves, with a ledger.

It listens on 127.0.0.1, takes JSON {"id": our reference, "to": number, "text": text} and writes into LEDGER what it
really stored, whatever it told the client. MODE (default ok) meets that SHARE of the requests (default 1; of random 0.3),
the others are answered ok. With --once a message meets it at its first request at most.

  ok                   stores, answers 200 {"code": 0, "id": its own reference}
  429, 429date         not stored; Retry-After 2 seconds, as a number or as a date
  503                  not stored
  500, 500stored       fails; stored or not, which the client cannot tell
  504stored            stores, then a proxy in front of it gives up
  hang, hangstored     says nothing for --hang seconds (default 3600) and cuts
  reset, resetstored   resets the connection instead of answering
  close, closestored   closes it instead of answering
  cut                  stores, closes in the middle of the answer
  drip                 stores, answers ok, an octet in half a second
  json, html, empty, binary, huge   stores, answers 200 with what it never promised; huge is 10 MB
  redirect             not stored; 302 to 127.0.0.1, port --elsewhere
  random               any of these but redirect

Ledger lines are tab-separated: TIME MODE STORED REFERENCE NUMBER, where TIME is in seconds since 1970 and STORED 1 or 0.
A request that is none is noted as "TIME fault 0 - WORDS".
"""
import argparse
import asyncio
import email.utils
import json
import math
import random
import socket
import struct
import sys
import time

RETRY_AFTER = 2
STORING = {"ok", "500stored", "504stored", "hangstored", "resetstored", "closestored", "cut", "drip", "json", "html",
           "empty", "binary", "huge"}
REFUSING = {"429", "429date", "500", "503", "hang", "reset", "close"}
MODES = STORING | REFUSING | {"redirect", "random"}
RANDOM_FAULTS = sorted((STORING | REFUSING) - {"ok"})
STATUS = {"429": 429, "429date": 429, "500": 500, "500stored": 500, "503": 503, "504stored": 504, "redirect": 302}
NONSENSE = {
    "json": b'{"result": [1, {"code": {}}], "code": null}',
    "html": b"<!DOCTYPE html><title>Welcome</title><p>code: 0, please log in to this network.",
    "empty": b"",
    "binary": bytes(range(256)) * 8,
    "huge": b"0" * 10_000_000}


class Ledger:
    def __init__(self, path):
        self.file = open(path, "a", buffering=1, encoding="utf-8")
        self.number = 0

    def write(self, mode, stored, reference, number):
        self.number += 1
        fields = [f"{time.time():.3f}", mode, int(stored), *(str(text).replace("\t", " ") for text in (reference, number))]
        self.file.write("\t".join(map(str, fields)) + "\n")


class Provider:
    def __init__(self, options):
        self.mode, *numbers = options.mode.split(":")
        self.share = float(numbers[0]) if numbers else 0.3 if self.mode == "random" else 1
        self.random = random.Random(int(numbers[1]) if len(numbers) > 1 else None)
        self.ledger, self.options = Ledger(options.ledger), options
        self.known = set()
        if self.mode not in MODES:
            sys.exit(f"fault_http: unknown mode {self.mode}; one of: {' '.join(sorted(MODES))}")

    def next_mode(self, reference):
        is_known = reference in self.known
        self.known.add(reference)
        if self.options.once and is_known or self.random.random() >= self.share:
            return "ok"
        return self.random.choice(RANDOM_FAULTS) if self.mode == "random" else self.mode

    async def session(self, reader, writer):
        try:
            while await self.exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def exchange(self, reader, writer):
        """One request; False ends the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        try:
            message = json.loads(body)
            reference, number, _ = message["id"], message["to"], message["text"]
        except (ValueError, KeyError, TypeError):
            self.ledger.write("fault", False, "-", f"{head.split(chr(13))[0]}, {length} octets")
            return await self.answer(writer, 400, b"")
        mode = self.next_mode(reference)
        self.ledger.write(mode, mode in STORING, reference, number)
        return await self.misbehave(mode, reader, writer)

    async def misbehave(self, mode, reader, writer):
        accepted = json.dumps({"code": 0, "id": f"m{self.ledger.number}"}).encode()
        refused = b'{"code": 9}'
        if mode in ("hang", "hangstored"):
            return await self.until_left(reader, self.options.hang)
        if mode in ("reset", "resetstored"):
            linger_none = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
            writer.transport.abort()
            return False
        if mode in ("close", "closestored"):
            return False
        if mode == "cut":
            return await self.answer(writer, 200, accepted, announced=len(accepted) + 9)
        if mode == "drip":
            return await self.drip(reader, writer, accepted)
        if mode == "huge":
            # Without a length, so that the client learns of the size as it comes.
            return await self.answer(writer, 200, NONSENSE[mode], announced=None)
        if mode in STATUS:
            return await self.answer(writer, STATUS[mode], refused, self.fields(mode))
        return await self.answer(writer, 200, NONSENSE.get(mode, accepted))

    def fields(self, mode):
        if mode == "429":
            return [f"Retry-After: {RETRY_AFTER}"]
        if mode == "429date":
            date = email.utils.formatdate(math.ceil(time.time()) + RETRY_AFTER, usegmt=True)
            return [f"Retry-After: {date}"]
        return [f"Location: http://127.0.0.1:{self.options.elsewhere}/send"] if mode == "redirect" else []

    async def answer(self, writer, status, body, fields=(), announced=...):
        """False, for the end of the connection, unless as much is sent as was announced."""
        announced = len(body) if announced is ... else announced
        length = [] if announced is None else [f"Content-Length: {announced}"]
        head = "\r\n".join([f"HTTP/1.1 {status} Whatever", *length, *fields, "", ""])
        writer.write(head.encode() + body)
        await writer.drain()
        return announced == len(body)

    async def drip(self, reader, writer, body):
        answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        for index in range(len(answer)):
            writer.write(answer[index:index + 1])
            await writer.drain()
            if reader.at_eof():
                return False
            await asyncio.sleep(0.5)
        return True

    async def until_left(self, reader, seconds):
        try:
            await asyncio.wait_for(reader.read(), seconds)
        except asyncio.TimeoutError:
            pass
        return False

    async def serve(self):
        server = await asyncio.start_server(self.session, "127.0.0.1", self.options.port, limit=2**20, backlog=1000)
        await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("ledger")
    parser.add_argument("mode", nargs="?", default="ok")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--hang", type=float, default=3600)
    parser.add_argument("--elsewhere", type=int, default=1)
    try:
        asyncio.run(Provider(parser.parse_args()).serve())
    except KeyboardInterrupt:
        pass


main()
