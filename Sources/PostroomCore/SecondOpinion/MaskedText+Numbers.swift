/// Dates, licence plates and numbers. Each function is one for ``Swift/Array/replacing(_:)``.
extension MaskedText {
  // MARK: Dates

  /// `2026-11-23`, `23/11/2026`, `1990 年 5 月 1 日`: a birthday looks like any other.
  static func date(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    guard text[place].isDigit, place == 0 || !text[place - 1].isDigit else { return nil }
    var parts: [(value: Int, digits: Int)] = []
    var signs: [Unicode.Scalar] = []
    var end = place
    while parts.count < 3 {
      let start = end
      while end < text.count, text[end].isDigit, end < start + 5 { end += 1 }
      guard end > start, end <= start + 4 else { return nil }
      parts.append((text[start..<end].reduce(0) { $0 * 10 + Int($1.value - 0x30) }, end - start))
      guard parts.count < 3 else { break }
      end = blank(text, end)
      guard end < text.count, "-/.年月".unicodeScalars.contains(text[end]) else { return nil }
      signs.append(text[end])
      end = blank(text, end + 1)
    }
    let isHan = signs == ["年", "月"]
    guard isHan || signs[0] == signs[1] && signs[0].isASCII else { return nil }
    guard end == text.count || !text[end].isDigit else { return nil }
    if parts[0].digits <= 2, !isHan { parts.reverse() }
    guard parts[0].digits == 4, (1900..<2100).contains(parts[0].value), parts[1].digits <= 2, parts[2].digits <= 2
    else {
      return nil
    }
    let (one, other) = (parts[1].value, parts[2].value)
    guard (1...12).contains(min(one, other)), (1...31).contains(max(one, other)) else { return nil }
    let day = blank(text, end)
    if isHan, day < text.count, "日号".unicodeScalars.contains(text[day]) { end = day + 1 }
    return (end, word("DATE"))
  }

  /// Behind one space, if there is one.
  static func blank(_ text: [Unicode.Scalar], _ place: Int) -> Int {
    place < text.count && text[place] == " " ? place + 1 : place
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]

  /// `May 1, 1990`, `1st of Sept. 1990`, `1-May-1990`.
  static func writtenDate(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    guard text[place].isWordASCII, place == 0 || !text[place - 1].isWordASCII else { return nil }
    var (hasDay, hasMonth, start) = (false, false, place)
    for _ in 0..<4 {
      var end = start
      while end < text.count, text[end].isWordASCII, end < start + 10 { end += 1 }
      let part = String(String.UnicodeScalarView(text[start..<end])).lowercased()
      if part.count >= 3, months.contains(where: { $0.hasPrefix(part) || part == "sept" }), !hasMonth {
        hasMonth = true
      } else if !hasDay, (1...2).contains(part.prefix(while: \.isNumber).count),
        ["", "st", "nd", "rd", "th"].contains(part.drop(while: \.isNumber))
      {
        hasDay = true
      } else if hasDay, hasMonth, let year = Int(part), (1900..<2100).contains(year) {
        return (end, word("DATE"))
      } else if part != "of" || !hasDay {
        return nil
      }
      start = end
      while start < text.count, start < end + 2, " ,.-/".unicodeScalars.contains(text[start]) { start += 1 }
    }
    return nil
  }

  // MARK: Plates

  private static let provinces = Set("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领".unicodeScalars)

  /// 京A·12345, 粤BD12345.
  static func plate(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    guard provinces.contains(text[place]), place + 1 < text.count, text[place + 1].isLetterASCII else { return nil }
    var start = place + 2
    if start < text.count, "\u{B7}•.- ".unicodeScalars.contains(text[start]) { start += 1 }
    var end = start
    while end < text.count, text[end].isWordASCII { end += 1 }
    var count = end - start
    guard text[start..<end].contains(where: \.isDigit) else { return nil }
    if count == 4, end < text.count, "挂学警港澳领使".unicodeScalars.contains(text[end]) { (count, end) = (5, end + 1) }
    return (5...6).contains(count) ? (end, word("PLATE")) : nil
  }

  // MARK: Codes

  /// Letters among digits, as in order numbers, vouchers, UUIDs and tokens: `AB12-CD34-EF56`. Letters that only stand
  /// before a number leave it to ``number(_:_:)``, which tells more.
  static func code(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    guard text[place].isWordASCII, place == 0 || !isOfCode(text[place - 1]) else { return nil }
    let end = text[place...].firstIndex { !isOfCode($0) } ?? text.count
    let code = text[place..<end]
    let rest = code.drop { !$0.isDigit }
    guard code.count >= 8, rest.count(where: \.isDigit) >= 4, rest.contains(where: \.isLetterASCII) else { return nil }
    // An identity card's number ends with an X.
    let isIdentity = rest.dropLast().allSatisfy { !$0.isLetterASCII } && (rest.last == "X" || rest.last == "x")
    return isIdentity ? nil : (end, word("CODE"))
  }

  private static func isOfCode(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isWordASCII || scalar == "-" || scalar == "_"
  }

  // MARK: Numbers

  /// What may stand between the digits of one number, and how much of it.
  private static let gaps = Set(" -.()/_*\u{B7}•,|\\'~#+\n、。;[]{}=".unicodeScalars)
  private static let longestGap = 8

