import CPostgres

/// Arguments as libpq wants them: one buffer, a type for each so that PostgreSQL need not guess, blobs in binary.
struct PostgresParameters {
  private(set) var types: [Oid] = []
  private var buffer: [UInt8] = []
  /// Where each begins in the buffer; nil for null.
  private var offsets: [Int?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  init(_ arguments: [SQLValue]) {
    for argument in arguments {
      switch argument.storable {
      case .null: append(PostgresType.unknown, [UInt8]?.none)
      case .integer(let value): append(PostgresType.int8, String(value).utf8)
      case .real(let value): append(PostgresType.float8, String(value).utf8)
      case .text(let text): append(PostgresType.text, text.utf8)
      case .blob(let bytes): append(PostgresType.bytea, bytes)
      }
    }
  }

  private mutating func append(_ type: Oid, _ bytes: (some Collection<UInt8>)?) {
    types.append(type)
    formats.append(type == PostgresType.bytea ? 1 : 0)
    lengths.append(Int32(clamping: bytes?.count ?? 0))
    offsets.append(bytes == nil ? nil : buffer.count)
    guard let bytes else { return }
    buffer.append(contentsOf: bytes)
    // Ends a text, and gives an empty blob an address: without one it would be null.
    buffer.append(0)
  }

  /// Calls with count, values, lengths and formats.
  func withPointers<R>(
    _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> R
  ) -> R {
    buffer.withUnsafeBytes { bytes in
      let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
      let values = offsets.map { offset in offset.flatMap { offset in start.map { UnsafePointer($0 + offset) } } }
      return body(Int32(values.count), values, lengths, formats)
    }
  }
}

/// Object ids of the built-in types (src/include/catalog/pg_type.dat).
enum PostgresType {
  static let unknown: Oid = 0
  static let bool: Oid = 16
  static let bytea: Oid = 17
  static let int8: Oid = 20
  static let int2: Oid = 21
  static let int4: Oid = 23
  static let text: Oid = 25
  static let oid: Oid = 26
  static let float4: Oid = 700
  static let float8: Oid = 701
  static let numeric: Oid = 1700
}
