/// A folder name as the wire wants it: modified UTF-7 (RFC 3501 §5.1.3). The result is printable ASCII.
func modifiedUTF7(_ name: String) -> String {
  var result = ""
  var pending: [UInt16] = []
  for scalar in name.unicodeScalars {
    if (0x20...0x7e).contains(scalar.value) {
      appendShifted(&pending, to: &result)
      result.unicodeScalars.append(scalar)
      if scalar == "&" { result.append("-") }
    } else {
      pending.append(contentsOf: UTF16.encode(scalar).map { Array($0) } ?? [])
    }
  }
  appendShifted(&pending, to: &result)
  return result
}

private func appendShifted(_ units: inout [UInt16], to result: inout String) {
  guard !units.isEmpty else { return }
  let bytes = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
  let text = base64(bytes).map { $0 == "/" ? "," : $0 }
  result += "&" + String(text.filter { $0 != "=" }) + "-"
  units = []
}

/// Base64 with padding (RFC 4648 §4), as SASL wants it.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var result: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let padded = Array(group) + [0, 0]
    let bits = Int(padded[0]) << 16 | Int(padded[1]) << 8 | Int(padded[2])
    for place in 0..<4 {
      result.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: result, as: UTF8.self)
}

/// `text` as an IMAP quoted string (RFC 3501 §4.3).
func quoted(_ text: String) -> String {
  "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
}
