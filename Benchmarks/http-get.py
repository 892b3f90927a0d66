#!/usr/bin/env python3
"""http-get.py URL N CONNECTIONS STATUS — how fast a plain program gets N answers out of an HTTP server.

GETs URL over so many connections at once, each used again; `{n}` in it becomes the number of the request. Prints "RATE
requests-per-second". Exit 1 when an answer had another status.
"""
import asyncio
import sys
import time
import urllib.parse


class Work:
    def __init__(self, url, count, status):
        self.parts = urllib.parse.urlsplit(url)
        target = urllib.parse.urlunsplit(("", "", self.parts.path, self.parts.query, ""))
        self.request = f"GET {target} HTTP/1.1\r\nHost: {self.parts.netloc}\r\n\r\n"
        self.left, self.status, self.failed = count, b" %d " % status, 0

    async def connection(self):
        writer = None
        while self.left > 0:
            self.left -= 1
            if writer is None:
                reader, writer = await asyncio.open_connection(self.parts.hostname, self.parts.port)
            writer.write(self.request.replace("{n}", f"{self.left:08d}").encode())
            head = await reader.readuntil(b"\r\n\r\n")
            self.failed += self.status not in head[:13]
            fields = head.lower()
            length = fields.find(b"content-length:")
            if length >= 0:
                await reader.readexactly(int(fields[length + 15:].split(b"\r\n", 1)[0]))
            if length < 0 or b"connection: close" in fields:
                writer.close()
                writer = None

    async def run(self, connections):
        await asyncio.gather(*(self.connection() for _ in range(connections)))


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    count, connections, status = map(int, sys.argv[2:])
    work = Work(sys.argv[1], count, status)
    begin = time.perf_counter()
    asyncio.run(work.run(connections))
    print(f"RATE {count / (time.perf_counter() - begin):.1f}")
    sys.exit(1 if work.failed else 0)


main()
