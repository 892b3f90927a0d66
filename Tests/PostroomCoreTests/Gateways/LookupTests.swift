import Testing

@testable import PostroomCore

@Suite("Asking a gateway what became of a message")
struct LookupTests {
  private static let lookup = """
    http:
      url: https://sms.example.cn/send?to={{url.to}}&text={{url.text}}
      accepted: { status: [200] }
      lookup:
        url: https://sms.example.cn/message/{{url.id}}
        delivered: { json: /state, in: [DELIVRD] }
        taken: { json: /state, in: [SENT, UNDELIV] }
        missing: { status: [404] }

    """

  private func recipe(_ file: String = lookup) throws -> HTTPRecipe {
    let home = try HomeFixture(["mailboxes/gateways/sms.yaml": file])
    guard case .http(let recipe, _)? = try home.load().settings.gateways["sms"]?.kind else {
      throw RecipeFault("no recipe")
    }
    return recipe
  }

  @Test("an answer ends the doubt only when a rule names it")
  func findings() throws {
    let lookup = try #require(try recipe().lookup)
    func finding(_ status: Int, _ body: String) -> LookupFinding {
      lookup.finding(in: GatewayAnswer(status: status, body: Array(body.utf8)))
    }
    if case .delivered = finding(200, #"{"state":"DELIVRD"}"#) {} else { Issue.record("delivered is not seen") }
    if case .taken = finding(200, #"{"state":"UNDELIV"}"#) {} else { Issue.record("taken is not seen") }
    if case .missing = finding(404, "no such message") {} else { Issue.record("missing is not seen") }
    for (status, body) in [(500, "oops"), (200, "<html>"), (200, #"{"state":"?"}"#), (403, "")] {
      if case .unknown = finding(status, body) {} else { Issue.record("\(status) \(body) ends the doubt") }
    }
  }

  @Test("a question that does not name the message is a fault of the file")
  func lint() throws {
    let home = try HomeFixture([
      "mailboxes/gateways/sms.yaml": Self.lookup.replacing("/message/{{url.id}}", with: "/message")
    ])
    let complaints = home.complaints()
    #expect(complaints.contains { $0.contains("never says {{encoder.id}}") }, "\(complaints)")
  }

  @Test("what was never taken is queued again, what was taken is not", arguments: Engine.available)
  func settlesDoubt(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: "+8613800000001")
      for key in ["1", "2", "3"] { try await office.promote(customer, "+8613800000001", key: key, gateway: "mail") }
      try await office.execute("UPDATE delivery SET state = 'uncertain', uncertainties = 1, attempts = 1")
      let outbox = OutboxDesk(database: office.database, settings: office.settings)
      #expect(try await outbox.settleDoubt(1, .taken("has it"), by: "sms", now: .now) == .accepted)
      #expect(try await outbox.settleDoubt(2, .missing("404"), by: "sms", now: .now) == .queued)
      #expect(try await outbox.settleDoubt(3, .unknown("?"), by: "sms", now: .now) == .uncertain)
      await #expect(throws: DeskRefusal.self) {
        try await outbox.settleDoubt(1, .missing("404"), by: "sms", now: .now)
      }
      #expect(try await office.states == [.accepted: 1, .queued: 1, .uncertain: 1])
    }
  }
}
