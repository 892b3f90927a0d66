import Crypto
import Foundation

/// Draws mails for a look by a person, under a key of its own: who writes a mail cannot tell whether it will be drawn.
package struct AuditLot: Sendable {
  private let key: SymmetricKey

  /// `secret`: the signing key of the settings.
  package init(secret: [UInt8]) {
    let code = HMAC<SHA256>.authenticationCode(for: Data("audit".utf8), using: SymmetricKey(data: secret))
    key = SymmetricKey(data: Data(code))
  }

  /// Whether the mail is one of the `share` (0…1) that is drawn; the same for the same mail.
  package func draws(_ fingerprint: [UInt8], share: Double) -> Bool {
    let code = HMAC<SHA256>.authenticationCode(for: fingerprint, using: key)
    let number = code.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Double(number) < share * 4_294_967_296
  }
}
