import Foundation
import Testing

/// What the outbox promises, held against what providers that misbehave really stored: the program as a user runs it,
/// a thousand messages for each kind of trouble.
@Suite(
  "The outbox keeps its word", .timeLimit(.minutes(10)),
  .enabled(if: ProcessInfo.processInfo.environment["POSTROOM_TEST_FAULTS"] != nil))
struct OutboxFaultTests {
  private static let count = 1000

  // MARK: SMS

  /// After these the provider may have the message, whatever the ledger says: its client cannot know.
  private static let doubtfulSMS: Set = [
    "500", "500stored", "504stored", "hang", "hangstored", "reset", "resetstored", "close", "closestored", "cut",
    "drip", "json", "html", "empty", "binary", "huge",
  ]
  private static let refusals: Set = ["429", "429date", "503"]

  @Test(
    "an SMS is stored once or never, and its state says what is known of it",
    arguments: ["ok", "random:0.3:7"] + refusals.sorted() + doubtfulSMS.map { $0 + ":0.2:7" }.sorted())
  func sms(mode: String) async throws {
    try await Turns.shared.take {
      let house = try await FaultHouse()
      try await house.enqueue(Self.count, "sms")
      let server = try await house.server(.http, mode, rest: ["--once"])
      #expect(try await house.sendAll())
      try await server.stop()
      let messages = try await house.messages
      let requests = Dictionary(grouping: try server.ledger, by: \.reference)
      #expect(messages.count == Self.count && Set(requests.keys) == Set(messages.keys))
      for (reference, message) in messages {
        if let fault = Self.fault(message, requests[reference, default: []]) {
          Issue.record("\(reference): \(fault): \(message)")
        }
      }
      let met = requests.values.count { $0.contains { $0.mode != "ok" } }
      #expect(mode == "ok" || met > Self.count / 10, "the fault must have been met")
      let accepted = messages.values.count { $0.state == "accepted" }
      let stored = requests.values.joined().count { $0.isStored && $0.mode == "ok" }
      #expect(accepted == stored)
    }
  }

  /// What is wrong with one SMS; nil when all is well.
  private static func fault(_ message: FaultHouse.Message, _ requests: [FaultServer.Entry]) -> String? {
    let stored = requests.count(where: \.isStored)
    guard let last = requests.last else { return "it was lost" }
    if stored > 1 { return "it was stored \(stored) times" }
    if message.attempts != requests.count { return "\(requests.count) requests came" }
    if message.reason.isEmpty { return "it has no reason" }
    // A refusal comes again, not before it may; what is in doubt does not.
    for (request, next) in zip(requests, requests.dropFirst()) {
      guard refusals.contains(request.mode) else { return "it was sent again after \(request.mode)" }
      let pause = request.mode == "503" ? 0.6 : 2
      if next.seconds - request.seconds < pause { return "it was sent again too early after \(request.mode)" }
    }
    switch message.state {
    case "accepted": return last.mode == "ok" ? nil : "the last answer was \(last.mode)"
    case "uncertain": return doubtfulSMS.contains(last.mode) ? nil : "the last answer was \(last.mode)"
    default: return "a wrong state"
    }
  }

  @Test("a provider that loses every answer is left alone soon: few SMS are in doubt, and the others go out later")
  func allAnswersLost() async throws {
    try await Turns.shared.take {
      let house = try await FaultHouse(connections: 8)
      try await house.enqueue(Self.count, "sms")
      let silent = try await house.server(.http, "hangstored")
      // Each further run is a try with one message.
      for _ in 0..<3 {
        try await house.sendOnce()
        try await Task.sleep(for: .seconds(1))
      }
      try await silent.stop()
      let doubtful = try await house.messages.values.count { $0.state == "uncertain" }
      #expect(try silent.ledger.count == doubtful)
      // Those under way when the fifth was lost, and one in each further run.
      #expect((8...14).contains(doubtful))
      #expect(try await house.messages.values.allSatisfy { $0.state == "uncertain" || $0.attempts == 0 })
      let healthy = try await house.server(.http, "ok")
      #expect(try await house.sendAll())
      try await healthy.stop()
      #expect(try await house.messages.values.count { $0.state == "accepted" } == Self.count - doubtful)
      #expect(try healthy.ledger.count == Self.count)
    }
  }

  // MARK: Gateways that cannot be used

