/// What a run of the dispatcher did.
package struct DispatchTally: Sendable, Equatable {
  package var sent = 0
  package var accepted = 0
  package var deferred = 0
  package var rejected = 0
  package var uncertain = 0
  package var expired = 0
  package var held = 0
  package var suppressed = 0
  package init() {}

  mutating func count(_ settlement: Settlement) {
    sent += 1
    if settlement.isUncertain { uncertain += 1 }
    switch settlement.state {
    case .accepted: accepted += 1
    case .deferred where !settlement.isUncertain: deferred += 1
    case .rejected: rejected += 1
    case .expired: expired += 1
    default: break
    }
  }

  mutating func count(_ stopped: [DeliveryState: Int]) {
    held += stopped[.held, default: 0]
    suppressed += stopped[.suppressed, default: 0]
    expired += stopped[.expired, default: 0]
  }
}
