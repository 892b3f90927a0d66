import MailFormat

/// Reads the rows of one file by its columns.
struct CustomerRowReader {
  let columns: CustomerColumns
  let now: Instant
  /// Of one row; more are a mistake in the file.
  private static let contactLimit = 20

  /// What the row says, or all that is wrong with it. Nil when it says nothing at all.
  func draft(_ row: CSVRow, text: (ArraySlice<UInt8>) -> String?) -> Result<CustomerDraft, CustomerFaults>? {
    var reading = Reading(draft: CustomerDraft(row: row.number))
    let titled = columns.fields.count
    if let fault = row.fault { return .failure(CustomerFaults(list: [Self.fault(fault, row.number)])) }
    // Its cells stand under the wrong titles.
    if row.count > titled, row.bytes[row.ends[titled - 1]...].contains(where: { $0 > 0x20 }) {
      return .failure(CustomerFaults(list: [Self.tooManyCells(row, columns)]))
    }
    var hasWords = false
    for column in 0..<min(row.count, titled) where !row.cell(column).isEmpty {
      guard let field = columns.fields[column], field != .ignored else { continue }
      reading.column = columns.titles[column]
      guard let value = text(row.cell(column)), !value.utf8.contains(0) else {
        reading.note(
          "有无法识别的字符；请将文件另存为 UTF-8", "it holds characters that cannot be read: save the file in UTF-8")
        continue
      }
      let cell = Self.cleaned(value)
      if cell.isEmpty { continue }
      hasWords = true
      reading.read(cell, as: field, now: now)
    }
    reading.column = nil
    if !hasWords, reading.faults.isEmpty { return nil }
    return reading.result(limit: Self.contactLimit)
  }

  static func fault(_ fault: CSVFault, _ row: Int) -> CustomerFault {
    switch fault {
    case .openQuote(let line):
      CustomerFault(
        row: row, chinese: "第 \(line) 行开始的引号没有结束；请补上引号，或将单元格中的引号写两遍",
        english: "the quote that begins in line \(line) never ends: close it, or double quotes within a cell")
    case .rowTooLong(let limit):
      CustomerFault(
        row: row, chinese: "超过 \(limit / 1024) KB；请检查分隔符和引号",
        english: "the row is longer than \(limit / 1024) KB: look at its separators and quotes")
    }
  }

  private static func tooManyCells(_ row: CSVRow, _ columns: CustomerColumns) -> CustomerFault {
    CustomerFault(
      row: row.number,
      chinese: "有 \(row.count) 格，但只有 \(columns.titles.count) 列；含有分隔符的单元格应加引号",
      english: "it has \(row.count) cells for \(columns.titles.count) titles: put cells that hold separators in quotes")
  }

  /// Without spaces and invisible marks around it, and without the apostrophe that keeps spreadsheets from taking a
  /// cell for a formula. Words for "nothing" are nothing.
  static func cleaned(_ value: String) -> String {
    var cell = trimmed(value[...])
    if cell.first == "'", let next = cell.unicodeScalars.dropFirst().first, FormulaGuard.begins(next) {
      cell = trimmed(cell.dropFirst())
    }
    return nothing.contains(cell.lowercased()) ? "" : String(cell)
  }

  private static let nothing: Set<String> = ["-", "--", "—", "——", "/", "\\", "无", "暂无", "null", "n/a", "none"]

  private static func trimmed(_ value: Substring) -> Substring {
    // Most cells are.
    if let first = value.utf8.first, let last = value.utf8.last, (0x21..<0x7F).contains(first),
      (0x21..<0x7F).contains(last)
    {
      return value
    }
    let scalars = value.unicodeScalars
    guard let start = scalars.firstIndex(where: { !isBlank($0) }), let end = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return value[start...end]
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value <= 0x20 || (scalar.value >= 0x7F && (scalar.properties.isWhitespace || isInvisible(scalar)))
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .format || scalar.properties.generalCategory == .control
  }
}

/// All that is wrong with one row.
struct CustomerFaults: Error {
  var list: [CustomerFault]
}

/// One row while it is read.
private struct Reading {
  var draft: CustomerDraft
  var faults: [CustomerFault] = []
  var column: String?
  /// Of a whole channel: what a column for one purpose says goes before.
  private var channelConsents: [Channel: Bool] = [:]

  init(draft: CustomerDraft) { self.draft = draft }

  mutating func note(_ fault: CustomerFault) { faults.append(fault) }

  mutating func note(_ chinese: String, _ english: String) {
    note(CustomerFault(row: draft.row, column: column, chinese: chinese, english: english))
  }

