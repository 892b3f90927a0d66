/// One thing that is wrong with settings, mailboxes, gateways or templates: what, where, and what to do.
package struct Problem: Sendable, Equatable, CustomStringConvertible {
  package enum Severity: String, Sendable { case error, warning }

  package var severity: Severity
  /// Path as the person who started Postroom would write it.
  package var file: String
  /// From 1; nil when the whole file is meant.
  package var line: Int?
  package var message: String
  package var advice: String?

  package init(
    _ message: String, file: String, line: Int? = nil, advice: String? = nil, severity: Severity = .error
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.message = message
    self.advice = advice
  }

  /// `mailboxes/support.yaml:7: error: … — do this`.
  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(severity.rawValue): \(message)" + (advice.map { " — \($0)" } ?? "")
  }
}

/// Everything that is wrong, found in one run: nothing starts half-configured.
package struct Problems: Error, Sendable, CustomStringConvertible {
  package var list: [Problem]
  package init(_ list: [Problem]) { self.list = list }
  package var hasErrors: Bool { list.contains { $0.severity == .error } }
  package var description: String { list.map(\.description).joined(separator: "\n") }
}
