import Foundation
import MailFormat
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Callbacks")
struct CallbackTests {
  private static let first = ConversationNumber(id: 1)
  private static let complaint = Letter("1@c", subject: "退款", body: "我要投诉，东西是坏的！")

  private func callbacks(_ office: Office) async throws -> [CallbackEntry] {
    try await office.database.read { tx in try tx.callbacks(limit: 50) }
  }

  private func local(_ instant: Instant, _ settings: Settings) -> String {
    let time = WorkCalendar.standard(zone: settings.zone).localTime(instant)
    return "\(time.date) \(time.hourAndMinute)"
  }

  @Test("a resolved complaint is asked after three days later, late in the morning", arguments: Engine.available)
  func planned(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.complaint)
      try await office.desk.reply(Self.first, text: "换新的给您。", by: "anna", resolving: true, now: monday)
      let callback = try #require(try await callbacks(office).first)
      #expect(try await callbacks(office).count == 1)
      #expect(local(callback.dueAt, office.settings) == "2026-11-26 10:30")
      #expect(callback.state == .queued)
      #expect(callback.channel == .mail)
      #expect(callback.recipient == "li.wei@customer.example")
      #expect(callback.conversation == Self.first)
      let mail = try #require(try await office.sent.last)
      #expect(mail.subject == "Re: 退款 [#10001]")
      #expect(mail.first("Auto-Submitted") == "auto-generated")
      #expect(mail.first("Precedence") == "auto_reply")
      #expect(mail.inReplyTo == ["1@c"])
      #expect(mail.bodyText.contains("这个结果您满意吗") && mail.bodyText.contains("400-820-8820"))
      #expect(office.signer.conversation(ofMessageID: mail.messageID ?? "") == 1)
      #expect(
        try await office.texts("SELECT natural_key FROM delivery WHERE purpose = 'callback'")
          == ["callback/conversation/1/1"])
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("inquiries are not, nor complaints of a mailbox that turned it off", arguments: Engine.available)
  func unwanted(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["sales"]?.callback.isOn = false }) { office in
      try await office.take(Letter("1@c"))
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      var complaint = Self.complaint.to("sales@postroom.example")
      complaint.id = "2@c"
      try await office.take(complaint, at: "sales")
      try await office.desk.resolve(ConversationNumber(id: 2), by: "anna", force: true, now: monday)
      #expect(try await callbacks(office).isEmpty)
    }
  }

  @Test("who has a number is asked by SMS, in one segment", arguments: Engine.available)
  func bySMS(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.take(Self.complaint)
      try await office.database.write { tx in
        try tx.addContact(.sms, "+8613800000001", to: 1, now: monday)
        try tx.execute("UPDATE customer SET name = '李雷'")
      }
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      let callback = try #require(try await callbacks(office).first)
      #expect(callback.channel == .sms)
      #expect(callback.recipient == "+8613800000001")
      let text = try await office.texts("SELECT CAST(content AS TEXT) FROM delivery WHERE channel = 'sms'").first
      if engine == .sqlite { #expect(text?.hasPrefix("【示例公司】李雷，您好！您反映的问题（#10001）") == true) }
      #expect(try await office.number("SELECT segments FROM delivery WHERE channel = 'sms'") == 1)
      #expect(try await office.number("SELECT cost FROM delivery WHERE channel = 'sms'") == 45_000)
      // Service is told at any pressure and without consent, in the day's hours.
      #expect(try await office.claim("sms", now: callback.dueAt).deliveries.map(\.id) == [callback.id])
    }
  }

  @Test("who has a dead number is asked by mail", arguments: Engine.available)
  func deadNumber(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.take(Self.complaint)
      try await office.database.write { tx in
        try tx.addContact(.sms, "+8613800000001", to: 1, now: monday)
        try tx.suppress(.dead("+8613800000001"))
      }
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      #expect(try await callbacks(office).map(\.channel) == [.mail])
    }
  }

  @Test("a mailbox that wants SMS notes that there is no number", arguments: Engine.available)
  func noNumber(engine: Engine) async throws {
    try await withOutreach(engine, { $0.mailboxes["support"]?.callback.channel = .sms }) { office in
      try await office.take(Self.complaint)
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      #expect(try await callbacks(office).isEmpty)
      #expect(try await office.conversation().state == .resolved)
      #expect(
        try await office.texts("SELECT detail FROM event WHERE what = 'callback_failed'")
          == ["the customer has no mobile number"])
    }
  }

  @Test("it is given up when the customer writes, and planned anew with the next solution", arguments: Engine.available)
  func reopened(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.complaint)
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      try await office.take(Letter("2@c", body: "还是坏的。").answering("1@c"), now: monday.adding(hour))
      #expect(try await callbacks(office).map(\.state) == [.cancelled])
      #expect(try await callbacks(office).first?.reason == GateReason.reopened.rawValue)
      #expect(GateReason.words(of: "reopened", in: .chinese) == "会话已重新打开")
      try await office.desk.reply(
        Self.first, text: "再换一个。", by: "anna", resolving: true, now: monday.adding(24 * hour))
      #expect(try await callbacks(office).map(\.state) == [.queued, .cancelled])
      #expect(local(try #require(try await callbacks(office).first).dueAt, office.settings) == "2026-11-27 10:30")
      // Nothing that was never sent is referred to.
      let reply = try await office.database.read { tx in try tx.replyFacts(1).references }
      #expect(reply.count == 4)
    }
  }

  @Test("an answer that resolves what was resolved moves it", arguments: Engine.available)
  func resolvedAnew(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.complaint)
      for day in 0...1 as ClosedRange<Int64> {
        try await office.desk.reply(
          Self.first, text: "换新的给您。", by: "anna", resolving: true, now: monday.adding(day * 24 * hour))
      }
      #expect(try await callbacks(office).map(\.state) == [.queued, .cancelled])
      #expect(try await callbacks(office).last?.reason == GateReason.resolvedAnew.rawValue)
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("what was sent already stays as it is when the customer answers", arguments: Engine.available)
  func answered(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.complaint)
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      try await office.execute("UPDATE delivery SET state = 'accepted', sent_at = due_at WHERE purpose = 'callback'")
      try await office.take(Letter("2@c", body: "满意，谢谢。").answering("1@c"), now: monday.adding(80 * hour))
      #expect(try await callbacks(office).map(\.state) == [.accepted])
    }
  }

  @Test("the list goes on behind the last one seen, and shows one state", arguments: Engine.available)
  func pages(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...3 {
        var letter = Self.complaint
        letter.id = "\(number)@c"
        letter.from = "c\(number)@d.example"
        try await office.take(letter)
        try await office.desk.resolve(
          ConversationNumber(id: Int64(number)), by: "anna", force: true, now: monday.adding(Int64(number) * 24 * hour))
      }
      let page = try await office.database.read { tx in try tx.callbacks(limit: 2) }
      #expect(page.map(\.conversation.value) == [10003, 10002])
      let last = try #require(page.last)
      let rest = try await office.database.read { tx in
        try tx.callbacks(before: (last.dueAt, last.id), limit: 2)
      }
      #expect(rest.map(\.conversation.value) == [10001])
      #expect(try await office.database.read { tx in try tx.callbacks(state: .accepted, limit: 2) }.isEmpty)
    }
  }

  // MARK: The moment

  private static let calendar = WorkCalendar.standard(zone: Settings.sample(database: "", data: "").zone)

  private func moment(
    _ text: String, _ calendar: WorkCalendar = calendar, after: Seconds = 3 * 86_400, zone: String = "Asia/Shanghai"
  ) throws -> String {
    let parts = text.split(separator: " ")
    let clock = parts[1].split(separator: ":").compactMap { Int($0) }
    let date = try #require(CivilDate(String(parts[0])))
    var settings = CallbackSettings()
    settings.after = after
    let resolved = Self.calendar.instant(CivilTime(date: date, secondOfDay: clock[0] * 3600 + clock[1] * 60))
    let there = try #require(TimeZone(identifier: zone))
    let time = WorkCalendar(zone: there, weekdays: [:]).localTime(
      settings.moment(after: resolved, calendar, zone: there))
    return "\(time.date) \(time.hourAndMinute)"
  }

  @Test("days of rest and holidays are passed over")
  func workingDays() throws {
    #expect(try moment("2026-11-23 10:00") == "2026-11-26 10:30")
    #expect(try moment("2026-11-23 23:59") == "2026-11-26 10:30")
    // From Thursday: Sunday is a day of rest.
    #expect(try moment("2026-11-26 09:00") == "2026-11-30 10:30")
    let holidays = WorkCalendar(
      zone: Self.calendar.zone, weekdays: Self.calendar.weekdays,
      holidays: Set([CivilDate(year: 2026, month: 11, day: 30)].compactMap { $0 }),
      workdays: Set([CivilDate(year: 2026, month: 11, day: 29)].compactMap { $0 }))
    #expect(try moment("2026-11-26 09:00", holidays) == "2026-11-29 10:30")
    #expect(try moment("2026-11-27 09:00", holidays) == "2026-12-01 10:30")
  }

  @Test("it is the customer's morning, not the house's")
  func zones() throws {
    #expect(try moment("2026-11-23 10:00", zone: "Europe/Berlin") == "2026-11-26 10:30")
    // Still Sunday there when it was resolved.
    #expect(try moment("2026-11-23 10:00", zone: "America/New_York") == "2026-11-25 10:30")
  }

  @Test("a short time after may fall into the hours, or wait for the next morning")
  func short() throws {
    #expect(try moment("2026-11-23 08:00", after: 3600) == "2026-11-23 10:30")
    #expect(try moment("2026-11-23 10:40", after: 3600) == "2026-11-23 11:40")
    #expect(try moment("2026-11-23 15:00", after: 3600) == "2026-11-24 10:30")
  }
}
