/// HTML → plain text for reading and for rules: one pass over the bytes, no tree. What is not shown (script, style,
/// head, comments) is left out, blocks start new lines, entities become characters.
package enum HTMLText {
  /// The text of a piece of HTML; never fails, costs time proportional to the length.
  package static func plain(_ html: String) -> String {
    var html = html
    return html.withUTF8 { bytes in
      var reader = Reader(bytes: bytes)
      return reader.run()
    }
  }

  private enum Element {
    case hidden
    case block
    case paragraph
    case lineBreak
    case cell
    case item
    case preformatted
    case other
  }

  private static let elements: [String: Element] = {
    var table: [String: Element] = ["br": .lineBreak, "td": .cell, "th": .cell, "li": .item, "pre": .preformatted]
    for name in ["script", "style", "title", "template", "noframes", "xmp", "object", "svg"] { table[name] = .hidden }
    for name in ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "dl"] {
      table[name] = .paragraph
    }
    for name in ["div", "tr", "hr", "section", "article", "header", "footer", "form", "center", "address", "dt", "dd"] {
      table[name] = .block
    }
    for name in ["body", "html", "nav", "aside", "main", "fieldset", "figure", "option", "caption", "legend"] {
      table[name] = .block
    }
    return table
  }()

  private struct Reader {
    let bytes: Bytes
    var i = 0
    var out: [UInt8] = []
    /// Line breaks owed before the next character.
    var breaks = 0
    var owesSpace = false
    var preformatted = 0
    /// A quote that nobody closes is no quote; known after the first search that failed.
    var closable: (double: Bool, single: Bool) = (true, true)
    var hasTagEnd = true

    init(bytes: Bytes) {
      self.bytes = bytes
      out.reserveCapacity(bytes.count / 2)
    }

    mutating func run() -> String {
      let count = bytes.count
      while i < count {
        let byte = bytes[i]
        if byte == ASCII.less {
          readMarkup()
        } else if byte == 38 {
          readEntity()
        } else if byte <= ASCII.space {
          readSpace(byte)
        } else {
          put(byte)
          i += 1
        }
      }
      return String(decoding: out, as: UTF8.self)
    }

    private mutating func put(_ byte: UInt8) {
      if breaks > 0 || owesSpace { settle() }
      out.append(byte)
    }

    private mutating func settle() {
      if breaks > 0 {
        if !out.isEmpty { out.append(contentsOf: repeatElement(ASCII.lf, count: breaks)) }
      } else if owesSpace, !out.isEmpty, out.last != ASCII.lf {
        out.append(ASCII.space)
      }
      breaks = 0
      owesSpace = false
    }

    private mutating func readSpace(_ byte: UInt8) {
      if preformatted > 0, byte == ASCII.lf {
        breaks = min(breaks + 1, 3)
      } else if preformatted > 0, ASCII.isBlank(byte) {
        put(byte)
      } else {
        owesSpace = true
      }
      i += 1
    }

    private mutating func readMarkup() {
      let count = bytes.count
      guard i + 1 < count else { return literal() }
      let next = bytes[i + 1]
      if next == 33 || next == ASCII.question {
        skipDeclaration()
        return
      }
      let isClosing = next == 47
      let nameStart = isClosing ? i + 2 : i + 1
      guard nameStart < count, ASCII.isLetter(bytes[nameStart]), hasTagEnd else { return literal() }
      var nameEnd = nameStart
      while nameEnd < count, nameEnd - nameStart < 12, ASCII.isLetter(bytes[nameEnd]) || ASCII.isDigit(bytes[nameEnd]) {
        nameEnd += 1
      }
      guard let end = tagEnd(from: nameEnd) else {
        hasTagEnd = false
        return literal()
      }
      let name = String(decoding: bytes.slice(nameStart..<nameEnd).lazy.map(ASCII.lower), as: UTF8.self)
      i = end
      apply(HTMLText.elements[name] ?? .other, name: name, isClosing: isClosing, isEmpty: bytes[end - 2] == 47)
    }

    private mutating func literal() {
      put(bytes[i])
      i += 1
    }

    private mutating func apply(_ element: Element, name: String, isClosing: Bool, isEmpty: Bool) {
      switch element {
      case .hidden: if !isClosing, !isEmpty { skipElement(name) }
      case .block: breaks = max(breaks, 1)
      case .paragraph: breaks = max(breaks, 2)
      case .lineBreak: if !isClosing { breaks = min(breaks + 1, 3) }
      case .cell: owesSpace = true
      case .item:
        breaks = max(breaks, 1)
        if !isClosing {
          put(ASCII.dash)
          owesSpace = true
        }
      case .preformatted:
        breaks = max(breaks, 1)
        preformatted = max(0, min(preformatted + (isClosing ? -1 : 1), 1_000))
      case .other: break
      }
    }

    /// Behind the `>` of a tag, quoted attribute values passed over.
    private mutating func tagEnd(from start: Int) -> Int? {
      let count = bytes.count
      var place = start
      while place < count {
        let byte = bytes[place]
        if byte == ASCII.greater { return place + 1 }
        if byte == ASCII.quote || byte == ASCII.apostrophe, place > start, isValueStart(place) {
          let isDouble = byte == ASCII.quote
          if isDouble ? closable.double : closable.single {
            if let close = bytes.index(of: byte, from: place + 1, to: count) {
              place = close
            } else if isDouble {
              closable.double = false
            } else {
              closable.single = false
            }
          }
        }
        place += 1
      }
      return nil
    }

    private func isValueStart(_ place: Int) -> Bool {
      let before = bytes[place - 1]
      return before == ASCII.equals || before <= ASCII.space
    }

    /// Comments, conditional comments, doctype, processing instructions.
    private mutating func skipDeclaration() {
      let count = bytes.count
      if bytes.slice(i..<min(count, i + 4)).elementsEqual("<!--".utf8) {
        var place = i + 2
        while let dash = bytes.index(of: ASCII.dash, from: place, to: count) {
          if dash + 2 < count, bytes[dash + 1] == ASCII.dash, bytes[dash + 2] == ASCII.greater {
            i = dash + 3
            return
          }
          place = dash + 1
        }
        i = count
      } else {
        i = bytes.index(of: ASCII.greater, from: i, to: count).map { $0 + 1 } ?? count
      }
    }

    /// Behind the closing tag of an element whose content is not shown; to the end when it is never closed.
    private mutating func skipElement(_ name: String) {
      let count = bytes.count
      let name = Array(name.utf8)
      while let open = bytes.index(of: ASCII.less, from: i, to: count) {
        i = open + 1
        let end = i + 1 + name.count
        guard end <= count, bytes[i] == 47, zip(name, bytes[(i + 1)..<end]).allSatisfy({ $0 == ASCII.lower($1) }) else {
          continue
        }
        i = bytes.index(of: ASCII.greater, from: end, to: count).map { $0 + 1 } ?? count
        return
      }
      i = count
    }

    private mutating func readEntity() {
      // The longest name in the table has eight letters.
      let limit = min(bytes.count, i + 12)
      var end = i + 1
      while end < limit, ASCII.isLetter(bytes[end]) || ASCII.isDigit(bytes[end]) || bytes[end] == 35 { end += 1 }
      guard let scalar = HTMLEntities.scalar(bytes.slice((i + 1)..<end)) else { return literal() }
      i = end < bytes.count && bytes[end] == ASCII.semicolon ? end + 1 : end
      switch scalar.value {
      case 0xA0: owesSpace = true
      case 0...32: owesSpace = true
      // Soft hyphens and zero-width characters are there for the layout, or to hide words from filters.
      case 0xAD, 0x200B...0x200D, 0xFEFF: break
      default: for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { put(byte) }
      }
    }
  }
}

