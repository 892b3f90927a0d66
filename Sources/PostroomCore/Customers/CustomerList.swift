/// A list of customers in a CSV file, opened: its columns are understood, its rows not read yet.
package final class CustomerList {
  package let file: CSVFile
  package let columns: CustomerColumns
  private var reader: CSVReader

  /// Throws ``CustomerFileProblem``: nothing of the file can be imported.
  package init(path: String, map: [String] = []) throws {
    do {
      file = try CSVFile(path: path)
    } catch {
      throw CustomerFileProblem(error)
    }
    let file = file
    reader = file.reader()
    guard let row = try reader.next() else { throw CustomerFileProblem(.empty) }
    if let fault = row.fault { throw CustomerFileProblem(CustomerRowReader.fault(fault, row.number)) }
    let titles = (0..<row.count).map { CustomerRowReader.cleaned(file.text(row.cell($0)) ?? "") }
    columns = try CustomerColumns(titles: titles, map: map)
  }

  private static let groupRows = 1000
  private static let groupBytes = 1 << 20

  /// The next rows, some thousand or a megabyte; empty at the end.
  func rows() throws -> [CSVRow] {
    var rows: [CSVRow] = []
    var bytes = 0
    while rows.count < Self.groupRows, bytes < Self.groupBytes, let row = try reader.next() {
      rows.append(row)
      bytes += row.bytes.count
    }
    return rows
  }
}
