/// Lengths of time as settings write them and people read them.
package enum TimeSpan {
  private static let units: [(Character, Seconds)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  /// From `30s`, `15m`, `24h`, `3d` or a sum such as `1h30m`; nil when it is anything else or exceeds 100 years.
  package static func seconds(_ text: String) -> Seconds? {
    var total: Seconds = 0
    var digits = ""
    for character in text {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      guard let unit = units.first(where: { $0.0 == character }), let count = Seconds(digits), count < 1_000_000_000,
        total <= 36_525 * 86_400
      else {
        return nil
      }
      total += count * unit.1
      digits = ""
    }
    return digits.isEmpty && !text.isEmpty && total <= 36_525 * 86_400 ? total : nil
  }

  /// `90` → `1m30s`, the form that ``seconds(_:)`` reads.
  package static func words(_ seconds: Seconds) -> String {
    if seconds % 3600 == 0, seconds > 0, seconds <= 72 * 3600 { return "\(seconds / 3600)h" }
    var rest = seconds
    var result = ""
    for (symbol, length) in units where rest >= length {
      result += "\(rest / length)\(symbol)"
      rest %= length
    }
    return result.isEmpty ? "0s" : result
  }
}
