/// Something wrong with a mail that the parser survived. A mail has defects, never errors.
package enum MailDefect: Sendable, Hashable, CustomStringConvertible {
  /// A line in the header that is no field.
  case badHeaderLine
  /// More header than the limit; the rest was left out.
  case headerTooLong
  /// The body starts without the empty line that ends a header.
  case missingHeaderEnd
  /// A multipart that names no boundary, or one that does not occur.
  case missingBoundary
  /// A multipart that ends without its closing boundary.
  case unclosedMultipart
  /// Multiparts nested deeper than the limit.
  case tooDeep
  /// More parts than the limit; the rest was left out.
  case tooManyParts
  /// More text than the limit; the rest was cut.
  case textTooLong
  /// A character set nobody knows, or text that contradicts the one named.
  case doubtfulCharset(String)
  /// Bytes that mean nothing in the character set; they show as U+FFFD.
  case undecodableText
  /// Encrypted (RFC 8551, RFC 3156): only the holder of the key can read it.
  case encrypted
  /// One piece of a mail that was sent in several (RFC 2046 §5.2.2).
  case partial(number: String, total: String)
  /// No From field with an address in it.
  case missingSender
  /// A Date field that is no date.
  case badDate

  /// One English sentence for the person who looks at the mail.
  package var description: String {
    switch self {
    case .badHeaderLine: "A line in the header is not a header field and was skipped."
    case .headerTooLong: "The header is longer than allowed; the rest of it was left out."
    case .missingHeaderEnd: "The empty line between header and text is missing."
    case .missingBoundary: "The mail claims to have several parts but does not separate them as announced."
    case .unclosedMultipart: "The mail seems to be cut off: the end of its last part is missing."
    case .tooDeep: "Parts are nested deeper than allowed; the inner ones are kept as one attachment."
    case .tooManyParts: "The mail has more parts than allowed; the rest was left out."
    case .textTooLong: "The text is longer than allowed; the rest was cut."
    case .doubtfulCharset(let label): "The character set “\(label)” does not fit the text; it was guessed."
    case .undecodableText: "Some characters could not be decoded and show as \u{FFFD}."
    case .encrypted: "The mail is encrypted; it can only be read with the recipient's key."
    case .partial(let number, let total): "This is piece \(number) of \(total) of a mail; the others came apart."
    case .missingSender: "The mail names no sender address."
    case .badDate: "The date of the mail cannot be read."
    }
  }
}
