/// What the reader of tags hands to the tree builder: a small document of known tags and numbered pieces, and the
/// attributes and texts themselves.
struct MarkupOutline {
  struct Tag {
    /// Where the tag stands in `markup`.
    var offset: UInt32
    var element: HTMLElement
    var firstAttribute: UInt32
    var attributeCount: UInt32
  }

  /// A text, or an element without content that a parser treats just as text (`br`, `img`, `wbr`).
  struct Piece {
    var element = HTMLElement.text
    /// Of a text: its range of `content`; of an element: its attributes.
    var start: UInt32
    var length: UInt32
  }

  struct Attribute: Sendable {
    var name: HTMLAttribute
    var start: UInt32
    var length: UInt32
  }

  /// For gumbo: tags without attributes, each piece as a `PieceCode`, white space between tags as one blank.
  var markup: [UInt8] = Array("<body>".utf8)
  /// In the order of their offsets.
  var tags: [Tag] = []
  var pieces: [Piece] = []
  /// One blank.
  var blank = Piece(start: 0, length: 0)
  var attributes: [Attribute] = []
  /// The text of the `style` elements.
  var styles: [Piece] = []
  /// The source, and behind it every piece that had character references in it, decoded.
  var content: [UInt8] = []
  /// How much of `content` is the source.
  var sourceBytes = 0
  var defects: Set<HTMLDefect> = []

  mutating func add(_ piece: Piece) {
    guard pieces.count < PieceCode.count else { return }
    PieceCode.append(pieces.count, to: &markup)
    pieces.append(piece)
  }

  /// The last piece when it is a text whose range ends there and nothing but white space came behind it.
  func lastText(endingAt end: Int) -> Int? {
    let mark = markup.last == ASCII.space ? markup.dropLast().last : markup.last
    guard mark != ASCII.greater, let last = pieces.last, last.element == .text, Int(last.start + last.length) == end
    else { return nil }
    return pieces.count - 1
  }

  /// The tag that stands at `offset` in the markup.
  func tag(at offset: Int) -> Tag? {
    var low = 0
    var high = tags.count
    while low < high {
      let middle = (low + high) / 2
      if Int(tags[middle].offset) < offset { low = middle + 1 } else { high = middle }
    }
    return low < tags.count && Int(tags[low].offset) == offset ? tags[low] : nil
  }
}

/// The number of a piece written in four characters that mean nothing to a parser.
enum PieceCode {
  static let length = 4
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { table[Int(digit)] = UInt8(value) }
    return table
  }()

  /// Numbers there are; a document within the limits has fewer pieces.
  static let count = 1 << 24

  static func append(_ number: Int, to out: inout [UInt8]) {
    for shift in [18, 12, 6, 0] { out.append(digits[number >> shift & 63]) }
  }

  /// The number written at a place in a text that ends with NUL.
  static func number(_ at: UnsafePointer<CChar>) -> Int? {
    var number = 0
    for i in 0..<length {
      let value = values[Int(UInt8(bitPattern: at[i]))]
      guard value < 64 else { return nil }
      number = number << 6 | Int(value)
    }
    return number
  }
}