/// The named characters of HTML 4 and the numbered ones of all.
enum HTMLEntities {
  /// The character an entity names, given without `&` and `;`.
  static func scalar(_ name: Bytes) -> Unicode.Scalar? {
    guard let first = name.first else { return nil }
    guard first == 35 else { return named[String(decoding: name, as: UTF8.self)] }
    var value: UInt32 = 0
    let isHex = name.count > 1 && name[1] | 32 == 120
    let digits = name.dropFirst(isHex ? 2 : 1)
    guard !digits.isEmpty else { return nil }
    for byte in digits {
      guard let digit = ASCII.hex(byte), isHex || digit < 10 else { return nil }
      value = min(value * (isHex ? 16 : 10) + UInt32(digit), 0x11_0000)
    }
    return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  /// Latin-1 names in the order of their numbers from 160 on.
  private static let latin1 =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 "
    + "sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc "
    + "Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve "
    + "Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute "
    + "acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde "
    + "ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml"
  private static let greek =
    "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau "
    + "Upsilon Phi Chi Psi Omega"
  private static let others: [(String, UInt32)] = [
    ("amp", 38), ("lt", 60), ("gt", 62), ("quot", 34), ("apos", 39), ("OElig", 338), ("oelig", 339), ("Scaron", 352),
    ("scaron", 353), ("Yuml", 376), ("fnof", 402), ("circ", 710), ("tilde", 732), ("ensp", 32), ("emsp", 32),
    ("thinsp", 32), ("zwnj", 8204), ("zwj", 8205), ("lrm", 8203), ("rlm", 8203), ("ndash", 8211), ("mdash", 8212),
    ("lsquo", 8216), ("rsquo", 8217), ("sbquo", 8218), ("ldquo", 8220), ("rdquo", 8221), ("bdquo", 8222),
    ("dagger", 8224), ("Dagger", 8225), ("bull", 8226), ("hellip", 8230), ("permil", 8240), ("prime", 8242),
    ("Prime", 8243), ("lsaquo", 8249), ("rsaquo", 8250), ("oline", 8254), ("frasl", 8260), ("euro", 8364),
    ("trade", 8482), ("larr", 8592), ("uarr", 8593), ("rarr", 8594), ("darr", 8595), ("harr", 8596), ("rArr", 8658),
    ("minus", 8722), ("infin", 8734), ("asymp", 8776), ("ne", 8800), ("equiv", 8801), ("le", 8804), ("ge", 8805),
    ("radic", 8730), ("sum", 8721), ("prod", 8719), ("loz", 9674), ("spades", 9824), ("clubs", 9827), ("hearts", 9829),
    ("diams", 9830), ("sigmaf", 962),
  ]

  private static let named: [String: Unicode.Scalar] = {
    var table: [String: Unicode.Scalar] = [:]
    for (offset, name) in latin1.split(separator: " ").enumerated() {
      table[String(name)] = Unicode.Scalar(UInt32(160 + offset))
    }
    for (offset, name) in greek.split(separator: " ").enumerated() where name != "-" {
      table[String(name)] = Unicode.Scalar(UInt32(913 + offset))
      table[name.asciiLowercased] = Unicode.Scalar(UInt32(945 + offset))
    }
    for (name, value) in others { table[name] = Unicode.Scalar(value) }
    return table
  }()
}

extension UTF8 {
  /// U+FFFD.
  fileprivate static var encodedReplacementCharacter: EncodedScalar { encode("\u{FFFD}") ?? EncodedScalar() }
}
