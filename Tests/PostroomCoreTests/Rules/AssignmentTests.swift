import Testing

@testable import PostroomCore

@Suite("Who owns a new conversation")
struct AssignmentTests {
  private func candidate(
    _ agent: Int64, open: Int64 = 0, today: Int64 = 0, capacity: Int64 = 50, available: Bool = true, last: Instant = 0
  ) -> Assignment.Candidate {
    .init(
      agent: agent, isAvailable: available, open: open, assignedToday: today, capacity: capacity, lastAssignedAt: last)
  }

  private func owner(_ team: [Assignment.Candidate], previous: Int64? = nil) -> Assignment.Choice {
    Assignment.owner(among: team, previous: previous, fallback: 99)
  }

  @Test("the one with the fewest waiting, wherever he stands")
  func leastLoaded() {
    let team = [candidate(1, open: 3), candidate(2, open: 1), candidate(3, open: 2)]
    #expect(owner(team) == .init(agent: 2, reason: .leastLoaded))
    #expect(owner(team.reversed()) == .init(agent: 2, reason: .leastLoaded))
  }

  @Test("among equals the one whose turn it is, then the first by number")
  func ties() {
    #expect(owner([candidate(1, last: 20), candidate(2, last: 10), candidate(3, last: 30)]).agent == 2)
    #expect(owner([candidate(3, last: 10), candidate(2, last: 10)]).agent == 2)
    // Who has less to do goes before whose turn it is.
    #expect(owner([candidate(1, open: 1, last: 0), candidate(2, open: 0, last: 99)]).agent == 2)
  }

  @Test("nobody who is away, however idle")
  func absence() {
    #expect(owner([candidate(1, available: false), candidate(2, open: 40)]).agent == 2)
  }

  @Test("nobody beyond his capacity of the day: the last one counts, the next does not")
  func capacity() {
    let almost = candidate(1, today: 49)
    let full = candidate(1, today: 50)
    #expect(owner([almost, candidate(2, open: 9)]).agent == 1)
    #expect(owner([full, candidate(2, open: 9)]).agent == 2)
    #expect(owner([candidate(1, today: 51), candidate(2, open: 9)]).agent == 2)
  }

  @Test("a returning customer keeps his owner, however much that one has to do")
  func returning() {
    let team = [candidate(1, open: 30), candidate(2)]
    #expect(owner(team, previous: 1) == .init(agent: 1, reason: .returning))
  }

  @Test("unless that one is away, full, or of the team no more")
  func returningElsewhere() {
    let expected = Assignment.Choice(agent: 2, reason: .leastLoaded)
    #expect(owner([candidate(1, available: false), candidate(2)], previous: 1) == expected)
    #expect(owner([candidate(1, today: 50), candidate(2)], previous: 1) == expected)
    #expect(owner([candidate(2)], previous: 1) == expected)
  }

  @Test("the fallback owner when nobody can take it, even one who is full himself")
  func fallback() {
    let expected = Assignment.Choice(agent: 99, reason: .fallback)
    #expect(owner([]) == expected)
    #expect(owner([candidate(1, available: false), candidate(2, today: 50)]) == expected)
    #expect(owner([candidate(1, available: false)], previous: 1) == expected)
    #expect(owner([candidate(99, today: 50)]) == expected)
  }

  @Test("a day's mail is spread evenly and nobody gets more than his capacity")
  func spread() {
    var team = (1...4).map { candidate($0, capacity: 50) }
    var byFallback = 0
    for time in 0..<230 {
      let choice = owner(team)
      guard let index = team.firstIndex(where: { $0.agent == choice.agent }) else {
        byFallback += 1
        continue
      }
      team[index].open += 1
      team[index].assignedToday += 1
      team[index].lastAssignedAt = Instant(time)
      #expect((team.map(\.open).max() ?? 0) - (team.map(\.open).min() ?? 0) <= 1)
    }
    #expect(team.allSatisfy { $0.assignedToday == 50 })
    #expect(byFallback == 30)
  }

  @Test("every reason has words in both languages")
  func words() {
    for reason in OwnerReason.allCases {
      #expect(!reason.words[.chinese].isEmpty && !reason.words[.english].isEmpty)
    }
  }
}
