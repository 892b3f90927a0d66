#!/usr/bin/env python3
"""moto_server.py FOLDER PORT — what moto-up starts; see there. It writes what arrived into a file, because moto shows it
to its own process only."""
import json
import os
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
folder, port = sys.argv[1], int(sys.argv[2])
address = f"http://127.0.0.1:{port}"


def write(name, text):
    """At once or not at all: tests read while this writes."""
    path = os.path.join(folder, name)
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def client(service):
    return boto3.client(service, region_name=REGION, endpoint_url=address, aws_access_key_id="setup",
                        aws_secret_access_key="setup")


def make_key():
    """An access key that may do all; from then on every signature is checked."""
    iam = client("iam")
    iam.create_user(UserName="postroom")
    key = iam.create_access_key(UserName="postroom")["AccessKey"]
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_user_policy(UserName="postroom", PolicyName="all",
                        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    client("sesv2").create_email_identity(EmailIdentity="support@example.cn")
    # The body counts the requests that are still let through.
    urllib.request.urlopen(urllib.request.Request(
        address + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}))
    return key["AccessKeyId"], key["SecretAccessKey"]


class Subscriber(BaseHTTPRequestHandler):
    """What stands where Postroom's address would: it keeps the body of a push."""

    def do_POST(self):
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def push(message):
    """A message of a topic as its subscriber gets it, and the certificate of its signature."""
    subscriber = HTTPServer(("127.0.0.1", 0), Subscriber)
    subscriber.bodies = []
    threading.Thread(target=subscriber.serve_forever, daemon=True).start()
    sns = client("sns")
    topic = sns.create_topic(Name="mail")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{subscriber.server_port}/")
    sns.publish(TopicArn=topic, Message=json.dumps(message))
    subscriber.shutdown()
    url = json.loads(subscriber.bodies[-1])["SigningCertURL"]
    # The address is Amazon's own; what would stand there moto keeps by its last part.
    certificates = get_backend("sns")[DEFAULT_ACCOUNT_ID][REGION]._message_public_keys
    return {"body": subscriber.bodies[-1], "url": url, "pem": certificates[url.split("/")[-1]].decode()}


def bounce():
    """As SES tells of an address that does not exist."""
    gone = {"emailAddress": "gone@example.com", "status": "5.1.1", "diagnosticCode": "smtp; 550 no such user"}
    return {"notificationType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [gone],
                       "timestamp": "2026-11-23T02:00:00.000Z"},
            "mail": {"messageId": "0102018c-000000", "destination": ["gone@example.com"],
                     "timestamp": "2026-11-23T01:59:00.000Z"}}


def received():
    sms = get_backend("sns")[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values()
    mail = get_backend("ses")[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return json.dumps({
        "sms": [list(message) for message in sms],
        "mail": [{"source": message.source, "destinations": message.destinations, "raw": message.raw_data}
                 for message in mail]})


ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False).start()
write("received.json", received())
write("push.json", json.dumps(push(bounce())))
write("key", " ".join(make_key()))
last = ""
while True:
    now = received()
    if now != last:
        write("received.json", now)
        last = now
    time.sleep(0.05)
