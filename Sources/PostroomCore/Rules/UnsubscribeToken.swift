internal import Crypto
internal import Foundation

/// What a link to unsubscribe stands for: whose marketing ends, on which channel the link came, and which kinds it names.
package struct UnsubscribeToken: Sendable, Equatable {
  package var customer: Int64
  /// The channel that the link was sent by: its addresses are put on the list of those that get no marketing.
  package var channel: Channel
  package var purposes: Set<Purpose>

  package static let allMarketing = Set(Purpose.allCases.filter(\.isMarketing))

  /// Other purposes than marketing are left out: nobody can unsubscribe from the answers to his own questions.
  package init(customer: Int64, channel: Channel = .mail, purposes: Set<Purpose> = Self.allMarketing) {
    self.customer = customer
    self.channel = channel
    self.purposes = purposes.intersection(Self.allMarketing)
  }
}

/// Writes and reads tokens. A token is opaque: the payload is masked by a key stream that its own signature chooses (the
/// construction of SIV, RFC 5297), so it shows neither an address nor a customer's number, and the same link is the same
/// in every mail. 36 letters and digits: the local part of an address has room for them (64, RFC 5321 §4.5.3.1.1).
package struct UnsubscribeSigner: Sendable {
  private struct Key: Sendable {
    var id: UInt8
    var signing: SymmetricKey
    var masking: SymmetricKey

    init(_ secret: [UInt8]) {
      func derived(_ purpose: String, _ length: Int) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
          inputKeyMaterial: SymmetricKey(data: secret), info: Data("postroom unsubscribe \(purpose)".utf8),
          outputByteCount: length)
      }
      signing = derived("signing", 32)
      masking = derived("masking", 32)
      id = derived("key id", 1).withUnsafeBytes { $0[0] }
    }
  }

  private let key: Key
  /// 96 bits: guessing is out of reach, whatever the number of tries.
  private static let signatureLength = 12
  private static let payloadLength = 9
  private static let textLength = ((1 + signatureLength + payloadLength) * 8 + 4) / 5

  /// `secret`: the signing key of the settings. Links in mails of past years must work, so it stays for good.
  package init(secret: [UInt8]) { key = Key(secret) }

  /// The token in lower-case letters and digits.
  package func text(of token: UnsubscribeToken) -> String { Base32.encoded(bytes(of: Self.payload(of: token))) }

  /// What a token stands for; nil when it is not one of ours, in either case of its letters.
  package func token(_ text: some StringProtocol) -> UnsubscribeToken? {
    guard text.utf8.count == Self.textLength, let bytes = Base32.decoded(text.utf8), bytes[0] == key.id else {
      return nil
    }
    let signature = bytes[1...].prefix(Self.signatureLength)
    let payload = zip(bytes.suffix(Self.payloadLength), mask(Array(signature))).map { $0 ^ $1 }
    // All of the text is compared, so a token has one spelling beside its case.
    let genuine = Base32.encoded(self.bytes(of: payload))
    let lowered = text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    return equalInConstantTime(genuine.utf8, lowered) ? Self.token(ofPayload: payload) : nil
  }

  private func bytes(of payload: [UInt8]) -> [UInt8] {
    let code = Array(HMAC<SHA256>.authenticationCode(for: [key.id] + payload, using: key.signing))
    let signature = Array(code.prefix(Self.signatureLength))
    return [key.id] + signature + zip(payload, mask(signature)).map { $0 ^ $1 }
  }

  private func mask(_ signature: [UInt8]) -> [UInt8] {
    Array(Array(HMAC<SHA256>.authenticationCode(for: signature, using: key.masking)).prefix(Self.payloadLength))
  }

  /// A byte of channel (bit 0) and purposes (from bit 1), then the customer's row, big endian. The order of both lists is
  /// part of the format.
  private static func payload(of token: UnsubscribeToken) -> [UInt8] {
    var flags: UInt8 = token.channel == .sms ? 1 : 0
    for (bit, purpose) in listed.enumerated() where token.purposes.contains(purpose) { flags |= 2 << UInt8(bit) }
    return [flags] + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: token.customer >> $0) }
  }

  private static func token(ofPayload payload: [UInt8]) -> UnsubscribeToken {
    let purposes = listed.enumerated().filter { payload[0] & 2 << UInt8($0.offset) != 0 }.map(\.element)
    return UnsubscribeToken(
      customer: payload.dropFirst().reduce(0) { $0 << 8 | Int64($1) }, channel: payload[0] & 1 == 1 ? .sms : .mail,
      purposes: Set(purposes))
  }

  private static let listed: [Purpose] = [.greeting, .promotion, .survey]
}
