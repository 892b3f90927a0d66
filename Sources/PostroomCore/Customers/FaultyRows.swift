internal import Foundation

/// Rows that were not taken, in a CSV file with a column that says why: to be mended there and imported again.
final class FaultyRows {
  private let path: String
  private let columns: CustomerColumns
  private let language: Language
  private var descriptor: Int32 = -1

  /// Refuses the file that is imported itself. The file is made with its first row.
  init(path: String, list: String, columns: CustomerColumns, language: Language) throws(CustomerFileProblem) {
    var (own, other) = (stat(), stat())
    if stat(path, &own) == 0, stat(list, &other) == 0, own.st_ino == other.st_ino, own.st_dev == other.st_dev {
      throw CustomerFileProblem(
        chinese: "--errors 不能写入正在导入的文件", english: "--errors would overwrite the file that is imported")
    }
    self.path = path
    self.columns = columns
    self.language = language
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func add(_ row: CSVRow, of file: CSVFile, faults: [CustomerFault]) throws(CustomerFileProblem) {
    var text = ""
    if descriptor < 0 {
      // They are customers' data: for nobody else's eyes, also where a file was before that others could read.
      descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      var status = stat()
      guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw failure() }
      if status.st_mode & S_IFMT == S_IFREG, fchmod(descriptor, 0o600) != 0 { throw failure() }
      let reason = Localized(chinese: "原因", english: "reason")[language]
      text = CSVText.mark + CSVText.record(columns.titles + (columns.reasonColumn == nil ? [reason] : []))
    }
    var cells = (0..<max(row.count, columns.titles.count)).map { column in
      file.text(row.cell(column)) ?? String(decoding: row.cell(column), as: UTF8.self)
    }
    let separator = Localized(chinese: "；", english: "; ")[language]
    let reasons = faults.map { ($0.column.map { $0 + ": " } ?? "") + $0.words[language] }.joined(separator: separator)
    if let column = columns.reasonColumn {
      cells[column] = reasons
    } else {
      cells.insert(reasons, at: columns.titles.count)
    }
    text += CSVText.record(cells)
    try write(text)
  }

  private func write(_ text: String) throws(CustomerFileProblem) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { throw failure() }
      rest = rest.dropFirst(max(0, count))
    }
  }

  private func failure() -> CustomerFileProblem {
    let reason = String(cString: strerror(errno))
    return CustomerFileProblem(chinese: "\(path) 无法写入：\(reason)", english: "\(path) cannot be written: \(reason)")
  }
}
