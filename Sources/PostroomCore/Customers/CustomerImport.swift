package import SQLAccess

/// What became of the rows of a list.
package struct CustomerTally: Sendable, Equatable {
  package var rows = 0
  package var new = 0
  package var changed = 0
  package var unchanged = 0
  package var faulty = 0
  /// Consents that did not count, because the customer had refused before.
  package var keptRefusals = 0
  /// The first ones.
  package var faults: [CustomerFault] = []

  private static let shownFaults = 20

  mutating func add(_ outcome: CustomerGroup.Outcome) {
    rows += 1
    switch outcome {
    case .new: new += 1
    case .changed: changed += 1
    case .unchanged: unchanged += 1
    case .fault(let fault): add([fault])
    }
  }

  mutating func add(_ list: [CustomerFault]) {
    faulty += 1
    faults += list.prefix(max(0, Self.shownFaults - faults.count))
  }
}

/// Brings a list of customers into the database, group by group; each is one transaction. A faulty row is told and the
/// next one read. The same list again changes nothing.
package struct CustomerImport: Sendable {
  /// Proof of consents, together with the row: the file's name, or what the operator says.
  package var source: String
  /// Looks only.
  package var isDryRun = false
  /// The operator says that customers who had refused were asked anew.
  package var renewsConsents = false
  /// Where faulty rows go, to be mended; nil for nowhere.
  package var errorsPath: String?
  package var language: Language

  package init(source: String, language: Language) {
    self.source = source
    self.language = language
  }

  private static let attempts = 3

  /// Throws ``CustomerFileProblem`` when a file cannot be read or written, or SQLError.
  package func run(
    _ list: CustomerList, from path: String, into database: Database, now: Instant,
    progress: (CustomerTally) -> Void = { _ in }
  ) async throws -> CustomerTally {
    let reader = CustomerRowReader(columns: list.columns, now: now)
    let faulty = try errorsPath.map {
      try FaultyRows(path: $0, list: path, columns: list.columns, language: language)
    }
    var tally = CustomerTally()
    var seen = SeenCustomers()
    while true {
      let rows = try list.rows()
      if rows.isEmpty { return tally }
      var drafts: [CustomerDraft] = []
      var faults: [Int: [CustomerFault]] = [:]
      for row in rows {
        switch reader.draft(row, text: list.file.text) {
        case .success(let draft): drafts.append(draft)
        case .failure(let found): faults[row.number] = found.list
        case nil: break
        }
      }
      let group = try await take(drafts, into: database, now: now)
      tally.keptRefusals += group.keptRefusals
      for (draft, outcome) in zip(drafts, group.outcomes) {
        if case .fault(let fault) = outcome {
          faults[draft.row] = [fault]
        } else {
          // A list may name a new customer twice; a dry run has not written the first.
          tally.add(isDryRun && seen.isAgain(draft, outcome) ? .changed : outcome)
        }
      }
      for row in rows {
        guard let found = faults[row.number] else { continue }
        tally.rows += 1
        tally.add(found)
        try faulty?.add(row, of: list.file, faults: found)
      }
      progress(tally)
    }
  }

  private struct Taken: Sendable {
    var outcomes: [CustomerGroup.Outcome]
    var keptRefusals: Int
  }

  private func take(_ drafts: [CustomerDraft], into database: Database, now: Instant) async throws -> Taken {
    let (renews, source, isDryRun) = (renewsConsents, source, isDryRun)
    if drafts.isEmpty { return Taken(outcomes: [], keptRefusals: 0) }
    if isDryRun {
      return try await database.read { tx in
        var group = try tx.customerGroup(for: drafts, renewsConsents: renews, isWriting: false)
        return Taken(outcomes: drafts.map { group.take($0) }, keptRefusals: group.keptRefusals)
      }
    }
    var attempt = 1
    while true {
      let isAlone = attempt > 1
      do {
        return try await database.write { tx in
          try tx.lock("customer import")
          if isAlone { try tx.lockContacts() }
          var group = try tx.customerGroup(for: drafts, renewsConsents: renews, isWriting: true)
          let outcomes = drafts.map { group.take($0) }
          try tx.save(group, source: source, now: now)
          return Taken(outcomes: outcomes, keptRefusals: group.keptRefusals)
        }
      } catch  where attempt < Self.attempts && Self.isRace(error) {
        // A mail of one of these people came in at the same time; the next has to wait.
        attempt += 1
      }
    }
  }

  private static func isRace(_ error: any Error) -> Bool {
    error is CustomersChanged || (error as? SQLError)?.kind == .unique
  }
}

/// The new customers of a dry run, by fingerprints of what names them: 8 bytes each.
private struct SeenCustomers {
  private var keys: Set<Int> = []

  mutating func isAgain(_ draft: CustomerDraft, _ outcome: CustomerGroup.Outcome) -> Bool {
    guard outcome == .new else { return false }
    var isAgain = false
    for contact in draft.contacts where !keys.insert(contact.hashValue).inserted { isAgain = true }
    if let reference = draft.reference, !keys.insert(reference.hashValue).inserted { isAgain = true }
    return isAgain
  }
}
