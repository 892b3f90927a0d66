#!/usr/bin/env python3
"""Writes Tests/PostroomCoreTests/Fixtures/requests.json: what the vendors' own SDKs send for one message.

Run by hand when a vendor is added or an SDK changes; the result is committed, the tests only read it. Nothing leaves this
machine: each SDK's last step is replaced by one that notes the request.

    python3 -m venv /tmp/vectors
    /tmp/vectors/bin/pip install twilio vonage tencentcloud-sdk-python-sms boto3 sendgrid resend \
        alibabacloud-tea-openapi
    /tmp/vectors/bin/python Tests/Vectors/make-requests.py

Keys are made up; the tests look at what is sent, signatures.json at how it is signed.
"""
import base64
import json
import pathlib

TEXT = "您好 & bye"
MIME = b"From: =?UTF-8?B?56S65L6L5ZWG5Z+O?= <support@example.cn>\r\nTo: li@example.com\r\nSubject: =?UTF-8?B?5oKo5aW9?=\r\n" \
    b"Message-ID: <m-1@example.cn>\r\nIn-Reply-To: <q-1@example.com>\r\nReferences: <q-1@example.com>\r\n" \
    b"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
    b"Content-Transfer-Encoding: base64\r\n\r\n5oKo5aW9ICYgYnll\r\n"
# What vendors act upon.
TOLD = {"authorization", "content-type", "idempotency-key", "x-tc-action", "x-tc-version", "x-tc-region"}
made = {"mime": MIME.decode()}


class Noted(Exception):
    pass


def note(name, method, url, headers, body):
    if isinstance(body, bytes):
        body = body.decode()
    made[name] = {"method": method, "url": url, "body": body or "",
                  "headers": {k.lower(): v.decode() if isinstance(v, bytes) else str(v)
                              for k, v in dict(headers).items() if k.lower() in TOLD}}
    raise Noted


def run(call, *arguments, **named):
    before = len(made)
    try:
        call(*arguments, **named)
    except Exception:  # SDKs wrap Noted
        pass
    if len(made) == before:
        raise SystemExit(f"nothing was sent by {call}")


def twilio():
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Session:
        def prepare_request(self, request):
            prepared = request.prepare()
            note("twilio", prepared.method, prepared.url, prepared.headers, prepared.body)

    http = TwilioHttpClient()
    http.session = Session()
    client = Client("AC00000000000000000000000000000000", "12345", http_client=http)
    run(client.messages.create, to="+8613800000001", from_="+15005550006", body=TEXT,
        status_callback="https://postroom.example.cn/hooks/twilio/receipts?m=cb-42")


def vonage():
    import requests
    from vonage import Auth, Vonage
    from vonage_sms import SmsMessage

    def send(session, prepared, **_):
        note("vonage", prepared.method, prepared.url, prepared.headers, prepared.body)

    requests.Session.send = send
    client = Vonage(Auth(api_key="a1b2c3d4", api_secret="secret"))
    run(client.sms.send, SmsMessage(to="8613800000001", from_="Acme", text=TEXT, type="unicode", client_ref="cb-42"))


def tencent():
    from tencentcloud.common import credential
    from tencentcloud.common.http.request import ApiRequest
    from tencentcloud.sms.v20210111 import models, sms_client

    def send(self, request):
        note("tencent", request.method, "https://" + request.host + request.uri, request.header, request.data)

    ApiRequest.send_request = send
    client = sms_client.SmsClient(credential.Credential("AKID0000000000000000", "secret"), "ap-guangzhou")
    request = models.SendSmsRequest()
    request.PhoneNumberSet = ["+8613800000001"]
    request.SmsSdkAppId = "1400006666"
    request.TemplateId = "1110"
    request.SignName = "示例商城"
    request.TemplateParamSet = ["24", "张三"]
    request.SessionContext = "cb-42"
    run(client.SendSms, request)


def amazon():
    import boto3

    def client(service):
        made_client = boto3.client(service, region_name="us-east-1", aws_access_key_id="AKIA0000000000000000",
                                   aws_secret_access_key="secret")
        name = {"sns": "sns", "sesv2": "ses"}[service]
        made_client.meta.events.register(
            "before-send." + service, lambda request, **_: note(
                name, request.method, request.url, request.headers, request.body))
        return made_client

    run(client("sns").publish, PhoneNumber="+8613800000001", Message=TEXT, MessageAttributes={
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}})
    run(client("sesv2").send_email, FromEmailAddress="support@example.cn",
        Destination={"ToAddresses": ["li@example.com"]}, Content={"Raw": {"Data": MIME}})


def sendgrid():
    import sendgrid as module
    from sendgrid.helpers.mail import Content, CustomArg, Email, Header, Mail, Personalization, To

    mail = Mail()
    mail.from_email = Email("support@example.cn", "示例商城")
    mail.subject = "您好"
    personalization = Personalization()
    personalization.add_to(To("li@example.com"))
    mail.add_personalization(personalization)
    mail.add_content(Content("text/plain", TEXT))
    mail.add_header(Header("In-Reply-To", "<q-1@example.com>"))
    mail.add_header(Header("References", "<q-1@example.com>"))
    mail.add_header(Header("Auto-Submitted", "auto-replied"))
    mail.add_header(Header("Message-ID", "<m-1@example.cn>"))
    mail.add_custom_arg(CustomArg("postroom_id", "m-1@example.cn"))
    import urllib.request

    def opened(self, request, *_, **__):
        note("sendgrid", request.get_method(), request.full_url, request.headers, request.data)

    urllib.request.OpenerDirector.open = opened
    run(module.SendGridAPIClient("SG.key").send, mail)


def resend():
    import requests
    import resend as module

    def request(method, url, headers=None, json=None, **_):
        import json as codec
        note("resend", method, url, headers, codec.dumps(json, ensure_ascii=False))

    requests.request = request
    module.api_key = "re_key"
    run(module.Emails.send, {
        "from": "示例商城 <support@example.cn>", "to": ["li@example.com"], "subject": "您好", "text": TEXT,
        "headers": {"In-Reply-To": "<q-1@example.com>", "References": "<q-1@example.com>",
                    "Auto-Submitted": "auto-replied", "Message-ID": "<m-1@example.cn>"}},
        {"idempotency_key": "m-1@example.cn"})


for vendor in (twilio, vonage, tencent, amazon, sendgrid, resend):
    vendor()
target = pathlib.Path(__file__).parent.parent / "PostroomCoreTests/Fixtures/requests.json"
target.write_text(json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
