/// One record of a CSV file: its cells as bytes of the file's encoding, without quotes.
package struct CSVRow: Sendable, Equatable {
  /// From 1, counting every record: the row that a spreadsheet shows.
  package var number: Int
  /// The line of the file in which it begins, from 1.
  package var line: Int
  package var bytes: [UInt8] = []
  /// Where each cell ends in `bytes`.
  package var ends: [Int] = []
  package var fault: CSVFault?

  package var count: Int { ends.count }

  package func cell(_ column: Int) -> ArraySlice<UInt8> {
    column < ends.count ? bytes[(column == 0 ? 0 : ends[column - 1])..<ends[column]] : []
  }
}

/// Why a record could not be read. What could be read of it stands in the row all the same.
package enum CSVFault: Sendable, Equatable {
  /// A quote that began in this line never ends, or not within what a row may hold.
  case openQuote(line: Int)
  case rowTooLong(limit: Int)
}

/// Reads CSV (RFC 4180) piece by piece. Quotes may hold separators, line ends and doubled quotes; CRLF, LF and CR end a
/// record. What other programs write is read as spreadsheets do: a quote within a cell is itself, and what follows a
/// closing quote belongs to the cell.
///
/// The bytes may be UTF-8 or GB 18030: neither uses one of the separators within a character. Takes linear time and
/// holds one row and one piece.
package struct CSVReader {
  /// Bytes of a record in the file.
  package static let rowLimit = 256 * 1024

  private let separator: UInt8
  private let limit: Int
  private let source: () throws -> [UInt8]
  private var buffer: [UInt8] = []
  /// The next byte to read.
  private var position = 0
  private var isAtEnd = false
  private var line = 1
  private var number = 0
  /// How many bytes may be read twice. Each byte of the file pays for one, so that the whole stays linear.
  private var credit = 0

  /// `source` gives the next piece of the file, empty at its end.
  package init(separator: UInt8, limit: Int = CSVReader.rowLimit, source: @escaping () throws -> [UInt8]) {
    self.separator = separator
    self.limit = limit
    self.source = source
  }

  private enum State {
    /// Nothing but spaces of this cell were read.
    case fresh
    case plain
    case quoted
    /// After a quote within quotes: the first half of a doubled one, or the last.
    case closing
  }

  /// The next record, or nil at the end of the file. Empty lines are none.
  package mutating func next() throws -> CSVRow? {
    while let row = try record() {
      if row.fault != nil || row.ends.count > 1 || !row.bytes.isEmpty { return row }
    }
    return nil
  }

  private mutating func record() throws -> CSVRow? {
    number += 1
    var row = CSVRow(number: number, line: line)
    var state = State.fresh
    var cellStart = 0
    // Where the last quote began: its line, and how many bytes of the record stand before it.
    var quote = (line: line, offset: 0)
    var start = position
    while true {
      if position == buffer.count {
        try refill(from: start)
        start = 0
        if position == buffer.count {
          if state == .quoted { return try reopen(row, from: start, quote) }
          guard position > start else { return nil }
          row.ends.append(row.bytes.count)
          return row
        }
      }
      guard position - start < limit else {
        if state == .quoted { return try reopen(row, from: start, quote) }
        row.ends.append(row.bytes.count)
        row.fault = .rowTooLong(limit: limit)
        try skipLine()
        return row
      }
      let byte = buffer[position]
      position += 1
      if state == .quoted {
        if byte == Byte.quote {
          state = .closing
        } else {
          if byte == Byte.lf {
            line += 1
          } else if byte == Byte.cr {
            let isPair = try isNext(Byte.lf, from: &start)
            if !isPair { line += 1 }
          }
          row.bytes.append(byte)
        }
        continue
      }
      switch byte {
      case separator:
        row.ends.append(row.bytes.count)
        cellStart = row.bytes.count
        state = .fresh
      case Byte.lf, Byte.cr:
        if byte == Byte.cr, try isNext(Byte.lf, from: &start) { position += 1 }
        row.ends.append(row.bytes.count)
        line += 1
        return row
      case Byte.quote where state == .closing:
        row.bytes.append(byte)
        state = .quoted
      case Byte.quote where state == .fresh:
        row.bytes.removeLast(row.bytes.count - cellStart)
        state = .quoted
        quote = (line, position - 1 - start)
      default:
        row.bytes.append(byte)
        if state != .fresh || byte != Byte.space { state = .plain }
      }
    }
  }

  /// A quote is still open at the end of the file or of what a row may hold: the row ends with the line in which the
  /// quote began, and what follows is read anew, as far as the credit reaches.
  private mutating func reopen(_ row: CSVRow, from start: Int, _ quote: (line: Int, offset: Int)) throws -> CSVRow {
    var row = row
    row.fault = .openQuote(line: quote.line)
    let again = position - start - quote.offset
    if again <= credit {
      credit -= again
      position = start + quote.offset
      line = quote.line
      let end = buffer[position...].firstIndex { $0 == Byte.lf || $0 == Byte.cr } ?? buffer.count
      row.bytes = Array(buffer[start..<min(end, start + limit)])
      row.ends = []
    }
    row.ends.append(row.bytes.count)
    try skipLine()
    return row
  }

  /// Goes behind the next line end without keeping what stands before it.
  private mutating func skipLine() throws {
    while true {
      if position == buffer.count {
        try refill(from: position)
        if position == buffer.count { return }
      }
      let byte = buffer[position]
      position += 1
      guard byte == Byte.lf || byte == Byte.cr else { continue }
      var start = position
      if byte == Byte.cr, try isNext(Byte.lf, from: &start) { position += 1 }
      line += 1
      return
    }
  }

  private mutating func isNext(_ byte: UInt8, from start: inout Int) throws -> Bool {
    if position == buffer.count {
      try refill(from: start)
      start = 0
    }
    return position < buffer.count && buffer[position] == byte
  }

  /// Reads the next piece behind what is kept from `start` on, which becomes index 0.
  private mutating func refill(from start: Int) throws {
    buffer.removeFirst(start)
    position -= start
    guard !isAtEnd else { return }
    let piece = try source()
    isAtEnd = piece.isEmpty
    buffer += piece
    credit += piece.count
  }

  private enum Byte {
    static let quote = UInt8(ascii: "\"")
    static let lf = UInt8(ascii: "\n")
    static let cr = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
  }
}
