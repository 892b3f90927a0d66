/// What the columns of one file hold, by its first row.
package struct CustomerColumns: Sendable {
  /// As the file has them.
  package let titles: [String]
  let fields: [CustomerField?]
  /// Columns that nothing is known of, with what may have been meant.
  package let unknown: [(title: String, meant: String?)]
  /// The first column of each reason in a list of faulty rows.
  let reasonColumn: Int?

  /// Of a first row that is no titles but a whole list, each cell would be compared with all that is known.
  private static let most = 500

  /// `map` gives columns another meaning: `COLUMN=FIELD`.
  package init(titles: [String], map: [String] = []) throws(CustomerFileProblem) {
    guard titles.count <= Self.most else {
      throw CustomerFileProblem(
        chinese: "第一行有 \(titles.count) 列，最多 \(Self.most) 列；请检查换行，第一行应为列名",
        english: "its first row has \(titles.count) columns, of at most \(Self.most): it must hold the titles, look at "
          + "its line ends")
    }
    self.titles = titles
    var fields = titles.map { CustomerField(title: $0) }
    for entry in map { try Self.apply(entry, to: &fields, titles) }
    for (index, field) in fields.enumerated() {
      guard let field, !field.isList, let other = fields[..<index].firstIndex(of: field) else { continue }
      throw CustomerFileProblem(
        chinese: "“\(titles[other])”和“\(titles[index])”两列含义相同；请用 --map 列名=ignore 忽略其一",
        english: "the columns \(titles[other]) and \(titles[index]) hold the same: leave one out with "
          + "--map COLUMN=ignore")
    }
    guard fields.contains(where: { $0 == .reference || $0 == .mail || $0 == .phone }) else {
      throw CustomerFileProblem(
        chinese: "第一行中没有客户编号、邮箱或手机列；第一行应为列名，可用 --map 列名=email 指定",
        english: "its first row names no column reference, email or phone: it must hold the titles; name one with "
          + "--map COLUMN=email")
    }
    self.fields = fields
    unknown = zip(titles, fields).compactMap { title, field in
      field == nil && !title.isEmpty ? (title, CustomerField.nearest(title)) : nil
    }
    reasonColumn = fields.indices.last { fields[$0] == .ignored && CustomerField.key(titles[$0]).isReason }
  }

  private static func apply(
    _ entry: String, to fields: inout [CustomerField?], _ titles: [String]
  ) throws(CustomerFileProblem) {
    guard let sign = entry.lastIndex(of: "=") else {
      throw CustomerFileProblem(
        chinese: "--map \(entry)：应写作 列名=字段", english: "--map \(entry): write COLUMN=FIELD")
    }
    let (column, word) = (String(entry[..<sign]), String(entry[entry.index(after: sign)...]))
    guard let field = CustomerField(title: word) else {
      throw CustomerFileProblem(
        chinese: "--map \(entry)：没有字段 \(word)" + (CustomerField.nearest(word).map { "，是否指 \($0)？" } ?? ""),
        english: "--map \(entry): there is no field \(word)"
          + (CustomerField.nearest(word).map { " — did you mean \($0)?" }
            ?? " — known are reference, name, email, phone, language, zone, tier, birthday, satisfaction, "
            + "consent_sms_promotion and the like, ignore"))
    }
    let key = CustomerField.key(column)
    let places = titles.indices.filter { titles[$0] == column || CustomerField.key(titles[$0]) == key }
    guard !places.isEmpty else {
      let near = SettingsReader.nearest(column, titles)
      throw CustomerFileProblem(
        chinese: "--map \(entry)：文件中没有列 \(column)" + (near.map { "，是否指 \($0)？" } ?? ""),
        english: "--map \(entry): the file has no column \(column)" + (near.map { " — did you mean \($0)?" } ?? ""))
    }
    for place in places { fields[place] = field }
  }
}

/// Why nothing of a file can be imported, and what to do.
package struct CustomerFileProblem: Error, Sendable, Equatable {
  package let words: Localized

  init(chinese: String, english: String) { words = Localized(chinese: chinese, english: english) }

  package init(_ problem: CSVFileProblem) { words = problem.words }

  /// Of the first row.
  init(_ fault: CustomerFault) { words = fault.words }
}

extension String {
  fileprivate var isReason: Bool { self == "原因" || self == "reason" }
}
