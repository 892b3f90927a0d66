/// Dates of mail (RFC 5322 §3.3 and §4.3) as milliseconds since 1970 in UTC.
package enum MailDate {
  /// The instant a Date field names, nil when it names none. Old zone names, two-digit years, missing weekdays, the
  /// order of asctime(3) and ISO 8601 are understood; an unknown zone counts as UTC.
  package static func parse(_ bytes: [UInt8]) -> Int64? {
    var fields = Fields()
    // No date is longer; a field may be a megabyte.
    for token in tokens(bytes.prefix(200)) { fields.read(token) }
    return fields.milliseconds
  }

  /// The form of RFC 5322: `Sun, 22 Nov 2026 10:00:00 +0800`.
  ///
  /// - Parameters:
  ///   - milliseconds: since 1970 in UTC.
  ///   - zoneOffset: seconds east of UTC; the format knows minutes only.
  package static func format(_ milliseconds: Int64, zoneOffset: Int) -> String {
    let limit: Int64 = 253_402_300_799
    let minutes = max(-23 * 60, min(23 * 60, zoneOffset / 60))
    let utc = max(0, min(limit, milliseconds.floored(by: 1_000)))
    let local = max(0, min(limit, utc + Int64(minutes) * 60))
    let days = local.floored(by: 86_400)
    let second = Int(local - days * 86_400)
    let (year, month, day) = civil(days)
    let weekday = Int((days + 4) % 7)
    let sign = minutes < 0 ? "-" : "+"
    return "\(weekdays[weekday]), \(day) \(months[month - 1]) \(padded(year, 4)) "
      + "\(padded(second / 3_600)):\(padded(second / 60 % 60)):\(padded(second % 60)) "
      + "\(sign)\(padded(abs(minutes) / 60))\(padded(abs(minutes) % 60))"
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let zones: [String: Int] = [
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "hkt": 480, "jst": 540, "kst": 540, "cet": 60, "cest": 120, "bst": 60, "eet": 120, "eest": 180, "msk": 180,
  ]

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  /// Words between blanks and commas, comments left out.
  private static func tokens(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var tokens: [ArraySlice<UInt8>] = []
    var start: Int?
    var depth = 0
    for i in bytes.indices {
      let byte = bytes[i]
      let isBreak = byte <= ASCII.space || byte == ASCII.comma || byte == ASCII.leftParen || byte == ASCII.rightParen
      if isBreak || depth > 0 {
        if let begin = start { tokens.append(bytes[begin..<i]) }
        start = nil
        if byte == ASCII.leftParen { depth += 1 }
        if byte == ASCII.rightParen { depth = max(0, depth - 1) }
      } else if start == nil {
        start = i
      }
    }
    if let begin = start { tokens.append(bytes[begin...]) }
    return tokens
  }

  /// Days since 1970 of a date in the Gregorian calendar.
  private static func days(year: Int, month: Int, day: Int) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = Int64(shifted).floored(by: 400)
    let yearOfEra = Int64(shifted) - era * 400
    let dayOfYear = Int64((153 * ((month + 9) % 12) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted.floored(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
    return (
      Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month, Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    )
  }

  /// What the words of a date have told so far.
  private struct Fields {
    var year: Int?
    var month: Int?
    var day: Int?
    var seconds: Int?
    var offset: Int?

    var milliseconds: Int64? {
      guard let year, let month, let day, (1...12).contains(month), (1...31).contains(day), (1900...9999).contains(year)
      else { return nil }
      let instant =
        MailDate.days(year: year, month: month, day: day) * 86_400 + Int64((seconds ?? 0) - (offset ?? 0) * 60)
      return instant * 1_000
    }

    mutating func read(_ token: ArraySlice<UInt8>) {
      guard let first = token.first else { return }
      if ASCII.isDigit(first) {
        readNumber(token)
      } else if first == ASCII.plus || first == ASCII.dash {
        readOffset(token)
      } else if token.count >= 3, let index = MailDate.months.firstIndex(where: { matches($0, token) }), month == nil {
        month = index + 1
      } else {
        readZone(token)
      }
    }

    private func matches(_ month: String, _ token: ArraySlice<UInt8>) -> Bool {
      zip(month.utf8, token).allSatisfy { ASCII.lower($0) == ASCII.lower($1) }
    }

    private mutating func readNumber(_ token: ArraySlice<UInt8>) {
      if token.contains(ASCII.colon) {
        if let mark = token.firstIndex(of: 84), token[..<mark].contains(ASCII.dash) {
          readPieces(token[..<mark])
          readTime(token[(mark + 1)...])
        } else {
          readTime(token)
        }
      } else if token.contains(ASCII.dash) || token.contains(47) {
        readPieces(token)
      } else if let number = ASCII.number(token) {
        if token.count <= 2, day == nil {
          day = number
        } else if year == nil {
          year = number < 50 ? number + 2000 : number < 1000 ? number + 1900 : number
        }
      }
    }

    /// `22-Nov-2026` and `2026-11-22`.
    private mutating func readPieces(_ token: ArraySlice<UInt8>) {
      let pieces = token.split(whereSeparator: { $0 == ASCII.dash || $0 == ASCII.slash })
      if pieces.count == 3, pieces[0].count == 4, let y = ASCII.number(pieces[0]), let m = ASCII.number(pieces[1]),
        let d = ASCII.number(pieces[2])
      {
        (year, month, day) = (y, m, d)
      } else {
        for piece in pieces { if !piece.contains(ASCII.colon) { read(simple: piece) } }
      }
    }

    private mutating func read(simple piece: ArraySlice<UInt8>) {
      if let number = ASCII.number(piece) {
        if day == nil, piece.count <= 2 {
          day = number
        } else if year == nil {
          year = number < 50 ? number + 2000 : number < 1000 ? number + 1900 : number
        }
      } else if let index = MailDate.months.firstIndex(where: { matches($0, piece) }) {
        month = index + 1
      }
    }

    /// `10:00`, `10:00:00`, `10:00:00.123`, with `Z` or an offset behind.
    private mutating func readTime(_ token: ArraySlice<UInt8>) {
      let end = token.firstIndex { !ASCII.isDigit($0) && $0 != ASCII.colon && $0 != ASCII.dot } ?? token.endIndex
      let pieces = token[..<end].split(separator: ASCII.colon).map { $0.prefix { $0 != ASCII.dot } }
      guard pieces.count >= 2, let hour = ASCII.number(pieces[0]), let minute = ASCII.number(pieces[1]), hour < 25,
        minute < 60
      else { return }
      let second = pieces.count > 2 ? ASCII.number(pieces[2]) ?? 0 : 0
      seconds = hour * 3_600 + minute * 60 + min(second, 60)
      if end < token.endIndex, token[end] == ASCII.plus || token[end] == ASCII.dash { readOffset(token[end...]) }
    }

    /// `+0800`, `+08:00`, `+8`.
    private mutating func readOffset(_ token: ArraySlice<UInt8>) {
      let digits = token.dropFirst().filter { $0 != ASCII.colon }
      guard let number = ASCII.number(digits), digits.count <= 4 else { return }
      let minutes = digits.count <= 2 ? number * 60 : number / 100 * 60 + number % 100
      offset = token.first == ASCII.dash ? -minutes : minutes
    }

    private mutating func readZone(_ token: ArraySlice<UInt8>) {
      if let sign = token.firstIndex(where: { $0 == ASCII.plus || $0 == ASCII.dash }) {
        return readOffset(token[sign...])
      }
      if offset == nil, let minutes = MailDate.zones[String(decoding: token, as: UTF8.self).asciiLowercased] {
        offset = minutes
      }
    }
  }
}

extension Int64 {
  /// Division rounded down, also below zero.
  fileprivate func floored(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
