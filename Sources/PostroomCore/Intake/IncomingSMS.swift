import Crypto
import MailFormat
import SQLAccess

/// An SMS that a person wrote, as a gateway hands it over.
struct IncomingSMS: Sendable {
  /// In E.164 where it is a telephone's; else what the gateway wrote, such as an operator's short number.
  var from: String
  var to: String
  var text: String
  var at: Instant
  /// The gateway's name and the key of the news: the same for each repetition.
  var gateway: String
  var key: String

  init?(_ event: GatewayEvent, gateway: String, in tx: Transaction, now: Instant) throws {
    guard case .message(let text, let to) = event.news, let address = event.address else { return nil }
    from = try tx.number(vendor: address)?.e164 ?? Self.plain(address)
    self.to = Self.plain(to)
    // No telephone writes more; a gateway that hands over a megabyte is not believed.
    self.text = text.clipped(bytes: 20_000)
    at = min(event.at ?? now, now)
    self.gateway = gateway
    key = event.key
    if from.isEmpty { return nil }
  }

  /// What may stand in an address of ours; everything else that a gateway writes is left out.
  private static func plain(_ address: String) -> String {
    String(
      address.unicodeScalars.filter {
        $0.isASCII && ($0.properties.isAlphabetic || "+0123456789".contains(Character($0)))
      }
    )
    .clipped(bytes: 40)
  }

  /// Stored and shown as the mail it would have been.
  var mail: [UInt8] {
    let id = SHA256.hash(data: Array("\(gateway)\n\(key)".utf8)).prefix(16).map { String($0, radix: 16) }.joined()
    let moment = CivilTime(secondsSinceEpoch: at / 1000)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let date = "\(moment.date.day) \(months[moment.date.month - 1]) \(moment.date.year) \(moment.clock) +0000"
    let lines = [
      "From: <\(from)@sms.invalid>", "To: <\(to.isEmpty ? "sms" : to)@sms.invalid>", "Date: \(date)",
      "Message-ID: <\(id)@sms.invalid>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit", "", text,
    ]
    return Array(lines.joined(separator: "\r\n").utf8)
  }
}
