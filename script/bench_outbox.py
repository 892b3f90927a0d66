"""The parts of script/bench that measure what leaves the house by SMS: outbox and receipts."""
import concurrent.futures
import os
import re
import signal
import sqlite3
import subprocess
import time
import urllib.parse
import urllib.request
from statistics import median

import rig

# What the outbox is held to: the ratios, and the memory above that of an idle program.
OUTBOX_RATIO, KANNEL_RATIO, OUTBOX_MEMORY_MB = 0.25, 0.9, 57
OUTBOX_CONNECTIONS, KANNEL_CONNECTIONS = 64, 64
SMS_GATEWAY = """\
http:
  url: "http://127.0.0.1:{port}/send"
  plain: true
  private: true
  content_type: application/x-www-form-urlencoded
  body: "sender=10690000&receiver={{{{url.to}}}}&reference={{{{url.id}}}}&text={{{{url.text}}}}"
  connections: {connections}
  accepted: {{ status: [200], json: /code, in: ["0"] }}
  id: {{ json: /id }}
"""
KANNEL_GATEWAY = """\
http:
  method: GET
  url: "{url}&to={{{{url.to}}}}&text={{{{url.text}}}}"
  plain: true
  private: true
  connections: {connections}
  accepted: {{ status: [202] }}
"""


