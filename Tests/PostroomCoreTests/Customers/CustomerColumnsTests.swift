import Testing

@testable import PostroomCore

@Suite("Columns of customer lists")
struct CustomerColumnsTests {
  @Test(
    "titles are understood in Chinese and English",
    arguments: [
      ("姓名", CustomerField.name), ("Name", .name), ("客户姓名", .name), ("E-Mail", .mail), ("email_address", .mail),
      ("邮箱", .mail), ("电子邮箱", .mail), ("Email 2", .mail), ("手机", .phone), ("手机号码（必填）", .phone), ("Mobile", .phone),
      ("手机2", .phone), ("语言", .language), ("时区", .zone), ("Time Zone", .zone), ("会员等级", .tier), ("生日", .birthday),
      ("Date of birth", .birthday), ("客户编号", .reference), ("Customer ID", .reference), ("满意度（%）", .satisfaction),
      ("原因", .ignored), ("同意短信祝福", .consent(.sms, .greeting)), ("consent_sms_greeting", .consent(.sms, .greeting)),
      ("同意邮件推广", .consent(.mail, .promotion)), ("Consent: e-mail promotion", .consent(.mail, .promotion)),
      ("同意接收短信", .consent(.sms, nil)), ("consent.mail", .consent(.mail, nil)),
    ])
  func titles(title: String, field: CustomerField) {
    #expect(CustomerField(title: title) == field)
  }

  @Test(
    "a title that could mean something else is not understood",
    arguments: [
      "", "备注", "id", "编号", "同意", "同意短信（仅祝福）", "consent", "consent promotion", "同意短信2", "address", "生日2",
    ])
  func unknown(title: String) {
    #expect(CustomerField(title: title) == nil)
  }

  @Test("unknown columns are told with what may have been meant")
  func guesses() throws {
    let columns = try CustomerColumns(titles: ["性名", "邮箱", "birtday", "favourite colour", ""])
    #expect(columns.unknown.map(\.title) == ["性名", "birtday", "favourite colour"])
    #expect(columns.unknown.map(\.meant) == ["姓名", "birthday", nil])
  }

  @Test("a list without titles is refused before each of its cells is guessed at")
  func manyColumns() {
    let titles = ["email"] + (0..<40_000).map { "x\($0)" }
    #expect {
      try CustomerColumns(titles: titles)
    } throws: {
      ($0 as? CustomerFileProblem)?.words.english.hasPrefix("its first row has 40001 columns, of at most 500") == true
    }
  }

  @Test("--map gives columns a meaning or takes it")
  func maps() throws {
    let columns = try CustomerColumns(
      titles: ["称呼", "Kontakt", "email", "name"], map: ["称呼=name", "Kontakt=手机", "name=ignore"])
    #expect(columns.fields == [.name, .phone, .mail, .ignored])
    #expect(columns.unknown.isEmpty)
  }

  @Test(
    "a list whose columns cannot be right is refused with what to do",
    arguments: [
      (["张三", "13800000001"], [], "--map"), (["name", "zone"], [], "reference, email or phone"),
      (["name", "姓名", "email"], [], "hold the same"), (["email"], ["emial=email"], "did you mean email?"),
      (["email"], ["email=emial"], "did you mean email?"), (["email"], ["email"], "COLUMN=FIELD"),
      (["email"], ["email=ignore"], "reference, email or phone"),
    ] as [([String], [String], String)])
  func refuses(titles: [String], map: [String], advice: String) {
    let problem = #expect(throws: CustomerFileProblem.self) { try CustomerColumns(titles: titles, map: map) }
    #expect(problem?.words.english.contains(advice) == true)
  }
}
