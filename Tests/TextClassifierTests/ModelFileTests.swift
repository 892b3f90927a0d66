import Glibc
import Testing

@testable import TextClassifier

@Suite("Model files")
struct ModelFileTests {
  private func refusal(of bytes: [UInt8]) -> String? {
    do {
      _ = try LinearModel(bytes: bytes, place: "my.model")
      return nil
    } catch {
      return error.description
    }
  }

  @Test("the same texts give the same bytes; another text gives others")
  func reproducible() throws {
    #expect(Trainer(TrainingPlan(), texts: SmallCorpus.texts).model() == SmallCorpus.modelBytes)
    #expect(Trainer(TrainingPlan(), texts: SmallCorpus.texts.dropLast()).model() != SmallCorpus.modelBytes)
  }

  @Test("a file is read as it was written")
  func roundTrip() throws {
    let path = "/tmp/postroom-model-\(getpid())"
    defer { unlink(path) }
    let file = try #require(fopen(path, "w"))
    fwrite(SmallCorpus.modelBytes, 1, SmallCorpus.modelBytes.count, file)
    fclose(file)
    let model = try LinearModel(file: path)
    #expect(model.bytes == SmallCorpus.modelBytes)
    #expect(model.classes == ["INQUIRY", "COMPLAINT", "SUGGESTION"] && model.languages == ["zh", "en"])
    #expect(model.dataHash == TrainingText.hash(of: SmallCorpus.texts))
    let answer = try TextClassifier(model: model).classify("己庚辛")
    #expect(answer.label == .complaint && answer.confidence > 0.5)
  }

  @Test("a changed byte is noticed wherever it is")
  func checksum() throws {
    let whole = SmallCorpus.modelBytes
    for place in [70, 200, whole.count / 2, whole.count - 1] {
      var bytes = whole
      bytes[place] ^= 1
      #expect(try #require(refusal(of: bytes)).contains("my.model is damaged: its checksum is"))
    }
  }

  @Test("a file of another featuriser is refused with both hashes")
  func featuriser() throws {
    var bytes = SmallCorpus.modelBytes
    bytes[16] ^= 0xFF
    let other = hex(Featuriser.hash ^ 0xFF)
    let message = try #require(refusal(of: bytes))
    #expect(
      message.hasPrefix("my.model was trained with the featuriser \(other), this program has \(hex(Featuriser.hash))"))
  }

  @Test("what is cut, added to, empty or something else is refused")
  func shapes() throws {
    let whole = SmallCorpus.modelBytes
    #expect(try #require(refusal(of: whole.dropLast())).contains("instead of \(whole.count)"))
    #expect(try #require(refusal(of: whole + [0])).contains("instead of \(whole.count)"))
    #expect(try #require(refusal(of: Array(whole.prefix(100)))).contains("is no model"))
    #expect(try #require(refusal(of: [])).contains("is no model"))
    #expect(try #require(refusal(of: Array(repeating: 0x20, count: whole.count))).contains("is no model"))
    var later = whole
    later[8] = 9
    #expect(try #require(refusal(of: later)).contains("layout 9"))
    var crooked = whole
    crooked[44] = 200
    #expect(try #require(refusal(of: crooked)).contains("200 classes"))
  }

  @Test("a file that is not there or is none names its path")
  func missing() {
    #expect(throws: ModelError("/nowhere/x.model", "cannot be opened: No such file or directory")) {
      try LinearModel(file: "/nowhere/x.model")
    }
    #expect(throws: ModelError("/tmp", "is no file")) { try LinearModel(file: "/tmp") }
  }

  @Test("a model of other classes is no model of customers' texts")
  func classes() throws {
    var plan = TrainingPlan()
    plan.languages = ["*"]
    plan.classes = ["HAM", "SPAM"]
    let texts = SmallCorpus.texts.map {
      TrainingText(
        text: $0.text, label: $0.label == "COMPLAINT" ? "SPAM" : "HAM", language: $0.language, source: $0.source)
    }
    let model = try LinearModel(bytes: Trainer(plan, texts: texts).model())
    #expect(throws: ModelError.self) { try TextClassifier(model: model) }
  }

  @Test("the model in the program is whole and made with these features and phrase lists")
  func shipped() throws {
    let model = try LinearModel(bytes: LinearModel.shipped.bytes)
    #expect(model.header.cues == Lexicon.hash, "the phrase lists changed: train again (Training/README.md)")
    #expect(model.languages == ["zh", "en"])
  }

  @Test("CRC-32 of the check string")
  func crc() {
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.of($0) } == 0xCBF4_3926)
    let text = Array("The quick brown fox jumps over the lazy dog".utf8)
    #expect(text.withUnsafeBytes { CRC32.of($0) } == 0x414F_A339)
    let parts = text.withUnsafeBytes { bytes in
      CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<13]), UnsafeRawBufferPointer(rebasing: bytes[13...]))
    }
    #expect(parts == 0x414F_A339)
  }

  @Test("eˣ and ln agree with the C library")
  func functions() {
    for step in -2000...2000 {
      let x = Double(step) / 3
      #expect(abs(exponential(x) / exp(x) - 1) < 1e-14)
      #expect(abs(logarithm(exp(x)) - x) < 1e-14 * max(1, abs(x)))
    }
    #expect(exponential(-1000) == 0 && logarithm(1) == 0)
  }
}