  /// Digits that belong together, however they are grouped.
  private struct DigitGroup {
    var runs: [[UInt8]] = []
    var end: Int
    var hasBracket = false
    var hasPlus = false
    /// An X closes an identity card's number.
    var hasX = false

    var digits: [UInt8] { runs.flatMap { $0 } }
  }

  /// A telephone number, identity card, bank card or any other number of seven digits, or six in a row.
  static func number(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    let isOpening = text[place] == "+" || text[place] == "("
    guard isOpening || text[place].isDigit, place == 0 || !text[place - 1].isDigit else { return nil }
    var start = place
    while start < text.count, start < place + 3, "+( ".unicodeScalars.contains(text[start]) { start += 1 }
    guard start < text.count, text[start].isDigit else { return nil }
    var group = group(text, start)
    group.hasPlus = text[place..<start].contains("+")
    // A bracket that is not closed within the number belongs to the sentence.
    if text[place] == "(", !group.hasBracket { return nil }
    return name(of: group).map { (group.end, word($0)) }
  }

  private static func group(_ text: [Unicode.Scalar], _ start: Int) -> DigitGroup {
    var group = DigitGroup(end: start)
    var place = start
    var gap = 0
    var lines = 0
    while place < text.count {
      if text[place].isDigit {
        if gap > 0 || group.runs.isEmpty { group.runs.append([]) }
        group.runs[group.runs.count - 1].append(UInt8(text[place].value - 0x30))
        group.hasBracket = group.hasBracket || text[(place - gap)..<place].contains(")")
        (gap, lines) = (0, 0)
        group.end = place + 1
      } else {
        guard gaps.contains(text[place]), gap < longestGap else { break }
        lines += text[place] == "\n" ? 1 : 0
        guard lines < 2 else { break }
        gap += 1
      }
      place += 1
    }
    let x = text[group.end...].firstIndex { $0 != " " && $0 != "-" } ?? text.count
    if group.digits.count == 17, x < text.count, x <= group.end + 2, text[x] == "X" || text[x] == "x" {
      group.hasX = true
      group.end = x + 1
    }
    return group
  }

  /// What stands for the number; nil when it is too short to name anybody.
  private static func name(of group: DigitGroup) -> String? {
    let digits = group.digits
    if isIdentity(digits, hasX: group.hasX) { return "ID" }
    if isTelephone(group) { return "PHONE" }
    if isCard(group) { return "CARD" }
    if group.runs.contains(where: { isMobile($0[...]) }) { return "PHONE" }
    if group.runs.contains(where: { isIdentity($0, hasX: false) }) { return "ID" }
    guard digits.count >= 7 || group.runs.contains(where: { $0.count >= 6 }) else { return nil }
    return digits.count < 10 ? "NUMBER:short" : digits.count < 15 ? "NUMBER:medium" : "NUMBER:long"
  }

  /// 18 signs (GB 11643) or the 15 of old cards, with a date of birth where it stands in them.
  private static func isIdentity(_ digits: [UInt8], hasX: Bool) -> Bool {
    let birth: ArraySlice<UInt8>
    switch digits.count {
    case 18 where (18...20).contains(digits[6] * 10 + digits[7]), 17 where hasX: birth = digits[10..<14]
    case 15 where (1...8).contains(digits[0]): birth = digits[8..<12]
    default: return false
    }
    let parts = Array(birth)
    return (1...12).contains(parts[0] * 10 + parts[1]) && (1...31).contains(parts[2] * 10 + parts[3])
  }

  private static func isTelephone(_ group: DigitGroup) -> Bool {
    let digits = group.digits
    var national = digits[...]
    if national.starts(with: [0, 0, 8, 6]) { national = national.dropFirst(4) }
    if national.starts(with: [8, 6]) { national = national.dropFirst(2) }
    if isMobile(national) { return true }
    if group.hasPlus { return (7...17).contains(digits.count) }
    if digits.starts(with: [0, 0]) { return (9...17).contains(digits.count) }
    let lengths = group.runs.map(\.count)
    if digits[0] == 0, (10...12).contains(digits.count) { return true }
    // With an extension: 010-88886666-8001.
    if digits[0] == 0, lengths.count > 1, (10...12).contains(lengths[0] + lengths[1]) { return true }
    if digits.count == 10, digits.starts(with: [4, 0, 0]) || digits.starts(with: [8, 0, 0]) { return true }
    return [[3, 3, 4], [1, 3, 3, 4], [4, 4], [3, 4]].contains(lengths)
  }

  private static func isMobile(_ digits: ArraySlice<UInt8>) -> Bool {
    digits.count == 11 && digits.first == 1 && digits[digits.startIndex + 1] >= 3
  }

  private static func isCard(_ group: DigitGroup) -> Bool {
    let digits = group.digits
    guard (13...19).contains(digits.count) else { return false }
    let isGrouped = group.runs.count >= 4 && group.runs.dropLast().allSatisfy { $0.count == 4 }
    let isUnionPay = digits.count >= 16 && digits.starts(with: [6, 2])
    return isGrouped || isUnionPay || hasCheckDigit(digits)
  }

  /// ISO/IEC 7812-1, annex B.
  private static func hasCheckDigit(_ digits: [UInt8]) -> Bool {
    let sum = digits.reversed().enumerated().reduce(0) { sum, item in
      let value = Int(item.element) * (item.offset % 2 == 1 ? 2 : 1)
      return sum + value / 10 + value % 10
    }
    return sum % 10 == 0
  }
}
