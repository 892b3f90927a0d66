/// An address of RFC 5322 §3.4: who (for people) and where (for machines).
package struct MailAddress: Sendable, Hashable {
  /// The display name, decoded; empty when there is none.
  package var name: String
  /// The addr-spec as written, its domain in lower case; a bare word when the field holds no address.
  package var address: String

  package init(name: String = "", address: String) {
    self.name = name
    self.address = Self.loweringDomain(address)
  }

  /// The key under which two spellings of an address are the same: all in lower case.
  package var normalized: String { address.lowercased() }

  /// What stands behind the last `@`, empty when there is none.
  package var domain: String { address.split(at: ASCII.at)?.after ?? "" }

  /// What stands before the last `@`, as written; the whole when there is none.
  package var localPart: String { address.split(at: ASCII.at)?.before ?? address }

  /// Whether a mail can be sent there by any server: ASCII only, dot-atom or quoted local part of at most 64 bytes,
  /// a domain of letters, digits and hyphens (RFC 5321 §4.1.2, §4.5.3.1).
  ///
  /// Addresses with other characters need SMTPUTF8 (RFC 6531) at every hop, which nobody can promise; they are refused.
  /// A domain written in punycode (`xn--`) passes. Address literals (`[192.0.2.1]`) are refused.
  package var isSendable: Bool {
    guard address.utf8.count <= 254, let (local, domain) = address.split(at: ASCII.at) else { return false }
    return Self.isLocalPart(Array(local.utf8)) && Self.isDomain(domain)
  }

  /// The addresses of a field like To or From. Groups are flattened, comments serve as names, and broken lists give
  /// what can be told apart.
  package static func list(_ field: [UInt8]) -> [MailAddress] {
    field.withUnsafeBufferPointer { bytes in
      var parser = AddressListParser(bytes: bytes)
      return parser.run()
    }
  }

  private static func loweringDomain(_ address: String) -> String {
    guard let (local, domain) = address.split(at: ASCII.at) else { return address }
    return local + "@" + domain.lowercased()
  }

  private static func isLocalPart(_ local: [UInt8]) -> Bool {
    guard !local.isEmpty, local.count <= 64 else { return false }
    if local.count >= 3, local[0] == ASCII.quote, local[local.count - 1] == ASCII.quote {
      var isEscaped = false
      for byte in local[1..<(local.count - 1)] {
        guard byte >= ASCII.space, byte < 127 else { return false }
        if !isEscaped, byte == ASCII.quote { return false }
        isEscaped = !isEscaped && byte == ASCII.backslash
      }
      return !isEscaped
    }
    let atoms = local.split(separator: ASCII.dot, omittingEmptySubsequences: false)
    return atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomCharacter) }
  }

  private static func isDomain(_ domain: String) -> Bool {
    let labels = domain.utf8.split(separator: ASCII.dot, omittingEmptySubsequences: false)
    return domain.utf8.count <= 253
      && labels.allSatisfy { label in
        !label.isEmpty && label.count <= 63 && label.first != ASCII.dash && label.last != ASCII.dash
          && label.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.dash }
      }
  }

  /// `atext` of RFC 5322 §3.2.3.
  static func isAtomCharacter(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
  }
}

extension String {
  /// The parts around the last `byte`; nil when it does not occur.
  fileprivate func split(at byte: UInt8) -> (before: String, after: String)? {
    utf8.lastIndex(of: byte).map { (String(self[..<$0]), String(self[utf8.index(after: $0)...])) }
  }
}
