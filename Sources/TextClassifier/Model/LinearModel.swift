/// Weights of n-grams for each class and language, with the numbers that make probabilities of them. Never changes;
/// copies share the bytes.
package struct LinearModel: Sendable {
  private let storage: ModelStorage
  let header: ModelHeader
  private let parts: [Part]
  /// Places in `parts`.
  private let chinese: Int
  private let english: Int

  /// What scoring needs of a language, to be read without counting references.
  struct Part: @unchecked Sendable {
    /// By bucket and class; lives as long as the model.
    let weights: UnsafePointer<Int16>
    /// What 1 of a weight adds, before the share of the feature.
    let factor: Double
    let cues: Double
    let bias: Logits
    let threshold: Double
  }

  /// Maps a file that `postroom train` wrote. Takes milliseconds and a page of memory; the rest is read as needed.
  /// - Throws: ``ModelError`` when it cannot be read, is cut or damaged, or is made for other features.
  package init(file path: String) throws(ModelError) {
    try self.init(ModelStorage(file: path), place: path)
  }

  /// - Parameter place: what messages call it.
  package init(bytes: [UInt8], place: String = "the model") throws(ModelError) {
    try self.init(ModelStorage(copying: bytes), place: place)
  }

  private init(_ storage: ModelStorage, place: String, isChecked: Bool = false) throws(ModelError) {
    header = try ModelHeader(storage.bytes, of: place)
    if !isChecked { try ModelHeader.check(storage.bytes, of: place) }
    self.storage = storage
    chinese = header.blends.firstIndex { $0.language == "zh" } ?? 0
    english = header.blends.firstIndex { $0.language == "en" } ?? 0
    let count = header.classes.count * Featuriser.bucketCount
    parts = header.blends.enumerated().map { place, blend in
      var bias = Logits.zero
      for label in blend.bias.indices.prefix(4) { bias[label] = blend.bias[label] }
      let start = storage.bytes.baseAddress! + ModelHeader.size + place * count * 2
      return Part(
        weights: start.assumingMemoryBound(to: Int16.self), factor: blend.linear * blend.scale, cues: blend.cues,
        bias: bias, threshold: blend.threshold)
    }
  }

  /// The model that is part of the program: what an installation knows before anybody has corrected anything.
  package static let shipped = builtIn(.coldStart, "cold-start.model")

  /// As ``shipped``, for spam.
  static let shippedSpam = builtIn(.spam, "spam.model")

  private static func builtIn(_ storage: ModelStorage, _ name: String) -> LinearModel {
    do {
      return try LinearModel(storage, place: name, isChecked: true)
    } catch {
      // The featuriser was changed and the program built without training: see Training/README.md.
      fatalError("\(error)")
    }
  }

  /// The names of the classes, in the order of weights and biases.
  package var classes: [String] { header.classes }
  /// The languages that have weights of their own.
  package var languages: [String] { header.blends.map(\.language) }
  /// Identifies the rows it was trained on; the same rows give the same number.
  package var dataHash: UInt64 { header.data }
  /// The CRC-32 that stands in the file.
  package var checksum: UInt32 { ByteReader(bytes: storage.bytes).uint32(12) }
  /// The file as it was written.
  package var bytes: [UInt8] { Array(storage.bytes) }

  /// Of a language; that of English for all that have no weights of their own.
  func part(for language: TextLanguage) -> Part {
    parts[language == .chinese ? chinese : english]
  }

  /// Of a model of one part for all languages.
  var onlyPart: Part { parts[0] }

}

extension LinearModel.Part {
  /// Adds the weights of three classes to `logits`. False when no bucket has a weight.
  @inline(__always)
  func add(_ set: FeatureSet, to logits: inout Logits) -> Bool {
    var sums = SIMD4<Int32>(repeating: 0)
    var any: Int16 = 0
    for bucket in set.buckets {
      let weight = weights + Int(bucket) * 3
      any |= weight[0] | weight[1] | weight[2]
      sums &+= SIMD4(Int32(weight[0]), Int32(weight[1]), Int32(weight[2]), 0)
    }
    logits += Logits(sums) * (factor * set.share)
    return any != 0
  }

  /// What one bucket adds for each of three classes.
  @inline(__always)
  func gain(_ bucket: UInt32, share: Double) -> Logits {
    let weight = weights + Int(bucket) * 3
    return Logits(Double(weight[0]), Double(weight[1]), Double(weight[2]), 0) * (factor * share)
  }
}

/// One number a label, in the order of `TextLabel.allCases`; the fourth is not used.
typealias Logits = SIMD4<Double>

extension LinearModel {
  /// A line a language for a person: what counts how much.
  package var summary: [String] {
    header.blends.map { blend in
      let biases = zip(classes, blend.bias).map { "\($0.lowercased()) \(rounded($1))" }.joined(separator: ", ")
      let sure = blend.threshold > 1 ? "never sure" : "sure from \(rounded(blend.threshold))"
      return
        "\(blend.language)  n-grams × \(rounded(blend.linear))  phrases × \(rounded(blend.cues))  bias \(biases)  \(sure)"
    }
  }

  private func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
}
