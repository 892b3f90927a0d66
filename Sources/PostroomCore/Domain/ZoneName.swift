internal import Foundation

/// Names of time zones as the IANA database spells them: `Asia/Shanghai`.
package enum ZoneName {
  private static let known: [String: String] = Dictionary(
    TimeZone.knownTimeZoneIdentifiers.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })

  /// The zone's right spelling, whatever the case; former names (`Asia/Chongqing`) stay as they are. Nil for anything
  /// else, also for offsets (`GMT+8`): they know no summer time.
  package static func canonical(_ text: String) -> String? {
    guard text.utf8.count <= 64 else { return nil }
    let key = text.lowercased()
    if key == "utc" || key == "gmt" { return "UTC" }
    if let name = known[key] { return name }
    // The name becomes a path below /usr/share/zoneinfo.
    let isName = text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte | 0x20) || byte == 0x2F || byte == 0x5F || byte == 0x2D
    }
    return isName && key.contains("/") && TimeZone(identifier: text) != nil ? text : nil
  }

  private static let cities: [String: String] = Dictionary(
    known.values.sorted().map { ($0.split(separator: "/").last?.lowercased() ?? "", $0) },
    uniquingKeysWith: { first, _ in first })

  /// The zone that a city gives its name to: `Shanghai`, `New York`.
  package static func ofCity(_ text: String) -> String? {
    text.utf8.count > 64 ? nil : cities[text.lowercased().replacing(" ", with: "_")]
  }

  /// A known zone that may have been meant.
  package static func nearest(_ text: String) -> String? {
    ofCity(text)
      ?? SettingsReader.nearest(text.lowercased(), known.keys.filter { $0.contains("/") }.sorted()).flatMap {
        known[$0]
      }
  }
}
