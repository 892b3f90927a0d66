#!/usr/bin/env python3
"""fault_smtp.py PORT LEDGER [MODE] [--hang SECONDS] [--keep FOLDER] — an SMTP server that misbehaves, with a ledger.

It listens on 127.0.0.1 and writes into LEDGER what it really accepted, whatever it told the client.
MODE (default ok) holds for every mail; a recipient "mode+NAME@domain" sets another one for its mail, a recipient
"first+NAME.ANYTHING@domain" for the first mail to it.

  ok          takes every mail
  greet421    refuses the connection
  mail550, rcpt450, rcpt550, data451    refuses at that command
  dropmid     resets the connection in the middle of the mail
  dropdot     resets it after the final dot; not stored
  dot451, dot550    refuses after the final dot; not stored
  okrst       stores, then resets instead of answering 250: the gap of RFC 1047
  hangdot     stores, then says nothing for --hang seconds (default 3600) and cuts
  okdrop      stores, says 250, cuts before QUIT
  ok_noquit   stores, says 250, then answers nothing more for --hang seconds
  slowdot     stores, says 250 after 5 seconds
  random[:P[:SEED]]    for each mail a fault with probability P (default 0.3), else ok

Ledger lines are tab-separated:
  TIME mail NUMBER MODE STORED MESSAGE-ID IN-REPLY-TO X-CASE RECIPIENTS SHA256 OCTETS
  TIME answered NUMBER    after stored mail NUMBER the client acted on the 250: its next command or QUIT came
  TIME cut NUMBER         after stored mail NUMBER the connection ended without another word from the client
TIME is in seconds since 1970, STORED 1 or 0, a missing field "-". --keep writes each stored mail to FOLDER/NUMBER.eml.
"""
import argparse
import asyncio
import hashlib
import random
import re
import socket
import struct
import sys
import time
from pathlib import Path

RANDOM_FAULTS = ["rcpt450", "data451", "dropmid", "dropdot", "hangdot", "dot451", "okdrop", "slowdot", "okrst"]
MODES = {"ok", "greet421", "mail550", "rcpt450", "rcpt550", "data451", "dropmid", "dropdot", "dot451", "dot550",
         "okrst", "hangdot", "okdrop", "ok_noquit", "slowdot", "random"}
EHLO = b"250-fault.test\r\n250-8BITMIME\r\n250-SIZE 60000000\r\n250 SMTPUTF8\r\n"
END_OF_MAIL = b"\r\n.\r\n"


class Ledger:
    def __init__(self, path, keep):
        self.file = open(path, "a", buffering=1, encoding="utf-8")
        self.keep = keep
        self.number = 0

    def write(self, *fields):
        self.file.write("\t".join([f"{time.time():.3f}", *map(str, fields)]) + "\n")

    def mail(self, mode, stored, recipients, data):
        """Returns the mail's number."""
        self.number += 1
        head = data.split(b"\r\n\r\n", 1)[0]

        def field(name):
            found = re.search(rb"(?im)^" + name + rb":[ \t]*(?:\r\n[ \t]+)?([^\s]+)", head)
            return found[1].decode("latin-1") if found else "-"

        self.write("mail", self.number, mode, int(stored), field(b"message-id"), field(b"in-reply-to"),
                   field(b"x-case"), ",".join(recipients) or "-", hashlib.sha256(data).hexdigest(), len(data))
        if stored and self.keep:
            (self.keep / f"{self.number}.eml").write_bytes(data)
        return self.number


