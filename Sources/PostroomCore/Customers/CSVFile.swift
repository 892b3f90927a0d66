internal import Glibc
import MailFormat

/// A CSV file on disk: finds out its encoding and separator, and gives its bytes piece by piece.
package final class CSVFile {
  package enum Encoding: String, Sendable {
    case utf8 = "UTF-8"
    /// Of GB 2312 and GBK too; what Excel in China writes.
    case gb18030 = "GB18030"
    /// What Excel in the West writes.
    case windows1252 = "windows-1252"
    /// Given out as UTF-8.
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
  }

  package let encoding: Encoding
  package let separator: UInt8
  package let size: Int64

  private static let pieceSize = 64 * 1024
  private let descriptor: Int32
  private var wide: WideText?

  /// Throws ``CSVFileProblem``. The file is read twice: what it is written in shows at its end only.
  package init(path: String) throws(CSVFileProblem) {
    descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(String(cString: strerror(errno))) }
    do {
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw CSVFileProblem.noFile }
      size = Int64(status.st_size)
      let head = try Self.piece(of: descriptor)
      let kind = try Self.kind(head, descriptor)
      encoding = kind.encoding
      try Self.rewind(descriptor, to: kind.mark)
      wide = WideText(encoding)
      let beginning: [UInt8]
      if var wide = WideText(encoding) {
        beginning = wide.utf8(Array(head.dropFirst(kind.mark)), isLast: false)
      } else {
        beginning = Array(head.dropFirst(kind.mark))
      }
      let (separator, length) = Self.separator(of: beginning)
      self.separator = separator
      // `sep=;` is Excel's own line about the file.
      if length > 0 { try Self.rewind(descriptor, to: kind.mark + length * (wide == nil ? 1 : 2)) }
    } catch let problem as CSVFileProblem {
      close(descriptor)
      throw problem
    } catch {
      close(descriptor)
      throw .unreadable("\(error)")
    }
  }

  deinit { close(descriptor) }

  package func reader() -> CSVReader { CSVReader(separator: separator) { [self] in try piece() } }

  /// The next bytes, in UTF-8 or GB 18030; empty at the end.
  func piece() throws -> [UInt8] {
    let piece = try Self.piece(of: descriptor)
    guard wide != nil else { return piece }
    return wide?.utf8(piece, isLast: piece.isEmpty) ?? []
  }

  /// A cell as text, or nil when it is not in the file's encoding.
  package func text(_ cell: ArraySlice<UInt8>) -> String? {
    cell.withUnsafeBufferPointer { bytes in
      switch encoding {
      case .gb18030 where bytes.contains { $0 >= 0x80 }: Charset.text(bytes, label: "gb18030")
      case .windows1252 where bytes.contains { $0 >= 0x80 }: Charset.text(bytes, label: "windows-1252")
      default: String(validating: bytes, as: UTF8.self)
      }
    }
  }

  private static func piece(of descriptor: Int32) throws(CSVFileProblem) -> [UInt8] {
    var failure: Int32 = 0
    let piece = [UInt8](unsafeUninitializedCapacity: pieceSize) { buffer, count in
      var result = -1
      repeat { result = read(descriptor, buffer.baseAddress, pieceSize) } while result < 0 && errno == EINTR
      failure = result < 0 ? errno : 0
      count = max(0, result)
    }
    if failure != 0 { throw .unreadable(String(cString: strerror(failure))) }
    return piece
  }

  private static func rewind(_ descriptor: Int32, to offset: Int) throws(CSVFileProblem) {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .noFile }
  }

  /// What the file is written in, and how long its mark is.
  private static func kind(
    _ head: [UInt8], _ descriptor: Int32
  ) throws(CSVFileProblem) -> (encoding: Encoding, mark: Int) {
    if head.isEmpty { throw .empty }
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { throw .workbook }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if head.prefix(1024).count(where: { $0 == 0 }) > head.prefix(1024).count / 8 { throw .binary }
    var census = ByteCensus()
    var piece = head
    while !piece.isEmpty {
      for byte in piece { census.add(byte) }
      piece = try Self.piece(of: descriptor)
    }
    return (census.encoding, 0)
  }

  /// The separator that stands most often in the first line outside quotes, and the length of a line that names it.
  static func separator(of text: [UInt8]) -> (UInt8, length: Int) {
    let line = text.prefix { $0 != 0x0A && $0 != 0x0D }
    if line.count == 5, line.starts(with: "sep=".utf8) {
      let end = text.dropFirst(5).prefix(2).elementsEqual([0x0D, 0x0A]) ? 7 : 6
      return (text[4], min(end, text.count))
    }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in text {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0A || byte == 0x0D { break }
      if let candidate = candidates.firstIndex(of: byte) { counts[candidate] += 1 }
    }
    let best = counts.indices.max { counts[$0] < counts[$1] || (counts[$0] == counts[$1] && $0 > $1) } ?? 0
    return (candidates[best], 0)
  }
}

/// Why a file cannot be read as CSV.
package enum CSVFileProblem: Error, Sendable, Equatable {
  case unreadable(String)
  case noFile
  case empty
  case workbook
  case binary

  package var words: Localized {
    switch self {
    case .unreadable(let reason): Localized(chinese: "无法读取：\(reason)", english: "it cannot be read: \(reason)")
    case .noFile: Localized(chinese: "不是普通文件", english: "it is no regular file: save it to disk first")
    case .empty: Localized(chinese: "文件是空的", english: "it is empty")
    case .workbook:
      Localized(
        chinese: "这是 Excel 工作簿，请另存为“CSV UTF-8（逗号分隔）”再导入",
        english: "it is an Excel workbook: save it as “CSV UTF-8 (comma delimited)” and import that")
    case .binary:
      Localized(
        chinese: "不是文本文件，请导出为 CSV（UTF-8）",
        english: "it is no text: export it as CSV in UTF-8")
    }
  }
}
