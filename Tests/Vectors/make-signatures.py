#!/usr/bin/env python3
"""Writes Tests/PostroomCoreTests/Fixtures/signatures.json: what the vendors' own SDKs sign.

Run by hand when a vendor is added or an SDK changes; the result is committed, the tests only read it.

    python3 -m venv /tmp/vectors
    /tmp/vectors/bin/pip install twilio==9.13.0 vonage==4.9.1 standardwebhooks==1.1.0 sendgrid==6.12.5 \
        alibabacloud-tea-openapi==0.4.6 tencentcloud-sdk-python-sms==3.1.153 botocore==1.44.8
    /tmp/vectors/bin/python Tests/Vectors/make-signatures.py

Keys are made up. Key pairs (SendGrid, SNS) are new with each run, so those entries change; all others do not.
SendGrid's and Amazon's servers sign with keys that nobody has, so there `cryptography` signs, SendGrid's SDK confirms,
and the text of SNS is written down here from Amazon's documentation.
"""
import base64
import datetime
import json
import pathlib
import random
import types
import urllib.parse

import sendgrid.helpers.eventwebhook
from alibabacloud_tea_openapi.utils import Utils as Aliyun
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook
from tencentcloud.common.abstract_client import AbstractClient
from twilio.request_validator import RequestValidator
from vonage_http_client.auth import Auth

TIMES = [1700000000, 1709164800, 1798761599]  # an ordinary day, 29 February, the last second of a year
TEXTS = [
    "", "hello world", "您好，双十二 9 折", "a~b-c_d.e", "100% & more = fun + x", "l'été 😀", "a/b?c#d", "  two  spaces ",
    "*!'()", "line\nbreak", "【示例】拒收请回复R", "%41%zz", "é", "e\u0301", "&\u0301=\u0301", "\u00a0",
]


def pairs(seed, count):
    """Parameters with names of different scripts' order and values from TEXTS."""
    pick = random.Random(seed)
    names = ["To", "From", "Body", "a", "b~", "Z", "foo.bar", "x-1", "OutId", "_"]
    return [(name, pick.choice(TEXTS)) for name in pick.sample(names, count)]


def when(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


class FixedSigV4(SigV4Auth):
    """botocore's signer with the clock given."""

    def at(self, request, seconds):
        request.context["timestamp"] = when(seconds).strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))
        return request.headers["Authorization"]


def amazon():
    for number in range(12):
        service, path = [("ses", "/v2/email/outbound-emails"), ("sns", "/"),
                         ("ses", "/v2/email/suppression/addresses/a%40b.example")][number % 3]
        region = ["us-east-1", "cn-north-1"][number % 2]
        host = f"{'email' if service == 'ses' else service}.{region}.amazonaws.com"
        token = "FwoGZXIvYXdzEXAMPLE//token==" if number % 4 == 3 else None
        query = pairs(number, number % 5)
        fields = {"Content-Type": "application/json"}
        if number % 3 == 1:
            fields = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "X-Amz-Meta": " a   b  c ",
                      "User-Agent": "postroom"}
        body = TEXTS[number].encode()
        request = AWSRequest(method="GET" if not body else "POST", url=f"https://{host}{path}", headers=dict(fields),
                             data=body, params=query)
        signer = FixedSigV4(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token), service, region)
        yield dict(service=service, region=region, host=host, path=path, method=request.method, query=query,
                   fields=list(fields.items()), body=body.decode(), token=token, time=TIMES[number % 3],
                   authorization=signer.at(request, TIMES[number % 3]))


def tencent():
    for number, text in enumerate(TEXTS):
        time = TIMES[number % 3]
        body = json.dumps({"PhoneNumberSet": ["+8613800000001"], "SignName": text, "TemplateParamSet": [text, "24"]},
                          ensure_ascii=number % 2 == 0)
        host = "sms.tencentcloudapi.com"
        request = types.SimpleNamespace(method="POST", uri="/", data=body, header={
            "Content-Type": "application/json", "Host": host, "X-TC-Timestamp": str(time)})
        client = AbstractClient.__new__(AbstractClient)
        client._service = "sms"
        signature = client._get_tc3_signature({}, request, when(time).strftime("%Y-%m-%d"), "sms", "SECRETEXAMPLE密钥")
        yield dict(host=host, body=body, time=time, signature=signature)


def aliyun():
    for number, text in enumerate(TEXTS):
        time = when(TIMES[number % 3]).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = pairs(100 + number, number % 6)
        body = text if number % 4 == 3 else ""
        digest = Aliyun.hex_encode(Aliyun.hash(body.encode(), "ACS3-HMAC-SHA256"))
        fields = {"host": "dysmsapi.aliyuncs.com", "x-acs-action": "SendSms", "x-acs-version": "2017-05-25",
                  "x-acs-date": time, "x-acs-signature-nonce": f"nonce-{number}", "x-acs-content-sha256": digest}
        if body:
            fields["content-type"] = "application/json; charset=utf-8"
        request = types.SimpleNamespace(method="POST", pathname="/", query=dict(query), headers=fields)
        yield dict(query=query, body=body, time=TIMES[number % 3], nonce=f"nonce-{number}",
                   authorization=Aliyun.get_authorization(request, "ACS3-HMAC-SHA256", digest, "LTAIEXAMPLE", "SECRET密钥"))


