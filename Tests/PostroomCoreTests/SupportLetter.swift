import Foundation

/// A mail to be written: fields as values, bytes as a server would give them.
struct Letter {
  var from = "Li Wei <li.wei@customer.example>"
  var to = "support@postroom.example"
  var subject = "Opening hours"
  var body = "Could you tell me when the shop opens? Thank you."
  /// Without angle brackets; nil for none.
  var id: String?
  /// Further header fields.
  var fields: [(name: String, value: String)] = []

  init(_ id: String?, from: String? = nil, subject: String? = nil, body: String? = nil) {
    self.id = id
    if let from { self.from = from }
    if let subject { self.subject = subject }
    if let body { self.body = body }
  }

  /// With one more header field.
  func with(_ name: String, _ value: String) -> Letter {
    var letter = self
    letter.fields.append((name, value))
    return letter
  }

  func answering(_ messageID: String?) -> Letter { with("In-Reply-To", "<\(messageID ?? "")>") }

  func to(_ address: String) -> Letter {
    var letter = self
    letter.to = address
    return letter
  }

  var bytes: [UInt8] {
    var lines = ["From: \(from)", "To: \(to)", "Subject: \(subject)", "Date: Mon, 23 Nov 2026 10:00:00 +0800"]
    if let id { lines.append("Message-ID: <\(id)>") }
    lines += fields.map { "\($0.name): \($0.value)" }
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", body, ""]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  /// A delivery report about the mail with that Message-ID.
  static func bounce(of messageID: String) -> [UInt8] {
    let text = """
      Return-Path: <>
      From: MAILER-DAEMON@mx.customer.example
      To: support@postroom.example
      Subject: Undelivered Mail Returned to Sender
      Message-ID: <bounce-1@mx.customer.example>
      MIME-Version: 1.0
      Content-Type: multipart/report; report-type=delivery-status; boundary=b

      --b
      Content-Type: text/plain

      The mail could not be delivered.
      --b
      Content-Type: message/delivery-status

      Reporting-MTA: dns; mx.customer.example

      Final-Recipient: rfc822; li.wei@customer.example
      Action: failed
      Status: 5.1.1

      --b
      Content-Type: message/rfc822

      From: support@postroom.example
      Message-ID: <\(messageID)>
      Subject: Re: Opening hours

      Hello
      --b--

      """
    return Array(text.replacing("\n", with: "\r\n").utf8)
  }
}