  @Test(
    "a gateway that cannot be used is paused, no attempt counts, and nothing is lost",
    arguments: ["sms is down", "sms redirect", "mail is down"])
  func unusable(trouble: String) async throws {
    try await Turns.shared.take {
      let words = trouble.split(separator: " ").map(String.init)
      let kind: FaultServer.Kind = words[0] == "sms" ? .http : .smtp
      let house = try await FaultHouse()
      try await house.enqueue(Self.count, words[0])
      let elsewhere = try await house.bystander()
      var faulty: FaultServer?
      if words[1] != "is" {
        let redirect = kind == .http ? ["--elsewhere", "\(elsewhere.port)"] : []
        faulty = try await house.server(kind, words[1], rest: redirect)
      }
      try await house.sendOnce()
      try await faulty?.stop()
      let messages = try await house.messages
      #expect(messages.values.allSatisfy { ["queued", "deferred"].contains($0.state) && $0.attempts == 0 })
      #expect(messages.values.allSatisfy { $0.state == "queued" || !$0.reason.isEmpty })
      #expect(try await house.number("SELECT COUNT(*) FROM gateway WHERE paused_until > last_error_at") == 1)
      #expect(try await house.number("SELECT COUNT(*) FROM attempt") == 0)
      let healthy = try await house.server(kind, "ok")
      #expect(try await house.sendAll())
      try await healthy.stop()
      #expect(try await house.messages.values.allSatisfy { $0.state == "accepted" && $0.attempts == 1 })
      let stored = try healthy.ledger.filter(\.isStored)
      #expect(stored.count == Self.count && Set(stored.map(\.reference)) == Set(messages.keys))
      #expect(try elsewhere.ledger.isEmpty, "redirects are not followed")
    }
  }

  // MARK: Mail

  /// The connection ended, or said nothing, after the mail's end had left.
  private static let doubtfulMail: Set = ["dropmid", "dropdot", "okrst", "hangdot", "slowdot"]
  /// These come before the server knows the recipient, so they are for all.
  private static let earlyRefusals: Set = ["greet421", "mail550"]

  @Test(
    "a mail is stored once, twice only when an answer was lost, and its state says what is known of it",
    arguments: ["ok", "random:0.3:7", "rcpt450", "rcpt550", "data451", "dot451", "dot550", "okdrop", "ok_noquit"]
      + earlyRefusals.sorted() + doubtfulMail.sorted())
  func mail(mode: String) async throws {
    try await Turns.shared.take {
      let isRandom = mode.hasPrefix("random")
      let isForAll = isRandom || Self.earlyRefusals.contains(mode)
      let house = try await FaultHouse()
      try await house.enqueue(Self.count, "mail", special: isForAll ? "r" : "first+\(mode)")
      let server = try await house.server(.smtp, isForAll ? mode : "ok")
      #expect(try await house.sendAll())
      try await server.stop()
      let messages = try await house.messages
      let transactions = Dictionary(grouping: try server.ledger, by: \.reference)
      #expect(messages.count == Self.count)
      #expect(Set(messages.keys).isSuperset(of: transactions.keys), "a mail keeps its Message-ID")
      for (reference, message) in messages {
        if let fault = Self.fault(message, sent: transactions[reference, default: []]) {
          Issue.record("\(reference): \(fault): \(message)")
        }
      }
      guard !isRandom else { return }
      let refused = Self.earlyRefusals.contains(mode) ? Self.count : mode.hasSuffix("550") ? Self.count / 5 : 0
      #expect(messages.values.count { $0.state == "rejected" } == refused)
      #expect(messages.values.count { $0.state == "accepted" } == Self.count - refused)
      let doubts = messages.values.map(\.uncertainties).reduce(0, +)
      #expect(doubts == (Self.doubtfulMail.contains(mode) ? Self.count / 5 : 0))
    }
  }

  /// What is wrong with one mail; nil when all is well.
  private static func fault(_ message: FaultHouse.Message, sent: [FaultServer.Entry]) -> String? {
    let stored = sent.count(where: \.isStored)
    let doubts = sent.count { doubtfulMail.contains($0.mode) }
    if message.reason.isEmpty { return "it has no reason" }
    if stored > 1 + message.uncertainties { return "it was stored \(stored) times" }
    if message.uncertainties != doubts { return "\(doubts) answers were lost" }
    switch message.state {
    case "accepted": return sent.last?.isStored == true ? nil : "it is not stored"
    case "uncertain": return doubts == 2 && doubtfulMail.contains(sent.last?.mode ?? "") ? nil : "nothing is in doubt"
    case "rejected": return stored == 0 || doubts > 0 ? nil : "it is stored"
    default: return "a wrong state"
    }
  }
}

/// A few houses at a time: more would only wait for one another until their messages run out of time.
private actor Turns {
  static let shared = Turns()
  private var free = 5
  private var waiting: [CheckedContinuation<Void, Never>] = []

  nonisolated func take(_ work: () async throws -> Void) async throws {
    await begin()
    let result: Result<Void, any Error>
    do { result = .success(try await work()) } catch { result = .failure(error) }
    await end()
    try result.get()
  }

  private func begin() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func end() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