def twilio():
    for number in range(24):
        key = ["12345", "auth-密钥"][number % 2]
        url = "https://postroom.example/hooks/twilio" + ["", "?m=42", "?m=%E6%82%A8&b="][number % 3]
        parameters = pairs(200 + number, number % 8)
        algorithm = ["HMAC_SHA1", "HMAC_SHA256"][number // 2 % 2]
        if number % 6 == 5:
            body = json.dumps({"text": TEXTS[number % len(TEXTS)]}, ensure_ascii=False)
            validator = RequestValidator(key)
            url += ("&" if "?" in url else "?") + "bodySHA256=" + validator.compute_hash(body)
            kind, parameters = "application/json", []
        else:
            body = urllib.parse.urlencode(parameters)
            kind = "application/x-www-form-urlencoded; charset=UTF-8"
        signed = url.replace(".example/", ".example:443/") if number % 5 == 4 else url
        signature = RequestValidator(key).compute_signature(signed, dict(parameters), algorithm)
        yield dict(key=key, url=url, type=kind, body=body, algorithm=algorithm, signature=signature)


def vonage():
    for number in range(24):
        method = ["md5", "sha1", "sha256", "sha512"][number % 4]
        parameters = dict(pairs(300 + number, number % 9), timestamp=str(TIMES[number % 3]))
        auth = Auth(api_key="abcd", signature_secret="SIGSECRET密钥", signature_method=method)
        yield dict(method=method, parameters=list(parameters.items()), time=TIMES[number % 3],
                   signature=auth.sign_params(parameters))


def standard():
    for number, text in enumerate(TEXTS):
        secret = "whsec_" + base64.b64encode(bytes(range(number, number + 24 + number))).decode()
        body = json.dumps({"type": "thread.assigned", "data": {"note": text}}, ensure_ascii=False)
        time, identifier = TIMES[number % 3], f"msg_{number}"
        yield dict(secret=secret, id=identifier, time=time, body=body,
                   signature=Webhook(secret).sign(identifier, when(time), body))


def sendgrid_events():
    for number, text in enumerate(TEXTS[:6]):
        key = ec.generate_private_key(ec.SECP256R1())
        public = base64.b64encode(key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
        body = json.dumps([{"email": "a@b.example", "reason": text}], ensure_ascii=False) + "\r\n"
        time = str(TIMES[number % 3])
        signature = base64.b64encode(key.sign((time + body).encode(), ec.ECDSA(hashes.SHA256()))).decode()
        sdk = sendgrid.helpers.eventwebhook.EventWebhook(public)
        assert sdk.verify_signature(body, signature, time)
        yield dict(publicKey=public, time=int(time), body=body, signature=signature)


def sns():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example")])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(2**150 + 7).not_valid_before(datetime.datetime(2023, 1, 1))
                   .not_valid_after(datetime.datetime(2051, 1, 1)).sign(key, hashes.SHA256()))
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    topic = "arn:aws:sns:us-east-1:123456789012:postroom"
    url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
    for number in range(12):
        kind = ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"][number // 2 % 3]
        message = dict(Type=kind, MessageId=f"id-{number}", TopicArn=topic, Message=TEXTS[number] + "\n第二行 \"q\"",
                       Timestamp=when(TIMES[number % 3]).strftime("%Y-%m-%dT%H:%M:%S.042Z"),
                       SignatureVersion=str(1 + number % 2), SigningCertURL=url)
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        if kind == "Notification":
            message["UnsubscribeURL"] = "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"
            if number % 4 == 1:
                message["Subject"] = "退信 bounce"
        else:
            names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            message.update(Token="2336412f37", SubscribeURL="https://sns.us-east-1.amazonaws.com/?Action=Confirm")
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        algorithm = hashes.SHA1() if number % 2 == 0 else hashes.SHA256()
        message["Signature"] = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()
        yield dict(certificate=pem, topic=topic, url=url, time=TIMES[number % 3], text=text,
                   body=json.dumps(message, ensure_ascii=number % 2 == 0, indent=2))


if __name__ == "__main__":
    made = dict(amazon=list(amazon()), tencent=list(tencent()), aliyun=list(aliyun()), twilio=list(twilio()),
                vonage=list(vonage()), standard=list(standard()), sendGrid=list(sendgrid_events()), sns=list(sns()))
    target = pathlib.Path(__file__).parent.parent / "PostroomCoreTests/Fixtures/signatures.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    print({name: len(entries) for name, entries in made.items()}, target.stat().st_size, "bytes")
