#!/usr/bin/env python3
"""What script/test, script/bench and script/soak share: free ports, test servers, a Postroom home, running commands.

  rig.py ports N   prints N free ports in a row, one a line
"""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / "Tests/Servers"

HOME_FILE = """\
company: {{ zh-Hans: 示例商城, en: Example Store }}
hotline: "400-800-1234"
database: sqlite:data/postroom.db
data: data
language: zh-Hans
zone: Asia/Shanghai
signing_key_file: secrets/signing-key
templates: "{templates}"
agents:
  wang-fang: {{ name: 王芳, email: wang.fang@example.cn }}
  chen-chen: {{ name: 陈晨, email: chen.chen@example.cn }}
teams:
  service:
    name: {{ zh-Hans: 客户服务部, en: Customer Service }}
    members: [wang-fang, chen-chen]
    fallback: wang-fang
"""
MAILBOX_FILE = """\
address: support@perf.test
source:
  imap:
    host: localhost
    port: {port}
    security: tls
    user: {user}
    password_file: ../secrets/imap
    ca_file: {ca_file}
    folder: INBOX
poll: {poll}
team: service
gateway: out
replies: {{ one_per_sender: 24h, per_domain_per_day: 1000000, per_minute: 1000000, not_older_than: 20000d }}
"""
GATEWAY_FILE = """\
smtp: {{ host: localhost, port: {port}, security: plain, connections: 16{more} }}
"""


class Failure(Exception):
    """A sentence for the user; the scripts print it and exit 1."""


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_ports(count):
    """In a row, below 32768, where outgoing connections are given theirs."""
    for first in random.sample(range(20000, 32000), 2000):
        ports = range(first, first + count)
        if all(map(is_free, ports)):
            return list(ports)
    raise Failure(f"no {count} free ports in a row between 20000 and 32000")


def wait_for(port):
    """Until somebody listens; at most 5 s."""
    for _ in range(100):
        if not is_free(port):
            return
        time.sleep(0.05)
    raise Failure(f"nobody listens on port {port}")


def server(name, *arguments):
    """Starts one of Tests/Servers; it runs on until `stop`."""
    done = subprocess.run([SERVERS / name, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode:
        raise Failure(f"{name} failed:\n{done.stdout}{done.stderr}")


def stop(folder):
    subprocess.run([SERVERS / "stop", str(folder)], check=False)


def mailfill(count, maildir, *options):
    """Sample mails in a Maildir."""
    fill(count, "--maildir", maildir, *options)


def mails(count, folder):
    """The same as files."""
    fill(count, "--eml", folder)


def fill(count, *options):
    done = subprocess.run([SERVERS / "mailfill", str(count), *map(str, options)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"mailfill failed:\n{done.stderr}")


def take_over(path):
    """Gives a folder made by root to Dovecot's mail user."""
    if os.getuid() == 0:
        shutil.chown(path, "mail", "mail")


def make_home(home, imap_port, user, ca_file, smtp_port, poll="30s", gateway="", gateway_rest=""):
    """A home folder for the mailbox of one user. `gateway` goes on in the line of smtp, `gateway_rest` stands below."""
    home = Path(home)
    files = {
        "postroom.yaml": HOME_FILE.format(templates=ROOT / "templates"),
        "mailboxes/support.yaml": MAILBOX_FILE.format(port=imap_port, user=user, ca_file=ca_file, poll=poll),
        "mailboxes/gateways/out.yaml": GATEWAY_FILE.format(port=smtp_port, more=gateway) + gateway_rest,
        "secrets/imap": "secret\n",
        "secrets/signing-key": "0123456789abcdef" * 4 + "\n"}
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.parent.name == "secrets":
            path.chmod(0o600)
    (home / "data").mkdir(exist_ok=True)
    return home


def last_json(text):
    """The JSON object or array with which a command's output ends."""
    text = text.strip()
    for start in range(len(text)):
        if text[start] in "[{" and (start == 0 or text[start - 1] == "\n"):
            try:
                return json.loads(text[start:])
            except ValueError:
                pass
    raise Failure(f"no JSON in the answer: {text[-500:]}")


class Run:
    """One finished command: its output, seconds, CPU seconds and peak memory in MB. It is ended after `limit` seconds,
    which is a failure unless it `may_be_cut`."""

    def __init__(self, command, log=None, limit=1800, may_be_cut=False):
        errors = open(log, "ab") if log else subprocess.DEVNULL
        begin = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=errors)
        timer = threading.Timer(limit, process.kill)
        timer.start()
        self.output = process.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        self.seconds = time.perf_counter() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024
        if log:
            errors.close()
        if process.returncode and not (may_be_cut and process.returncode == -signal.SIGKILL):
            detail = Path(log).read_text("utf-8", "replace")[-1500:] if log else ""
            raise Failure(f"{' '.join(map(str, command))}: exit {process.returncode}\n{self.output[-1500:]}{detail}")

    def json(self):
        return last_json(self.output)

    def rate(self):
        """What a C baseline printed: RATE x."""
        return next(float(line.split()[1]) for line in self.output.splitlines() if line.startswith("RATE "))


def build(product="postroom"):
    """The release build; returns the program's path."""
    done = subprocess.run([ROOT / "script/release", product], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"{product} does not build")
    return Path(done.stdout.strip())


def table(rows, heads):
    """Prints rows of strings under heads; the first column is left-aligned, the others right-aligned."""
    widths = [max(len(str(row[i])) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, ["-" * width for width in widths], *rows]:
        cells = [str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "ports":
        print(*free_ports(int(sys.argv[2])), sep="\n")
    else:
        sys.exit(__doc__)
