/// The recipients of a bounce, each once, in the order in which they were found.
struct RecipientList {
  static let limit = 1_000

  private(set) var entries: [BounceReport.Recipient] = []
  /// The place of each address, in lower case.
  private var places: [String: Int] = [:]

  /// Whether some recipient has an address.
  var isNamed: Bool { entries.contains { !$0.address.isEmpty } }

  /// The place of an address in any case of letters.
  func place(of address: String) -> Int? { places[address.asciiLowercased] }

  /// Adds a recipient, or what is new about a known one. Recipients without an address are one.
  mutating func add(_ entry: BounceReport.Recipient) {
    let key = entry.address.asciiLowercased
    if let known = places[key] {
      entries[known].complete(with: entry)
    } else if entries.count < Self.limit {
      places[key] = entries.count
      entries.append(entry)
    }
  }

  /// Adds addresses that came without status. The status of a recipient without an address belongs to the only one.
  mutating func add(_ addresses: [String]) {
    let nameless = places[""].map { entries[$0] }
    if nameless != nil, !isNamed, !addresses.isEmpty { self = RecipientList() }
    for address in addresses { add(BounceReport.Recipient(address: address)) }
    if let nameless, entries.count == 1, isNamed { entries[0].complete(with: nameless) }
  }

  subscript(place: Int) -> BounceReport.Recipient {
    get { entries[place] }
    set { entries[place] = newValue }
  }
}

extension BounceReport.Recipient {
  /// Takes over what is not known yet.
  fileprivate mutating func complete(with other: Self) {
    action = action ?? other.action
    status = status ?? other.status
    replyCode = replyCode ?? other.replyCode
    diagnostic = diagnostic ?? other.diagnostic
  }
}
