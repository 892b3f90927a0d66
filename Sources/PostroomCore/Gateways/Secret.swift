/// A password, token or key. Whatever prints, interpolates, dumps or mirrors it shows dots; only ``bytes`` gives it out.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The secret itself. Read it where it is used and keep no copy.
  package let bytes: [UInt8]

  package init(_ text: String) { bytes = Array(text.utf8) }
  package init(bytes: [UInt8]) { self.bytes = bytes }

  /// The secret where text is wanted.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// An empty key would let anybody sign.
  package var isEmpty: Bool { bytes.isEmpty }

  package var description: String { "•••" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// In time that does not depend on where the two differ.
  package static func == (left: Secret, right: Secret) -> Bool { equalInConstantTime(left.bytes, right.bytes) }
}

/// Whether two byte strings are the same, in time that depends on their length only: an answer's delay must not tell how
/// much of a forged signature was right.
package func equalInConstantTime(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
