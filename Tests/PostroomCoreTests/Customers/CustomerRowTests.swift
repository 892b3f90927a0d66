import Testing

@testable import PostroomCore

@Suite("Rows of customer lists")
struct CustomerRowTests {
  /// One cell under one title, beside a reference.
  private static func read(_ title: String, _ cell: String) throws -> Result<CustomerDraft, CustomerFaults> {
    let reader = CustomerRowReader(columns: try CustomerColumns(titles: ["客户编号", title]), now: monday)
    var row = CSVRow(number: 2, line: 2)
    for text in ["C-1", cell] {
      row.bytes += Array(text.utf8)
      row.ends.append(row.bytes.count)
    }
    return try #require(reader.draft(row) { String(validating: $0, as: UTF8.self) })
  }

  private static func draft(_ title: String, _ cell: String) throws -> CustomerDraft {
    try read(title, cell).get()
  }

  @Test("several addresses stand in one cell, whatever keyboard wrote them")
  func mails() throws {
    let expected = [Contact(.mail, "ann@example.com"), Contact(.mail, "bo@example.org")]
    for cell in [
      "Ann@Example.com; bo@example.org", "ann@example.com bo@example.org", "ann@example.com；bo@example.org",
      "<ann@example.com>,bo@example.org;ann@example.com", "mailto:ann@example.com\nbo＠example.org",
    ] {
      #expect(try Self.draft("email", cell).contacts == expected, "\(cell)")
    }
  }

  @Test("words of tiers, languages, zones and scores are understood")
  func words() throws {
    #expect(try Self.draft("tier", "高级VIP").tier == .senior)
    #expect(try Self.draft("tier", "ＶＩＰ").tier == .vip)
    #expect(try Self.draft("tier", " 普通 ").tier == .regular)
    #expect(try Self.draft("language", "zh_CN").language == .chinese)
    #expect(try Self.draft("language", "English").language == .english)
    #expect(try Self.draft("zone", "asia/shanghai").zone == "Asia/Shanghai")
    #expect(try Self.draft("satisfaction", "85%").satisfaction == 85)
    #expect(try Self.draft("phone", "'+86 138-0000-0001").contacts == [Contact(.sms, "+8613800000001")])
    #expect(try Self.draft("birthday", "5月1日").birthday?.description == "05-01")
  }

  @Test("words for nothing say nothing", arguments: ["", " ", "-", "—", "无", "N/A", "NULL", "\u{3000}\u{FEFF}"])
  func nothing(cell: String) throws {
    for title in ["name", "email", "phone", "tier", "birthday", "consent_sms"] {
      #expect(try Self.draft(title, cell) == CustomerDraft(row: 2, reference: "C-1"), "\(title)")
    }
  }

  @Test("a column for one purpose goes before one for the channel")
  func consents() throws {
    let reader = CustomerRowReader(
      columns: try CustomerColumns(titles: ["ref", "同意短信推广", "同意短信", "consent_mail_greeting"]), now: monday)
    let row = CSVRow(number: 2, line: 2, bytes: Array("1否是yes".utf8), ends: [1, 4, 7, 10])
    let draft = try #require(reader.draft(row) { String(validating: $0, as: UTF8.self) }).get()
    #expect(
      draft.consents == [
        ConsentTopic(.sms, .greeting): true, ConsentTopic(.sms, .promotion): false, ConsentTopic(.sms, .survey): true,
        ConsentTopic(.mail, .greeting): true,
      ])
  }

  @Test(
    "a faulty cell is told with its column and what to do",
    arguments: [
      ("email", "ann@", "no e-mail address"), ("email", "ann at example.com", "no e-mail address"),
      ("phone", "1.38E+10", "column text"), ("phone", "12345", "too few"), ("tier", "gold", "regular, vip or senior"),
      ("language", "français", "zh or en"), ("zone", "Shanghai", "Asia/Shanghai?"), ("zone", "GMT+8", "Asia/Shanghai"),
      ("birthday", "01/05/1990", "1990-05-01"), ("birthday", "2090-01-01", "1990-05-01"),
      ("satisfaction", "101", "0 to 100"), ("satisfaction", "-1", "0 to 100"), ("consent_sms", "maybe", "yes nor no"),
      ("name", "a\0b", "UTF-8"), ("name", String(repeating: "x", count: 201), "longer"),
    ])
  func faults(title: String, cell: String, advice: String) throws {
    guard case .failure(let faults) = try Self.read(title, cell) else {
      Issue.record("\(title) \(cell) was taken")
      return
    }
    #expect(faults.list.allSatisfy { $0.place == "2:\(title)" })
    #expect(faults.list[0].words.english.contains(advice))
    #expect(!faults.list[0].words.chinese.isEmpty)
  }

  @Test("rows without anybody, with too many cells, or not readable are told; rows of nothing are none")
  func rows() throws {
    let reader = CustomerRowReader(columns: try CustomerColumns(titles: ["name", "email"]), now: monday)
    func read(_ row: CSVRow) -> Result<CustomerDraft, CustomerFaults>? {
      reader.draft(row) { String(validating: $0, as: UTF8.self) }
    }
    func advice(_ row: CSVRow) -> String {
      guard case .failure(let faults) = read(row) else { return "" }
      return faults.list[0].words.english
    }
    #expect(advice(CSVRow(number: 2, line: 2, bytes: Array("Ann".utf8), ends: [3, 3])).contains("give one"))
    #expect(advice(CSVRow(number: 2, line: 2, bytes: Array("abc".utf8), ends: [1, 2, 3])).contains("3 cells"))
    #expect(advice(CSVRow(number: 2, line: 7, fault: .openQuote(line: 8))).contains("line 8"))
    #expect(read(CSVRow(number: 2, line: 2, bytes: Array("  ".utf8), ends: [1, 2, 2, 2])) == nil)
  }

  @Test("cells that spreadsheets would run are made harmless, and read back as they were")
  func formulas() {
    #expect(
      CSVText.record(["=1+1", "+86", "-1", "@x", "\tx", "a,b", "say \"no\"", "好"])
        == "'=1+1,'+86,'-1,'@x,\"'\tx\",\"a,b\",\"say \"\"no\"\"\",好\r\n")
    #expect(CustomerRowReader.cleaned("'=1+1") == "=1+1")
    // Spreadsheets of East Asia take the full width for the sign.
    #expect(CSVText.record(["＝1+1", "＋86", "－1", "＠x", "\n="]) == "'＝1+1,'＋86,'－1,'＠x,\"'\n=\"\r\n")
    #expect(CustomerRowReader.cleaned("'＝1+1") == "＝1+1")
    #expect(CustomerRowReader.cleaned("'t Hooft") == "'t Hooft")
  }
}