  mutating func result(limit: Int) -> Result<CustomerDraft, CustomerFaults> {
    for (channel, given) in channelConsents {
      for purpose in Purpose.allCases where purpose.isMarketing {
        let topic = ConsentTopic(channel, purpose)
        if draft.consents[topic] == nil { draft.consents[topic] = given }
      }
    }
    if draft.contacts.count > limit {
      note("地址超过 \(limit) 个", "it has more than \(limit) addresses")
    } else if draft.contacts.isEmpty, draft.reference == nil, faults.isEmpty {
      note("没有客户编号、邮箱和手机，至少应填一项", "it has no reference, e-mail or phone: give one of them")
    }
    return faults.isEmpty ? .success(draft) : .failure(CustomerFaults(list: faults))
  }

  mutating func read(_ cell: String, as field: CustomerField, now: Instant) {
    switch field {
    case .reference: draft.reference = short(cell, 100)
    case .name: draft.name = short(cell, 200)
    case .mail: readMail(cell)
    case .phone: readPhone(cell)
    case .language:
      draft.language = Language(word: cell)
      if draft.language == nil {
        note("没有语言“\(shown(cell))”；请填 zh 或 en", "\(shown(cell)) is not spoken here: use zh or en")
      }
    case .zone: readZone(cell)
    case .tier:
      draft.tier = Tier(word: FullWidth.folded(cell))
      if draft.tier == nil {
        note("没有等级“\(shown(cell))”；请填 普通、VIP 或 高级VIP", "there is no tier \(shown(cell)): use regular, vip or senior")
      }
    case .birthday: readBirthday(cell, now: now)
    case .satisfaction: readSatisfaction(cell)
    case .consent(let channel, let purpose): readConsent(cell, channel, purpose)
    case .ignored: break
    }
  }

  /// On one line; a fault when it is longer than `bytes`.
  private mutating func short(_ cell: String, _ bytes: Int) -> String? {
    guard cell.utf8.count <= bytes else {
      note("超过 \(bytes) 字节", "it is longer than \(bytes) bytes")
      return nil
    }
    guard cell.unicodeScalars.contains(where: { $0.value < 0x20 }) else { return cell }
    return cell.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private mutating func readMail(_ cell: String) {
    for part in FullWidth.folded(cell).split(whereSeparator: { $0.isWhitespace || ";,、".contains($0) }) {
      var word = part.hasPrefix("<") && part.hasSuffix(">") ? String(part.dropFirst().dropLast()) : String(part)
      if word.lowercased().hasPrefix("mailto:") { word.removeFirst(7) }
      let address = MailAddress(address: word)
      guard address.isSendable else {
        note("“\(shown(word))”不是邮箱地址", "\(shown(word)) is no e-mail address")
        continue
      }
      add(Contact(.mail, address.normalized))
    }
  }

  private mutating func readPhone(_ cell: String) {
    do {
      add(Contact(.sms, try PhoneNumber(cell).e164))
    } catch {
      note(error.words.chinese, error.words.english)
    }
  }

  private mutating func add(_ contact: Contact) {
    if !draft.contacts.contains(contact), draft.contacts.count < 100 { draft.contacts.append(contact) }
  }

  private mutating func readZone(_ cell: String) {
    draft.zone = ZoneName.canonical(cell)
    guard draft.zone == nil else { return }
    let near = ZoneName.ofCity(cell)
    note(
      "没有时区“\(shown(cell))”；" + (near.map { "是否指 \($0)？" } ?? "请按 Asia/Shanghai 的形式填写"),
      "there is no time zone \(shown(cell))"
        + (near.map { " — did you mean \($0)?" } ?? ": write it as in Asia/Shanghai"))
  }

  private mutating func readBirthday(_ cell: String, now: Instant) {
    let today = CivilTime(secondsSinceEpoch: now / 1000).date
    guard let day = Birthday(cell), day.year ?? 0 <= today.year else {
      note("“\(shown(cell))”不是生日；请写作 1990-05-01 或 05-01", "\(shown(cell)) is no birthday: write 1990-05-01 or 05-01")
      return
    }
    draft.birthday = day
  }

  /// `85`, `85%`, `85分`, `85.0`.
  private mutating func readSatisfaction(_ cell: String) {
    var digits = FullWidth.folded(cell)
    for end in ["%", "分", ".0"] where digits.hasSuffix(end) { digits.removeLast(end.count) }
    guard digits.utf8.count <= 3, let score = Int64(digits), (0...100).contains(score) else {
      note("“\(shown(cell))”不是 0 到 100 的整数", "\(shown(cell)) is no whole number from 0 to 100")
      return
    }
    draft.satisfaction = score
  }

  private mutating func readConsent(_ cell: String, _ channel: Channel, _ purpose: Purpose?) {
    guard let given = ConsentWord.given(cell) else {
      note("“\(shown(cell))”既不是“是”也不是“否”", "\(shown(cell)) is neither yes nor no")
      return
    }
    if let purpose {
      draft.consents[ConsentTopic(channel, purpose)] = given
    } else {
      channelConsents[channel] = given
    }
  }

  private func shown(_ text: String) -> String { text.clipped(bytes: 60) }
}
