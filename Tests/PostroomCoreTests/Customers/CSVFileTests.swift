import Foundation
import Testing

@testable import PostroomCore

@Suite("CSV files")
struct CSVFileTests {
  static let text = "姓名;邮箱\r\n张三;zhang@example.com\r\n李雷😀;li@example.com\r\n"
  static let gb18030: [UInt8] = [
    0xD0, 0xD5, 0xC3, 0xFB, 0x09, 0xD3, 0xCA, 0xCF, 0xE4, 0x0A, 0xD5, 0xC5, 0xC8, 0xFD, 0x09, 0x61, 0x0A,
  ]

  private static func read(_ bytes: [UInt8]) throws -> (CSVFile.Encoding, [[String?]]) {
    let path = FileManager.default.temporaryDirectory.appending(path: "csv-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
    let file = try CSVFile(path: path)
    var reader = file.reader()
    var rows: [[String?]] = []
    while let row = try reader.next() { rows.append((0..<row.count).map { file.text(row.cell($0)) }) }
    return (file.encoding, rows)
  }

  private static func wide(_ text: String, bigEndian: Bool) -> [UInt8] {
    ("\u{FEFF}" + text).utf16.flatMap { unit in
      let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return bigEndian ? bytes : bytes.reversed()
    }
  }

  @Test("UTF-8 and UTF-16 are told by their marks and their bytes")
  func encodings() throws {
    let expected: [[String?]] = [["姓名", "邮箱"], ["张三", "zhang@example.com"], ["李雷😀", "li@example.com"]]
    for (bytes, encoding) in [
      (Array(Self.text.utf8), CSVFile.Encoding.utf8), ([0xEF, 0xBB, 0xBF] + Array(Self.text.utf8), .utf8),
      (Self.wide(Self.text, bigEndian: false), .utf16LittleEndian),
      (Self.wide(Self.text, bigEndian: true), .utf16BigEndian),
    ] {
      let (found, rows) = try Self.read(bytes)
      #expect(found == encoding)
      #expect(rows == expected)
    }
  }

  @Test("what Excel in China writes is GB 18030, whatever the separator")
  func chinese() throws {
    let (encoding, rows) = try Self.read(Self.gb18030)
    #expect(encoding == .gb18030)
    #expect(rows == [["姓名", "邮箱"], ["张三", "a"]])
  }

  @Test("Western letters between ASCII ones are windows-1252")
  func western() throws {
    let (encoding, rows) = try Self.read(
      Array("name,city\nM".utf8) + [0xFC] + Array("ller,K".utf8) + [0xF6, 0x6C, 0x6E])
    #expect(encoding == .windows1252)
    #expect(rows == [["name", "city"], ["Müller", "Köln"]])
  }

  @Test("one damaged cell leaves the rest in UTF-8, also where pieces meet")
  func damaged() throws {
    let filler = String(repeating: "x", count: 65_534)
    let (encoding, rows) = try Self.read(Array("\(filler),张三,李雷\n".utf8) + [0xC3, 0x28, 0x2C, 0x61])
    #expect(encoding == .utf8)
    #expect(rows == [[filler, "张三", "李雷"], [nil, "a"]])
  }

  @Test("Excel's line about the separator is obeyed and is no row")
  func namedSeparator() throws {
    #expect(try Self.read(Array("sep=;\r\na,b;c\r\n".utf8)).1 == [["a,b", "c"]])
    #expect(try Self.read(Self.wide("sep=;\na,b;c\n", bigEndian: false)).1 == [["a,b", "c"]])
  }

  @Test("the separator is found in the first line, outside quotes")
  func separators() {
    for (line, separator) in [
      ("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("\"a,b,c\";d", ";"), ("a", ","), ("a;b,c", ","), ("a\n;;;", ","),
    ] {
      #expect(CSVFile.separator(of: Array(line.utf8)).0 == Character(separator).asciiValue)
    }
  }

  @Test("workbooks, binary and empty files are refused with what to do")
  func refuses() throws {
    for (bytes, problem) in [
      ([], CSVFileProblem.empty), (Array("PK\u{3}\u{4}rest".utf8), .workbook),
      ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], .workbook), (Array(repeating: 0, count: 100), .binary),
    ] {
      #expect(throws: problem) { try Self.read(bytes) }
    }
    #expect(throws: CSVFileProblem.noFile) { try CSVFile(path: "/tmp") }
    #expect(throws: CSVFileProblem.self) { try CSVFile(path: "/tmp/there/is/no/such/file") }
  }

  @Test("halves of surrogate pairs in UTF-16 become U+FFFD, in pieces of any size")
  func surrogates() {
    for size in 1...5 {
      var wide = WideText(.utf16BigEndian)
      var rest: ArraySlice<UInt8> = [0, 0x41, 0xD8, 0x3D, 0xDE, 0, 0xD8, 0x3D, 0, 0x42, 0xDE, 0, 0xD8]
      var out: [UInt8] = []
      while !rest.isEmpty {
        out += wide?.utf8(Array(rest.prefix(size)), isLast: false) ?? []
        rest = rest.dropFirst(size)
      }
      out += wide?.utf8([], isLast: true) ?? []
      #expect(String(decoding: out, as: UTF8.self) == "A😀\u{FFFD}B\u{FFFD}\u{FFFD}")
    }
  }
}