class Session:
    def __init__(self, reader, writer, server):
        self.reader, self.writer, self.ledger, self.server = reader, writer, server.ledger, server
        self.mode = server.mode
        self.recipients = []
        self.stored = None  # number of the mail that the client has not yet acted upon

    async def say(self, line):
        self.writer.write(line if isinstance(line, bytes) else line.encode() + b"\r\n")
        await self.writer.drain()

    def reset(self):
        linger_none = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
        self.writer.transport.abort()

    def settle(self, event):
        if self.stored is not None:
            self.ledger.write(event, self.stored)
            self.stored = None

    async def run(self):
        try:
            if self.mode == "greet421":
                await self.say("421 4.3.2 busy")
            else:
                await self.say("220 fault.test ESMTP")
                while await self.command():
                    pass
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.settle("cut")
            self.writer.close()

    async def command(self):
        """Handles one command; False ends the session."""
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            return False
        self.settle("answered")
        verb = line.upper().strip()
        if verb.startswith(b"EHLO"):
            await self.say(EHLO)
        elif verb.startswith(b"MAIL"):
            self.recipients = []
            self.mode = self.server.mail_mode()
            await self.say("550 5.7.1 no" if self.mode == "mail550" else "250 ok")
        elif verb.startswith(b"RCPT"):
            await self.recipient(line)
        elif verb.startswith(b"DATA"):
            if self.mode == "data451":
                await self.say("451 4.3.0 no")
            else:
                return await self.data()
        elif verb.startswith(b"QUIT"):
            await self.say("221 bye")
            return False
        else:
            await self.say("250 ok")
        return True

    async def recipient(self, line):
        wanted = re.search(rb"<(mode|first)\+(\w+)[.\w]*@", line)
        if wanted and (wanted[1] == b"mode" or line not in self.server.known):
            self.mode = wanted[2].decode()
            self.server.known.add(line)
        answer = {"rcpt450": "450 4.2.1 later", "rcpt550": "550 5.1.1 unknown"}.get(self.mode)
        if answer is None:
            address = re.search(rb"<([^>]*)>", line)
            self.recipients.append((address[1] if address else line[8:].strip()).decode("utf-8", "replace"))
        await self.say(answer or "250 ok")

    async def data(self):
        if not self.recipients:
            await self.say("503 5.5.1 no recipient")
            return True
        await self.say("354 go")
        mail = await self.mail_data()
        if mail is None:
            return False
        if self.mode in ("dot451", "dot550", "dropdot"):
            self.log(False, mail)
            if self.mode == "dropdot":
                self.reset()
                return False
            await self.say("451 4.3.0 later" if self.mode == "dot451" else "550 5.7.1 refused")
            return True
        self.stored = self.log(True, mail)
        if self.mode == "okrst":
            self.reset()
            return False
        if self.mode == "hangdot":
            return await self.ignore(self.server.hang)
        if self.mode == "slowdot":
            await asyncio.sleep(5)
        await self.say("250 2.0.0 queued")
        if self.mode == "ok_noquit":
            return await self.ignore(self.server.hang)
        if self.mode == "okdrop":
            self.writer.write_eof()
            return await self.ignore(2)  # time for the client to say what it makes of the 250
        return True

    async def mail_data(self):
        """The mail with its dots unstuffed; None when the connection ended before the final dot."""
        received = bytearray()
        while not received.endswith(END_OF_MAIL) and received != END_OF_MAIL[2:]:
            chunk = await self.reader.read(65536)
            received += chunk
            if not chunk or (self.mode == "dropmid" and len(received) > 20):
                self.log(False, bytes(received))
                if chunk:
                    self.reset()
                return None
        return bytes(received[:-3]).replace(b"\r\n..", b"\r\n.")

    def log(self, stored, data):
        return self.ledger.mail(self.mode, stored, self.recipients, data)

    async def ignore(self, seconds):
        """Listens without answering until the client leaves, at most so long; notes whether it spoke."""
        try:
            if await asyncio.wait_for(self.reader.read(1), seconds):
                self.settle("answered")
                await asyncio.wait_for(self.reader.read(), seconds)
        except asyncio.TimeoutError:
            pass
        return False


class Server:
    def __init__(self, mode, ledger, hang):
        self.mode, *numbers = mode.split(":")
        self.ledger, self.hang = ledger, hang
        self.probability = float(numbers[0]) if numbers else 0.3
        self.random = random.Random(int(numbers[1]) if len(numbers) > 1 else None)
        self.known = set()  # RCPT commands whose recipient is served as any other from now on
        if self.mode not in MODES:
            sys.exit(f"fault_smtp: unknown mode {self.mode}; one of: {' '.join(sorted(MODES))}")

    def mail_mode(self):
        if self.mode != "random":
            return self.mode
        return self.random.choice(RANDOM_FAULTS) if self.random.random() < self.probability else "ok"

    async def serve(self, port):
        async def session(reader, writer):
            await Session(reader, writer, self).run()

        server = await asyncio.start_server(session, "127.0.0.1", port, limit=2**20, backlog=1000)
        await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("ledger")
    parser.add_argument("mode", nargs="?", default="ok")
    parser.add_argument("--hang", type=float, default=3600)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    server = Server(options.mode, Ledger(options.ledger, options.keep), options.hang)
    try:
        asyncio.run(server.serve(options.port))
    except KeyboardInterrupt:
        pass


main()
