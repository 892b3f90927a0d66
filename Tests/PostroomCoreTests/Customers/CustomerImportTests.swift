import Foundation
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Customers imported from lists")
struct CustomerImportTests {
  private static func run(
    _ text: String, _ office: Office, _ adjust: (inout CustomerImport) -> Void = { _ in }
  ) async throws -> CustomerTally {
    let path = office.folder + "/list.csv"
    #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
    var work = CustomerImport(source: "list.csv", language: .english)
    adjust(&work)
    return try await work.run(try CustomerList(path: path), from: path, into: office.database, now: monday)
  }

  private static func card(_ name: String, _ office: Office) async throws -> CustomerCard {
    try #require(
      try await office.database.read { tx in try tx.customer(named: name).flatMap { try tx.customerCard($0) } })
  }

  private static let list = """
    客户编号,姓名,邮箱,手机,语言,时区,等级,生日,满意度,同意短信,同意邮件推广
    C-1,张三,zhang@example.com; san@example.com,13800000001,zh,Asia/Shanghai,高级VIP,1990-05-01,90,是,否
    C-2,"Li, Lei",li@example.com,,en,Europe/London,vip,5月2日,,,

    """

  @Test(
    "a list becomes customers with contacts and consents; the same list again changes nothing",
    arguments: Engine.available)
  func twice(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var tally = try await Self.run(Self.list, office)
      #expect((tally.new, tally.changed, tally.unchanged, tally.faulty) == (2, 0, 0, 0))
      let zhang = try await Self.card("C-1", office)
      #expect(zhang.name == "张三" && zhang.tier == .senior && zhang.zone == "Asia/Shanghai" && zhang.satisfaction == 90)
      #expect(zhang.birthday?.description == "1990-05-01" && zhang.language == "zh-Hans")
      #expect(Set(zhang.contacts.map(\.address)) == ["zhang@example.com", "san@example.com", "+8613800000001"])
      #expect(zhang.consents.count == 4)
      #expect(zhang.consents.allSatisfy { $0.source == "list.csv:2" && $0.saidAt == monday })
      #expect(zhang.consents.filter { !$0.given }.map(\.topic) == [ConsentTopic(.mail, .promotion)])
      let li = try await Self.card("li@example.com", office)
      #expect(li.name == "Li, Lei" && li.birthday?.description == "05-02" && li.consents.isEmpty)
      tally = try await Self.run(Self.list, office) { $0.source = "again" }
      #expect((tally.new, tally.changed, tally.unchanged, tally.faulty) == (0, 0, 2, 0))
      #expect(try await Self.card("C-1", office) == zhang)
    }
  }

  @Test("what is empty changes nothing, the rest is brought up to date", arguments: Engine.available)
  func updates(engine: Engine) async throws {
    try await withOffice(engine) { office in
      _ = try await Self.run(Self.list, office)
      let tally = try await Self.run(
        "ref,name,email,phone,tier\nC-1,,new@example.com,,\n,李雷,li@example.com,13800000002,senior\n", office)
      #expect((tally.new, tally.changed) == (0, 2))
      let zhang = try await Self.card("new@example.com", office)
      #expect(zhang.reference == "C-1" && zhang.name == "张三" && zhang.contacts.count == 4 && zhang.tier == .senior)
      let li = try await Self.card("13800000002", office)
      #expect(li.reference == "C-2" && li.name == "李雷" && li.tier == .senior && li.zone == "Europe/London")
    }
  }

  @Test("who wrote before is known by address and gets the reference", arguments: Engine.available)
  func known(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@example.com", from: "Zhang <Zhang@example.com>"))
      let tally = try await Self.run(Self.list, office)
      #expect((tally.new, tally.changed) == (1, 1))
      #expect(try await office.count("customer") == 2)
      #expect(try await Self.card("C-1", office).contacts.count == 3)
    }
  }

  @Test(
    "contacts of two customers are a fault that names both, and the other rows are taken", arguments: Engine.available)
  func clash(engine: Engine) async throws {
    try await withOffice(engine) { office in
      _ = try await Self.run(Self.list, office)
      let tally = try await Self.run(
        "ref,email\n,zhang@example.com;li@example.com\nC-1,li@example.com\nC-9,li@example.com\nC-3,chen@example.com\n",
        office)
      #expect((tally.new, tally.faulty) == (1, 3))
      #expect(tally.faults.map(\.row) == [2, 3, 4])
      for fault in tally.faults.prefix(2) {
        #expect(fault.words.english.contains("张三") && fault.words.english.contains("Li, Lei"))
      }
      #expect(tally.faults[2].words.english.contains("C-2, not C-9"))
    }
  }

  @Test("a refusal stays one, unless they were asked anew", arguments: Engine.available)
  func refusals(engine: Engine) async throws {
    try await withOffice(engine) { office in
      _ = try await Self.run("phone,consent_sms\n13800000001,yes\n", office)
      try await office.database.write { tx in
        try tx.optOut(.sms, "+8613800000001", source: "TD", now: monday)
        try tx.optOut(.sms, "+8613800000002", source: "TD", now: monday)
      }
      let text = "phone,consent_sms,consent_mail\n13800000001,yes,\n13800000002,yes,yes\n"
      var tally = try await Self.run(text, office)
      #expect((tally.new, tally.unchanged, tally.keptRefusals) == (1, 1, 6))
      #expect(try await Self.card("13800000001", office).consents.allSatisfy { !$0.given && $0.source == "TD" })
      #expect(try await Self.card("13800000002", office).consents.map(\.topic.channel) == [.mail, .mail, .mail])
      tally = try await Self.run(text, office) { $0.renewsConsents = true }
      #expect((tally.changed, tally.keptRefusals) == (2, 0))
      #expect(try await office.count("suppression") == 0)
      #expect(
        try await Self.card("13800000001", office).consents.filter(\.given).map(\.topic.channel) == [.sms, .sms, .sms])
      tally = try await Self.run(text, office) { $0.renewsConsents = true }
      #expect(tally.unchanged == 2)
      // Refusing needs no leave.
      tally = try await Self.run("phone,consent_sms\n13800000001,no\n", office)
      #expect(tally.changed == 1)
    }
  }

  @Test("a dry run tells the same and writes nothing", arguments: Engine.available)
  func dryRun(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let rows = (1...2500).map { "C-\($0 % 2000),c\($0 % 2000)@example.com\n" }
      let text = "ref,email\n" + rows.joined() + "x,bad\n"
      let dry = try await Self.run(text, office) { $0.isDryRun = true }
      #expect(try await office.count("customer") == 0)
      let wet = try await Self.run(text, office)
      #expect((dry.new, dry.faulty, dry.rows) == (2000, 1, 2501))
      #expect((wet.new, wet.unchanged, wet.faulty, wet.faults) == (2000, 500, 1, dry.faults))
      #expect(try await office.count("customer") == 2000)
    }
  }

  @Test("what is wrong with the first row is said, not that the file is empty")
  func firstRow() async throws {
    try await withOffice(.sqlite) { office in
      await #expect {
        try await Self.run("姓名,\"邮箱\n李雷,li@c.example\n", office)
      } throws: {
        ($0 as? CustomerFileProblem)?.words.english.hasPrefix("the quote that begins in line 1 never ends") == true
      }
    }
  }

  @Test("a figure that is the id of one and the reference of another names nobody", arguments: Engine.available)
  func ambiguousName(engine: Engine) async throws {
    try await withOffice(engine) { office in
      _ = try await Self.run("客户编号,姓名,手机\n2,李雷,13800000001\n77,韩梅,13800000002\n", office)
      await #expect {
        try await Self.card("2", office)
      } throws: {
        "\($0)".hasSuffix("write #1 or #2")
      }
      #expect(try await Self.card("#2", office).name == "韩梅")
      #expect(try await Self.card("#1", office).name == "李雷")
      #expect(try await Self.card("77", office).name == "韩梅")
    }
  }

  @Test("faulty rows can be mended in their own file and imported", arguments: Engine.available)
  func mending(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let path = office.folder + "/faulty.csv"
      let text = "姓名,手机,备注\n=cmd|'/c calc'!A0,12,\"a,b\"\n李雷,13800000002,\n,\"open\n韩梅梅,13800000003,\n"
      _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o644])
      var tally = try await Self.run(text, office) { $0.errorsPath = path }
      #expect((tally.new, tally.faulty) == (2, 2))
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
      let faulty = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      #expect(faulty.hasPrefix("\u{FEFF}姓名,手机,备注,reason\r\n'=cmd|'/c calc'!A0,12,\"a,b\",手机: "))
      let mended = faulty.replacing("12", with: "13800000001")
      tally = try await Self.run(mended, office) { $0.errorsPath = path }
      #expect((tally.new, tally.faulty) == (1, 1))
      #expect(try await Self.card("13800000001", office).name == "=cmd|'/c calc'!A0")
      await #expect(throws: CustomerFileProblem.self) {
        try await Self.run(text, office) { $0.errorsPath = office.folder + "/list.csv" }
      }
      #expect(try String(contentsOfFile: office.folder + "/list.csv", encoding: .utf8) == text)
    }
  }

  @Test("mail of customers comes in while their list is imported", arguments: Engine.available)
  func meanwhile(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let rows = (1...300).map { "n\($0)@example.com\n" }
      async let tally = Self.run("email\n" + rows.joined(), office)
      for number in 1...30 {
        try await office.take(Letter("\(number)@example.com", from: "n\(number * 10)@example.com"))
      }
      #expect(try await tally.faulty == 0)
      #expect(try await office.count("customer") == 300)
      #expect(try await office.count("contact") == 300)
    }
  }

  @Test(
    "staff changes a customer and finds him by name, address, number, reference or day", arguments: Engine.available)
  func desk(engine: Engine) async throws {
    try await withOffice(engine) { office in
      _ = try await Self.run(Self.list, office)
      let found = try await office.database.write { tx -> [[Int64]] in
        let id = try #require(try tx.customer(named: "C-1"))
        try tx.optOut(.sms, "+8613800000001", source: "TD", now: monday)
        var change = CustomerChange()
        change.tier = .vip
        change.birthday = Birthday(month: 2, day: 29)
        change.consents = [ConsentTopic(.sms, .promotion): true]
        try tx.change(id, change, source: "set by anna", now: monday)
        return try [("张", nil), ("SAN@", nil), ("c-1", nil), ("138000", nil), (nil, 29), ("%", nil)].map {
          search, day in
          var filter = CustomerFilter()
          filter.search = search
          filter.birthday = day.map { (2, $0) }
          return try tx.customerCards(filter).map(\.id)
        }
      }
      let zhang = try await Self.card("+86 138 0000 0001", office)
      #expect(found == [[zhang.id], [zhang.id], [zhang.id], [zhang.id], [zhang.id], []])
      #expect(zhang.tier == .vip && zhang.birthday?.description == "02-29" && zhang.name == "张三")
      #expect(zhang.consents.filter(\.given).map(\.source) == ["set by anna"])
      #expect(try await Self.card(String(zhang.id), office).id == zhang.id)
      #expect(try await office.database.read { try $0.suppressions(ofCustomer: zhang.id) }.isEmpty)
    }
  }
}
