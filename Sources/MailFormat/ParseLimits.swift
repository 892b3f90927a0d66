/// How much of a mail the parser looks at. At a limit it keeps what it found and notes a defect.
///
/// No limit on the decoded size of an attachment is needed: base64 and quoted-printable only shrink, and attachments
/// are decoded one by one on demand. Text grows at most threefold in the conversion to UTF-8, hence `textBytes`.
package struct ParseLimits: Sendable, Hashable {
  /// Multiparts inside each other; a deeper one stays an undivided attachment.
  package var depth = 50
  /// Leaf parts; those behind are left out.
  package var parts = 1_000
  /// Bytes of header of the mail and of each part; fields behind are left out.
  package var headerBytes = 1 << 20
  /// Header fields kept; those behind are left out.
  package var headerFields = 5_000
  /// Bytes of text shown (before the conversion to UTF-8), over all parts; text behind is cut.
  package var textBytes = 16 << 20

  package init() {}

  /// Depth 50, 1,000 parts, 1 MB of header, 5,000 fields, 16 MB of text.
  package static let `default` = ParseLimits()
}