class OutboxParts:
    def outbox(self):
        self.durable_sms()
        self.kannel()
        self.waiting_sms()

    def sms_home(self, name, count, gateway):
        """A home whose outbox holds so many SMS, put there by SQL."""
        home = self.home(name, "nobody")
        (home / "mailboxes/gateways/sms.yaml").write_text(gateway, encoding="utf-8")
        database = sqlite3.connect(home / "data/postroom.db")
        with database:
            database.execute("INSERT INTO customer (id, name, created_at) VALUES (1, '李伟', 0)")
            database.execute(
                """
                WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                INSERT INTO delivery (natural_key, purpose, channel, gateway, priority, customer_id, sender, recipient,
                  subject, reference, content, state, created_at, due_at)
                SELECT 'notice/' || n, 'notice', 'sms', 'sms', 0, 1, '', '+86138' || printf('%08d', n), '',
                  lower(hex(randomblob(16))), CAST('订单 ' || n || ' 已发货' AS BLOB), 'queued', 0, 0
                FROM numbers
                """, (count,))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        # Nor must this reach the disk while commits wait for it.
        os.sync()
        return home

    def send_sms(self, home, count):
        run = self.postroom(home, "send", "--once", "--json")
        self.expect("SMS accepted", run.json()["accepted"], count)
        return run

    def durable_sms(self):
        count, ours, limits, cpu = self.sizes.sms, [], [], []
        gateway = SMS_GATEWAY.format(port=self.http_port, connections=OUTBOX_CONNECTIONS)
        with self.sink():
            for turn in range(self.runs):
                home = self.sms_home(f"sms-{turn}", count, gateway)
                limits.append(rig.Run([self.work / "http-curl", self.http_port, count, OUTBOX_CONNECTIONS]).rate())
                run = self.send_sms(home, count)
                ours.append(count / run.seconds)
                cpu.append(run.cpu / count * 1e6)
        self.compare("outbox", ours, limits, cpu_us_per_sms=median(cpu))
        self.hold("outbox", OUTBOX_RATIO)

    def kannel(self):
        """Between the moments when the SMSC has the first message and the last."""
        url = self.kannel_url()
        count, ours, limits = self.sizes.kannel, [], []
        gateway = KANNEL_GATEWAY.format(url=url, connections=KANNEL_CONNECTIONS)
        # The machine's two processors are Kannel's as well, so that one turn says little.
        for turn in range(2 * self.runs + 1):
            home = self.sms_home(f"kannel-{turn}", count, gateway)
            limits.append(self.through_kannel(count, lambda: rig.Run(
                [self.work / "http-curl", url, count, KANNEL_CONNECTIONS])))
            ours.append(self.through_kannel(count, lambda: self.send_sms(home, count)))
        self.compare("kannel", ours, limits)
        self.hold("kannel", KANNEL_RATIO)

    def kannel_url(self):
        if not (self.work / "kannel").exists():
            rig.server("kannel-up", self.work / "kannel", self.kannel_port)
        return (f"http://127.0.0.1:{self.kannel_port}/cgi-bin/sendsms"
                "?username=postroom&password=secret&coding=2&charset=UTF-8")

    def through_kannel(self, count, send):
        before, start = self.sent_by_kannel(), time.perf_counter()
        first = 0, start
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send)
            while True:
                sent, now = self.sent_by_kannel() - before, time.perf_counter()
                if 0 < sent < count and first[0] == 0:
                    first = sent, now
                if sent >= count:
                    break
                if sending.done():
                    sending.result()
                if now > start + 300:
                    raise rig.Failure("Kannel lost messages")
                # Being asked costs Kannel so much that a tenth of its rate is lost at fifty times a second.
                left = (count - sent) * (now - first[1]) / max(sent - first[0], 1)
                time.sleep(min(max(left * 0.8, 0.01), 5) if sent > first[0] else 0.05)
            sending.result()
        return (count - first[0]) / (now - first[1])

    def sent_by_kannel(self):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        status = direct.open(f"http://127.0.0.1:{self.kannel_port + 1}/status.txt?password=secret").read().decode()
        return int(re.search(r"SMS: received .*?, sent (\d+)", status)[1])

    def receipts(self):
        """From the start of a program until it knows that the last SMS has arrived."""
        count, url = self.sizes.receipts, self.kannel_url()
        hook = urllib.parse.quote(f"http://127.0.0.1:{self.http_port}/receipts?type=%d&time=%T", safe="")
        ours, limits = [], []
        for turn in range(self.runs):
            with self.sink() as sink:
                start = time.perf_counter()
                rig.Run([self.work / "http-curl", f"{url}&dlr-mask=31&dlr-url={hook}", count, KANNEL_CONNECTIONS])
                self.wait_until("receipts at the sink", 2 * count, lambda: self.counted(sink))
                limits.append(count / (time.perf_counter() - start))
            ours.append(self.receipts_of(self.receipts_home(turn, count), count))
        self.compare("receipts", ours, limits)

    def receipts_home(self, turn, count):
        """With the pattern for Kannel that users begin with."""
        text = (rig.ROOT / "mailboxes/gateways/kannel.yaml.example").read_text(encoding="utf-8")
        for old, new in ((":13013/", f":{self.kannel_port}/"), ("%3A8080%2F", f"%3A{self.hooks_port}%2F"),
                         ("hooks%2Fkannel%2F", "hooks%2Fsms%2F"), ("connections: 8 ", f"connections: {KANNEL_CONNECTIONS} ")):
            if old not in text:
                raise rig.Failure(f"{old} is not in kannel.yaml.example")
            text = text.replace(old, new)
        home = self.sms_home(f"receipts-{turn}", count, text)
        for name, secret in (("kannel-password", "secret"), ("kannel-path", "path")):
            (home / "secrets" / name).write_text(secret + "\n")
            (home / "secrets" / name).chmod(0o600)
        with open(home / "postroom.yaml", "a", encoding="utf-8") as file:
            file.write(f"http: {{ listen: 127.0.0.1:{self.hooks_port} }}\n")
        return home

    def receipts_of(self, home, count):
        start = time.perf_counter()
        with open(self.work / "postroom.log", "ab") as log:
            server = subprocess.Popen([self.program, "serve", "--home", home], stdout=log, stderr=log)
        database = sqlite3.connect(f"file:{home}/data/postroom.db?mode=ro", uri=True, timeout=60)
        try:
            # What came last is a row, too.
            self.wait_until("SMS that arrived and receipts", 3 * count, lambda: sum(
                database.execute("SELECT COUNT(*) FROM " + what).fetchone()[0]
                for what in ("delivery WHERE state = 'delivered'", "gateway_event WHERE applied_at IS NOT NULL")))
            seconds = time.perf_counter() - start
        finally:
            database.close()
            server.terminate()
            server.wait()
        return count / seconds

    @staticmethod
    def counted(sink):
        sink.send_signal(signal.SIGUSR1)
        return int(sink.stdout.readline().split()[1])

    @staticmethod
    def wait_until(what, wanted, count):
        end = time.monotonic() + 300
        while (found := count()) < wanted:
            if time.monotonic() > end:
                raise rig.Failure(f"{what}: {found} instead of {wanted}")
            time.sleep(0.1)

    def waiting_sms(self):
        """Peak memory while many wait; they are not all sent."""
        gateway = SMS_GATEWAY.format(port=self.http_port, connections=OUTBOX_CONNECTIONS)
        idle = self.send_sms(self.sms_home("idle", 0, gateway), 0).peak_mb
        with self.sink():
            home = self.sms_home("waiting", self.sizes.waiting, gateway)
            peak = rig.Run([self.program, "send", "--once", "--home", home], limit=self.sizes.waiting_seconds,
                           may_be_cut=True).peak_mb
        self.results["waiting"] = {"idle_mb": idle, "peak_mb": peak, "waiting": self.sizes.waiting}
        if peak - idle > OUTBOX_MEMORY_MB:
            self.complaints.append(f"memory while SMS wait: {peak - idle:.0f} MB more, the bound is {OUTBOX_MEMORY_MB}")
