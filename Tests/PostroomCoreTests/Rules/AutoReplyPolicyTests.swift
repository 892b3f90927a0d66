import PostroomCore
import Testing

@Suite("Whether a mail is answered automatically")
struct AutoReplyPolicyTests {
  private typealias Facts = AutoReplyPolicy.Facts
  private let policy = AutoReplyPolicy()
  private let now: Instant = 1_795_405_500_000
  private let day: Int64 = 86_400_000

  /// A customer's first mail, just arrived.
  private func facts(_ change: (inout Facts) -> Void = { _ in }) -> Facts {
    var facts = Facts()
    facts.arrivedAt = now
    change(&facts)
    return facts
  }

  @Test("a customer's first mail is")
  func plain() {
    #expect(policy.decision(for: facts(), now: now) == .reply)
    #expect(AutoReplyPolicy.Decision.reply.code == "answered")
  }

  /// In the order in which they are looked at.
  private var obstacles: [(ReplySuppression, (inout Facts) -> Void)] {
    [
      (.forbidden, { $0.isForbidden = true }),
      (.unsendable, { $0.isSendable = false }),
      (.notAddressed, { $0.isAddressedToMailbox = false }),
      (.alreadyPromised, { $0.hasOpenPromise = true }),
      (.tooOld, { [now, day] in $0.arrivedAt = now - 4 * day }),
      (.senderAnswered, { [now] in $0.lastReplyToSenderAt = now - 60_000 }),
      (.domainCap, { $0.repliesToDomainToday = 50 }),
      (.minuteCap, { $0.repliesThisMinute = 120 }),
    ]
  }

  @Test("each obstacle alone keeps it from being answered, and the first of several is the reason")
  func order() {
    for (index, obstacle) in obstacles.enumerated() {
      let alone = policy.decision(for: facts(obstacle.1), now: now)
      #expect(alone == .suppress(obstacle.0))
      #expect(alone.code == obstacle.0.rawValue)
      let andAllLater = facts { facts in for later in obstacles[index...] { later.1(&facts) } }
      #expect(policy.decision(for: andAllLater, now: now) == .suppress(obstacle.0))
    }
  }

  @Test("a sender who was answered exactly 24 h ago is answered again, a millisecond earlier he is not")
  func senderBoundary() {
    #expect(policy.decision(for: facts { $0.lastReplyToSenderAt = now - day }, now: now) == .reply)
    #expect(
      policy.decision(for: facts { $0.lastReplyToSenderAt = now - day + 1 }, now: now) == .suppress(.senderAnswered))
    // A clock that was set back: better one answer too few.
    #expect(
      policy.decision(for: facts { $0.lastReplyToSenderAt = now + day }, now: now) == .suppress(.senderAnswered))
  }

  @Test("a mail that is exactly 3 days old is answered, a millisecond older it is not")
  func ageBoundary() {
    #expect(policy.decision(for: facts { $0.arrivedAt = now - 3 * day }, now: now) == .reply)
    #expect(policy.decision(for: facts { $0.arrivedAt = now - 3 * day - 1 }, now: now) == .suppress(.tooOld))
    #expect(policy.decision(for: facts { $0.arrivedAt = .min }, now: now) == .suppress(.tooOld))
    #expect(policy.decision(for: facts { $0.arrivedAt = .max }, now: now) == .reply)
  }

  @Test("the caps allow as many as they say")
  func caps() {
    #expect(policy.decision(for: facts { $0.repliesToDomainToday = 49 }, now: now) == .reply)
    #expect(policy.decision(for: facts { $0.repliesThisMinute = 119 }, now: now) == .reply)
    #expect(policy.decision(for: facts { $0.repliesThisMinute = 121 }, now: now) == .suppress(.minuteCap))
  }

  @Test("public mail providers have no cap by domain, but the one by minute")
  func providers() {
    let many = facts {
      $0.isPublicMailProvider = true
      $0.repliesToDomainToday = 100_000
    }
    #expect(policy.decision(for: many, now: now) == .reply)
    var flood = many
    flood.repliesThisMinute = 120
    #expect(policy.decision(for: flood, now: now) == .suppress(.minuteCap))
    for domain in ["qq.com", "163.com", "gmail.com", "outlook.com", "icloud.com"] {
      #expect(AutoReplyPolicy.publicMailProviders.contains(domain))
    }
    #expect(AutoReplyPolicy.publicMailProviders.allSatisfy { $0 == $0.lowercased() && $0.contains(".") })
  }

  @Test("a mailbox's own limits count")
  func ownLimits() {
    var own = AutoReplyPolicy()
    own.onePerSender = 3600
    own.perDomainPerDay = 1
    own.perMinute = 1
    own.notOlderThan = 60
    #expect(own.decision(for: facts { $0.lastReplyToSenderAt = now - 3_600_000 }, now: now) == .reply)
    #expect(own.decision(for: facts { $0.repliesToDomainToday = 1 }, now: now) == .suppress(.domainCap))
    #expect(own.decision(for: facts { $0.repliesThisMinute = 1 }, now: now) == .suppress(.minuteCap))
    #expect(own.decision(for: facts { $0.arrivedAt = now - 60_001 }, now: now) == .suppress(.tooOld))
  }

  @Test("every reason has words in both languages and a code of its own")
  func words() {
    for reason in ReplySuppression.allCases {
      #expect(!reason.words[.chinese].isEmpty && !reason.words[.english].isEmpty)
      #expect(reason.words[.chinese] != reason.words[.english])
    }
    #expect(!ReplySuppression.allCases.map(\.rawValue).contains("answered"))
  }
}
