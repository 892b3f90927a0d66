/// The customers that some rows of a list speak of, as the database has them and as the rows make them. Decides row by
/// row, without the database.
struct CustomerGroup {
  /// What the import knows of one customer.
  struct Entry: Sendable, Equatable {
    /// Below zero until the database has given one.
    var id: Int64
    var reference: String?
    var name = ""
    /// As stored; other lists may speak languages that Postroom does not.
    var language: String?
    var zone: String?
    var tier = Tier.regular
    var birthday: Birthday?
    var satisfaction: Int64?
    var consents: [ConsentTopic: Bool] = [:]
  }

  /// What is to be written of a consent, with the row that proves it.
  struct Saying: Sendable, Equatable {
    var given: Bool
    var row: Int
  }

  struct SayingKey: Hashable {
    var customer: Int64
    var topic: ConsentTopic
  }

  enum Outcome: Equatable {
    case new, changed, unchanged
    case fault(CustomerFault)
  }

  /// Whether a refusal may become consent: the list's maker says that they were asked anew.
  let renewsConsents: Bool
  private var entries: [Int64: Entry] = [:]
  private var byReference: [String: Int64] = [:]
  private var byContact: [Contact: Int64] = [:]
  /// Addresses whose owners refused marketing.
  private let optedOut: Set<Contact>

  /// In the order in which they were first touched.
  private(set) var touched: [Int64] = []
  private(set) var newContacts: [(contact: Contact, customer: Int64)] = []
  private(set) var sayings: [SayingKey: Saying] = [:]
  private(set) var reopened: Set<Contact> = []
  /// Consents of the list that did not count, because the customer had refused before.
  private(set) var keptRefusals = 0
  private var isTouched: Set<Int64> = []
  private var newCount: Int64 = 0

  init(known: [Entry], contacts: [Contact: Int64], optedOut: Set<Contact>, renewsConsents: Bool) {
    self.renewsConsents = renewsConsents
    self.optedOut = optedOut
    byContact = contacts
    for entry in known {
      entries[entry.id] = entry
      if let reference = entry.reference { byReference[reference] = entry.id }
    }
  }

  func entry(_ id: Int64) -> Entry { entries[id] ?? Entry(id: id) }

  mutating func take(_ draft: CustomerDraft) -> Outcome {
    let found: Int64?
    switch match(draft) {
    case .failure(let faults): return .fault(faults.list[0])
    case .success(let id): found = id
    }
    let id = found ?? -1 - newCount
    if found == nil { newCount += 1 }
    let before = entry(id)
    var entry = before
    entry.apply(draft)
    var isChanged = entry != before
    if isChanged || found == nil {
      entries[id] = entry
      if let reference = entry.reference { byReference[reference] = id }
      if isTouched.insert(id).inserted { touched.append(id) }
    }
    for contact in draft.contacts where byContact[contact] == nil {
      byContact[contact] = id
      newContacts.append((contact, id))
      isChanged = true
    }
    for topic in ConsentTopic.all {
      guard let given = draft.consents[topic] else { continue }
      if say(given, topic, draft, of: id) { isChanged = true }
    }
    return found == nil ? .new : isChanged ? .changed : .unchanged
  }

  /// The one customer whom the row means: by reference, else by a contact; nil when nobody is known.
  private func match(_ draft: CustomerDraft) -> Result<Int64?, CustomerFaults> {
    var found = draft.reference.flatMap { byReference[$0] }
    var key = draft.reference ?? ""
    for contact in draft.contacts {
      guard let holder = byContact[contact] else { continue }
      if let other = found, other != holder {
        return .failure(
          CustomerFaults(list: [
            CustomerFault(
              row: draft.row,
              chinese: "“\(key)”属于客户 \(label(other))，“\(contact.address)”属于客户 \(label(holder))；请确认是谁",
              english: "\(key) belongs to customer \(label(other)), \(contact.address) to customer \(label(holder)): "
                + "find out who is meant")
          ]))
      }
      if found == nil { key = contact.address }
      found = holder
    }
    if let found, let reference = draft.reference, let known = entry(found).reference, known != reference {
      return .failure(
        CustomerFaults(list: [
          CustomerFault(
            row: draft.row,
            chinese: "“\(key)”属于客户 \(label(found))，编号为 \(known)，而不是 \(reference)",
            english: "\(key) belongs to customer \(label(found)), whose reference is \(known), not \(reference)")
        ]))
    }
    return .success(found)
  }

  /// `12 李雷`; one that the file itself brings has no number yet.
  private func label(_ id: Int64) -> String {
    let entry = entry(id)
    let name = entry.name.isEmpty ? entry.reference ?? "" : entry.name
    return id < 0 ? (name.isEmpty ? "?" : name) : name.isEmpty ? String(id) : "\(id) \(name)"
  }

  /// What stands already keeps its proof. A refusal stays one.
  private mutating func say(_ given: Bool, _ topic: ConsentTopic, _ draft: CustomerDraft, of id: Int64) -> Bool {
    let known = entries[id]?.consents[topic]
    let refused = draft.contacts.filter { $0.channel == topic.channel && optedOut.contains($0) }
    if given, known == false || !refused.isEmpty {
      guard renewsConsents else {
        keptRefusals += 1
        return false
      }
      reopened.formUnion(refused)
    }
    guard known != given else { return !refused.isEmpty && given }
    entries[id, default: Entry(id: id)].consents[topic] = given
    sayings[SayingKey(customer: id, topic: topic)] = Saying(given: given, row: draft.row)
    return true
  }
}

extension CustomerGroup.Entry {
  /// What the draft does not say stays.
  fileprivate mutating func apply(_ draft: CustomerDraft) {
    reference = draft.reference ?? reference
    name = draft.name ?? name
    language = draft.language?.rawValue ?? language
    zone = draft.zone ?? zone
    tier = draft.tier ?? tier
    satisfaction = draft.satisfaction ?? satisfaction
    // The same day without its year says nothing new.
    if let day = draft.birthday, day.year != nil || day.month != birthday?.month || day.day != birthday?.day {
      birthday = day
    }
  }
}
