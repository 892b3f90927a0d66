internal import Crypto
internal import Foundation

/// The hash functions that vendors sign with. MD5 and SHA-1 are broken as hashes but not as HMAC; they are here because
/// vendors still send them.
package enum MessageHash: String, Sendable, CaseIterable {
  case md5, sha1, sha256, sha512

  package func digest(of message: [UInt8]) -> [UInt8] {
    switch self {
    case .md5: Array(Insecure.MD5.hash(data: message))
    case .sha1: Array(Insecure.SHA1.hash(data: message))
    case .sha256: Array(SHA256.hash(data: message))
    case .sha512: Array(SHA512.hash(data: message))
    }
  }

  /// HMAC (RFC 2104).
  package func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    let key = SymmetricKey(data: key)
    return switch self {
    case .md5: Array(HMAC<Insecure.MD5>.authenticationCode(for: message, using: key))
    case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
    case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
    case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
    }
  }

  package func code(of message: String, key: [UInt8]) -> [UInt8] { code(of: Array(message.utf8), key: key) }
}
