/// A telephone number in E.164. It prints masked; ``e164`` gives it out.
package struct PhoneNumber: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  /// `+` and at most 15 digits.
  package let e164: String
  /// `86`, without the plus.
  package let callingCode: String
  /// ISO 3166; nil where several countries share the code (`+1`, `+7`).
  package let country: String?

  /// From what people write into lists and forms: spaces, dashes, brackets, full width, `tel:`. Without a country's code
  /// it is a mobile number of mainland China; those of other countries begin with + or 00.
  package init(_ text: String) throws(PhoneNumberProblem) {
    let (digits, isInternational) = try Self.digits(of: text)
    if isInternational {
      try self.init(international: digits)
    } else if Self.isChineseMobile(digits) {
      try self.init(international: "86" + digits)
    } else if digits.hasPrefix("86"), Self.isChineseMobile(digits.dropFirst(2)) {
      try self.init(international: digits)
    } else if digits.utf8.count == 11, digits.hasPrefix("1") {
      throw .notAssigned
    } else {
      throw digits.utf8.count < 7 ? .tooShort : .noCountry
    }
  }

  private init(international digits: String) throws(PhoneNumberProblem) {
    guard digits.utf8.count <= 15 else { throw .tooLong }
    guard let code = CallingCodes.code(of: digits) else { throw .unknownCountry }
    var national = Substring(digits.utf8.dropFirst(code.utf8.count))
    // +886 0912 345 678: the zero is for callers inside the country, no network delivers to it.
    if national.utf8.first == 0x30, !CallingCodes.withZeros.contains(code) {
      national = Substring(national.utf8.dropFirst())
    }
    guard code.utf8.count + national.utf8.count >= 7 else { throw .tooShort }
    if code == "86" {
      guard Self.isChineseMobile(national) else { throw .notMobile }
    } else if let length = CallingCodes.nationalLengths[code] {
      guard national.utf8.count == length else { throw national.utf8.count < length ? .tooShort : .tooLong }
    }
    e164 = "+" + code + national
    callingCode = code
    country = CallingCodes.countries[code].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// 138****0001; with the country's code for numbers from elsewhere.
  package var masked: String {
    let national = e164.dropFirst(1 + callingCode.utf8.count)
    if callingCode == "86" { return national.prefix(3) + "****" + national.suffix(4) }
    return "+" + callingCode + national.prefix(2) + "****" + national.suffix(national.utf8.count > 8 ? 4 : 2)
  }

  package var description: String { masked }
  package var customMirror: Mirror { Mirror(self, children: ["masked": masked]) }

  private static func isChineseMobile(_ digits: some StringProtocol) -> Bool {
    var bytes = digits.utf8.makeIterator()
    return digits.utf8.count == 11 && bytes.next() == 0x31 && (0x33...0x39).contains(bytes.next() ?? 0)
  }

  /// The digits behind `+` or `00`, or without either.
  private static func digits(of text: String) throws(PhoneNumberProblem) -> (String, isInternational: Bool) {
    guard text.utf8.count <= 256 else { throw .tooLong }
    // As the outbox keeps it.
    let digits = text.utf8.dropFirst()
    if text.utf8.first == UInt8(ascii: "+"), !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) {
      return (String(Substring(digits)), true)
    }
    var folded = folded(text)
    if folded.hasPrefix("tel:") { folded.removeFirst(4) }
    if folded.isEmpty { throw .empty }
    // Spreadsheets keep numbers as fractions and shorten long ones.
    if folded.hasSuffix(".0"), !folded.dropLast(2).contains(".") { folded.removeLast(2) }
    if isScientific(folded) { throw .shortenedBySpreadsheet }
    folded.removeAll { $0 == "." }
    var number = folded.filter { $0 != "(" && $0 != ")" }
    let prefix = ["+", "00"].first { number.hasPrefix($0) }
    // +44 (0)20 …: the zero is for callers inside the country.
    if prefix != nil, let zero = folded.firstRange(of: "(0)") {
      folded.removeSubrange(zero)
      number = folded.filter { $0 != "(" && $0 != ")" }
    }
    number.removeFirst(prefix?.count ?? 0)
    guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw number.contains { separators.contains($0) } ? .severalNumbers : .strangeCharacters
    }
    if number.isEmpty { throw .empty }
    return (number, prefix != nil)
  }

  private static let separators: Set<Character> = ["/", ",", ";", "|", "、", "或", "&"]

  /// Half width; without what only shapes the number: white space, dashes of any kind, quotes, invisible marks.
  private static func folded(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let half = (0xFF01...0xFF5E).contains(scalar.value) ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
      switch half.properties.generalCategory {
      case .dashPunctuation, .spaceSeparator, .lineSeparator, .paragraphSeparator, .format, .control: continue
      default: break
      }
      if half == "'" || half == "\"" || half == "‘" || half == "’" || half == "−" || half == "_" { continue }
      result.append(contentsOf: half.properties.lowercaseMapping.unicodeScalars)
    }
    return String(result)
  }

  /// `1.38e+10`
  private static func isScientific(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "e"), omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2B } }
  }
}

/// Why a text is no telephone number. The sentences do not repeat the number: they go to logs.
package enum PhoneNumberProblem: Error, Sendable, Equatable, CaseIterable {
  case empty, tooShort, tooLong, strangeCharacters, severalNumbers, shortenedBySpreadsheet
  case noCountry, unknownCountry, notMobile, notAssigned

  package var words: Localized {
    switch self {
    case .empty: Localized(chinese: "没有填写号码", english: "there is no number")
    case .tooShort: Localized(chinese: "号码位数不足", english: "the number has too few digits")
    case .tooLong: Localized(chinese: "号码位数过多", english: "the number has too many digits")
    case .strangeCharacters:
      Localized(chinese: "号码中有数字以外的字符", english: "the number holds characters that are no digits")
    case .severalNumbers:
      Localized(chinese: "一格中有多个号码，请只保留一个", english: "there are several numbers; keep one")
    case .shortenedBySpreadsheet:
      Localized(
        chinese: "表格软件把号码变成了科学计数法，请将该列设为文本后重新导出",
        english: "the spreadsheet has shortened the number (1.38E+10); make the column text and export it again")
    case .noCountry:
      Localized(
        chinese: "不是大陆手机号；其他国家和地区的号码请以 + 或 00 加区号开头",
        english: "it is no mobile number of mainland China; numbers of other countries begin with + or 00")
    case .unknownCountry: Localized(chinese: "没有这个国家区号", english: "no country has this code")
    case .notMobile:
      Localized(
        chinese: "不是大陆手机号（11 位，以 13 至 19 开头），收不到短信",
        english: "it is no mobile number of mainland China (11 digits from 13 to 19), so it gets no SMS")
    case .notAssigned:
      Localized(chinese: "大陆手机号以 13 至 19 开头", english: "mobile numbers of mainland China begin with 13 to 19")
    }
  }
}
