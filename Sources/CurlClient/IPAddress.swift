import Glibc

/// An IPv4 or IPv6 address, to decide whether a request may go there.
package struct IPAddress: Sendable, Hashable {
  private enum Value: Hashable {
    case version4(UInt32)
    case version6(high: UInt64, low: UInt64)
  }

  private let value: Value

  /// Reads `192.0.2.1` and `2001:db8::1`, nothing else: no host names, no zones, no shortened IPv4.
  package init?(_ text: String) {
    var version4 = in_addr()
    var version6 = in6_addr()
    if inet_pton(AF_INET, text, &version4) == 1 {
      value = .version4(UInt32(bigEndian: version4.s_addr))
    } else if inet_pton(AF_INET6, text, &version6) == 1 {
      value = Self.words(version6)
    } else {
      return nil
    }
  }

  /// The address in a socket address; nil when that is neither IPv4 nor IPv6. As many bytes must be readable as the
  /// family needs.
  init?(_ address: UnsafeRawPointer) {
    switch Int32(address.load(as: sockaddr.self).sa_family) {
    case AF_INET:
      value = .version4(UInt32(bigEndian: address.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6: value = Self.words(address.loadUnaligned(as: sockaddr_in6.self).sin6_addr)
    default: return nil
    }
  }

  private static func words(_ address: in6_addr) -> Value {
    withUnsafeBytes(of: address) { bytes in
      .version6(
        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  /// Whether this is a unicast address of the public Internet. Everything else may lead into the operator's own
  /// network: this machine, private networks, the link with its metadata service, carriers' inner networks, and what
  /// the registries of special addresses (RFC 6890) reserve for other use.
  package var isPublic: Bool {
    switch value {
    case .version4(let address):
      !Self.reserved.contains { (address ^ $0.network) >> (32 - $0.length) == 0 }
    case .version6(let high, let low):
      // NAT64 (RFC 6052) carries an IPv4 address; all else outside 2000::/3 is no global unicast (RFC 4291 §2.4),
      // addresses mapped from IPv4 (::ffff:0:0/96) included.
      if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 {
        IPAddress(value: .version4(UInt32(low))).isPublic
      } else {
        high >> 61 == 1 && !Self.reservedPrefixes.contains { (high ^ $0.network) >> (64 - $0.length) == 0 }
      }
    }
  }

  private init(value: Value) { self.value = value }

  private static let reserved: [(network: UInt32, length: UInt32)] = [
    (0x0000_0000, 8),  // 0.0.0.0/8, this network
    (0x0A00_0000, 8),  // 10.0.0.0/8, private
    (0x6440_0000, 10),  // 100.64.0.0/10, carriers' NAT; Alibaba Cloud's metadata service
    (0x7F00_0000, 8),  // 127.0.0.0/8, loopback
    (0xA83F_8110, 32),  // 168.63.129.16, Azure's metadata service, the one with a public address
    (0xA9FE_0000, 16),  // 169.254.0.0/16, link-local; the metadata service of most clouds
    (0xAC10_0000, 12),  // 172.16.0.0/12, private
    (0xC000_0000, 24),  // 192.0.0.0/24, protocol assignments; Oracle Cloud's metadata service
    (0xC000_0200, 24),  // 192.0.2.0/24, documentation
    (0xC058_6300, 24),  // 192.88.99.0/24, 6to4 relays
    (0xC0A8_0000, 16),  // 192.168.0.0/16, private
    (0xC612_0000, 15),  // 198.18.0.0/15, benchmarks
    (0xC633_6400, 24),  // 198.51.100.0/24, documentation
    (0xCB00_7100, 24),  // 203.0.113.0/24, documentation
    (0xE000_0000, 3),  // 224.0.0.0/3, multicast, reserved, broadcast
  ]

  /// Within 2000::/3.
  private static let reservedPrefixes: [(network: UInt64, length: UInt64)] = [
    (0x2001_0000_0000_0000, 23),  // 2001::/23, protocol assignments, Teredo among them
    (0x2001_0DB8_0000_0000, 32),  // 2001:db8::/32, documentation
    (0x2002_0000_0000_0000, 16),  // 2002::/16, 6to4, which hides an IPv4 address
    (0x3FFF_0000_0000_0000, 20),  // 3fff::/20, documentation
  ]
}
