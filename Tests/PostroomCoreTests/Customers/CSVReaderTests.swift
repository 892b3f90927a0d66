import Testing

@testable import PostroomCore

@Suite("CSV")
struct CSVReaderTests {
  /// All rows, read in pieces of `size` bytes.
  static func rows(
    _ text: [UInt8], separator: Character = ",", pieces size: Int = 64 * 1024, limit: Int = CSVReader.rowLimit
  ) throws -> [CSVRow] {
    var rest = text[...]
    var reader = CSVReader(separator: separator.asciiValue ?? 0, limit: limit) {
      defer { rest = rest.dropFirst(size) }
      return Array(rest.prefix(size))
    }
    var rows: [CSVRow] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  private static func cells(_ text: String, _ separator: Character = ",", pieces: Int = 64 * 1024) throws -> [[String]]
  {
    try rows(Array(text.utf8), separator: separator, pieces: pieces).map { row in
      (0..<row.count).map { String(decoding: row.cell($0), as: UTF8.self) }
    }
  }

  @Test(
    "quotes, separators and line ends are read as RFC 4180 has them, in pieces of any size",
    arguments: [
      ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]), ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
      ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]), ("\"a,b\",c", [["a,b", "c"]]), ("\"a\r\nb\",c", [["a\r\nb", "c"]]),
      ("\"he said \"\"no\"\"\",x", [["he said \"no\"", "x"]]), ("\"\",\"\"\"\"", [["", "\""]]), ("a,", [["a", ""]]),
      (",", [["", ""]]), ("a\n\n\nb", [["a"], ["b"]]), ("5\" disk,x", [["5\" disk", "x"]]),
      ("\"a\"b,c", [["ab", "c"]]), ("a, \"b, c\" ,d", [["a", "b, c ", "d"]]), ("\"a\rb\"\r\nc", [["a\rb"], ["c"]]),
      ("张三,\"北京,朝阳\"\n", [["张三", "北京,朝阳"]]), ("", []), ("\n", []),
    ])
  func reads(text: String, expected: [[String]]) throws {
    for size in [1, 2, 3, 7, 1000] {
      #expect(try Self.cells(text, pieces: size) == expected, "pieces of \(size)")
    }
  }

  @Test("rows know their number and their line")
  func places() throws {
    let rows = try Self.rows(Array("a\r\n\"x\ny\r\nz\"\r\n\r\nb\r\n".utf8), pieces: 1)
    #expect(rows.map(\.number) == [1, 2, 4])
    #expect(rows.map(\.line) == [1, 2, 6])
  }

  @Test("a quote that never ends is told with its line, and the rows behind it are read", arguments: [1, 5, 4096])
  func openQuote(size: Int) throws {
    let text = "name,note\nann,\"ok\nok\"\nbo,\"oops\nchen,fine\ndora,fine\n"
    let rows = try Self.rows(Array(text.utf8), pieces: size)
    #expect(rows.map(\.fault) == [nil, nil, .openQuote(line: 4), nil, nil])
    #expect(rows.map(\.line) == [1, 2, 4, 5, 6])
    #expect(rows[2].bytes == Array("bo,\"oops".utf8))
    #expect(rows[4].cell(0).elementsEqual("dora".utf8))
  }

  @Test("a row is bounded, and the next one is read")
  func longRows() throws {
    let long = String(repeating: "x", count: 500)
    let rows = try Self.rows(Array("a,\(long)\nb,c\nd,\"\(long)\ne,f".utf8), pieces: 64, limit: 100)
    #expect(rows.map(\.fault) == [.rowTooLong(limit: 100), nil, .openQuote(line: 3), nil])
    #expect(rows.allSatisfy { $0.bytes.count <= 100 })
    #expect(rows.last?.cell(1).elementsEqual("f".utf8) == true)
  }

  @Test(
    "hostile files take linear time",
    arguments: [
      "a\"b,\"c\n", "\"\n", "\"\"\"\n", "\",", ",", "\"\"", "\r", "\n", "x", "\0", "\"x", "\" \"\"\n",
    ])
  func linear(unit: String) throws {
    let isLinear = try isLinear(from: 400_000) { size in
      var rest = Array(String(repeating: unit, count: size / unit.utf8.count).utf8)[...]
      var reader = CSVReader(separator: UInt8(ascii: ",")) {
        defer { rest = rest.dropFirst(65_536) }
        return Array(rest.prefix(65_536))
      }
      while try reader.next() != nil {}
    }
    #expect(isLinear)
  }
}
