import CColdStart
import Glibc

/// The bytes of a model: a mapped file, a part of the program, or made in memory. They never change while it lives.
final class ModelStorage: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let release: @Sendable (UnsafeRawBufferPointer) -> Void

  private init(_ bytes: UnsafeRawBufferPointer, release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
    self.bytes = bytes
    self.release = release
  }

  deinit { release(bytes) }

  /// Maps a file; its pages are read when they are first needed. Replace a model by renaming another file over it:
  /// writing into a mapped one changes it under the reader.
  convenience init(file path: String) throws(ModelError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ModelError(path, "cannot be opened: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ModelError(path, "is no file")
    }
    guard status.st_size > 0 else { throw ModelError(path, "is empty; train it again with `postroom train`") }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw ModelError(path, "cannot be mapped: \(String(cString: strerror(errno)))")
    }
    self.init(UnsafeRawBufferPointer(start: start, count: size)) {
      munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)
    }
  }

  convenience init(copying bytes: [UInt8]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    memory.copyBytes(from: bytes)
    self.init(UnsafeRawBufferPointer(memory)) { UnsafeMutableRawBufferPointer(mutating: $0).deallocate() }
  }

  /// The models that are part of the program.
  static let coldStart = ModelStorage(
    UnsafeRawBufferPointer(start: cold_start_model(), count: Int(cold_start_model_size())), release: { _ in })
  static let spam = ModelStorage(
    UnsafeRawBufferPointer(start: spam_model(), count: Int(spam_model_size())), release: { _ in })
}

/// Why a model or a learned correction was refused. The description is a sentence for a person.
package struct ModelError: Error, CustomStringConvertible, Equatable {
  package let description: String

  init(_ place: String, _ what: String) { description = "\(place) \(what)" }
}
