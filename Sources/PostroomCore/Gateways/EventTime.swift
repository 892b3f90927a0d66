internal import MailFormat

/// The moments that vendors write into webhooks.
enum EventTime {
  /// Seconds or milliseconds since 1970, ISO 8601, or the date of a mail; nil for anything else.
  ///
  /// - Parameter zone: seconds east of UTC, for `YYYY-MM-DD HH:MM:SS` without a zone of its own.
  static func instant(_ text: String, zone: Seconds) -> Instant? {
    let parts = text.utf8.prefix(100).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if parts.count <= 2, let whole = parts.first, parts.joined().allSatisfy({ (0x30...0x39).contains($0) }) {
      guard let number = Int64(String(decoding: whole, as: UTF8.self)) else { return nil }
      switch whole.count {
      case 9...11: return number * 1000
      case 12...14: return number
      default: return nil
      }
    }
    guard let moment = MailDate.parse(Array(text.utf8.prefix(100))) else { return nil }
    return text.utf8.count == "YYYY-MM-DD HH:MM:SS".utf8.count && CivilDate(String(text.prefix(10))) != nil
      ? moment - zone * 1000 : moment
  }

  /// Seconds east of UTC of `+08:00`, `-0530` or `Z`.
  static func zone(_ text: String) -> Seconds? {
    if text == "Z" { return 0 }
    let digits = text.dropFirst().filter { $0 != ":" }
    guard let sign = text.first, sign == "+" || sign == "-", digits.utf8.count == 4,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits), number % 100 < 60,
      number < 1500
    else { return nil }
    return (number / 100 * 3600 + number % 100 * 60) * (sign == "-" ? -1 : 1)
  }
}
