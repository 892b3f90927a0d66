import Testing

@testable import PostroomCore

@Suite("Reading one YAML file strictly")
struct SettingsReaderTests {
  private let log = ProblemLog()

  private func reader(_ text: String) -> SettingsReader { SettingsReader(text: text, file: "x.yaml", log: log) }

  private var complaints: [String] { log.list.map(\.description) }

  @Test(
    "the word that was meant is at most two letters away, and not any short word",
    arguments: [
      ("hots", "host"), ("hostt", "host"), ("Host", "host"), ("prot", "port"), ("usr", "user"), ("colour", nil),
      ("xy", nil), ("", nil), ("主机", nil),
    ] as [(String, String?)])
  func nearest(word: String, meant: String?) {
    #expect(SettingsReader.nearest(word, ["host", "port", "user"]) == meant)
    #expect(SettingsReader.nearest(word, []) == nil)
  }

  @Test("text stays as written, whatever YAML would make of it")
  func text() {
    let reader = reader("a: 0123\nb: no\nc: 2026-10-01\nd: 1e3\ne: ~\nf: |\n  two\n  lines\ng: ''\n")
    #expect(["a", "b", "c", "d", "e", "g"].map { reader.text($0) } == ["0123", "no", "2026-10-01", "1e3", "~", ""])
    #expect(reader.text("f") == "two\nlines\n")
    #expect(reader.text("absent") == nil)
    reader.finish()
    #expect(complaints == [])
  }

  @Test("numbers are whole, in range and in plain digits")
  func integers() {
    let reader = reader("a: 7\nb: 7.0\nc: 0x7\nd: 七\ne: 99999999999999999999\nf: 11\ng: [7]\n")
    #expect(reader.integer("a", in: 1...10) == 7)
    for key in ["b", "c", "d", "e", "f", "g"] { #expect(reader.integer(key, in: 1...10) == nil) }
    #expect(log.list.map(\.line) == [2, 3, 4, 5, 6, 7])
    #expect(reader.integer("absent", in: 1...10, required: true) == nil)
    #expect(complaints.last == "x.yaml:1: error: `absent` is missing")
  }

  @Test("a nested key is named with its path and line")
  func sections() throws {
    let reader = reader("# a note\n\nouter:\n  inner:\n    deep: x\n    other: y\n")
    let inner = try #require(reader.section("outer")?.section("inner"))
    #expect(inner.boolean("deep") == nil)
    inner.finish()
    #expect(
      complaints == [
        "x.yaml:5: error: `outer.inner.deep` is \"x\", but must be true or false",
        "x.yaml:6: error: `outer.inner.other` is not known here — known are: deep",
      ])
  }

  @Test("a list may be one value or none, but holds single values")
  func lists() {
    let reader = reader("one: a\nnone:\nempty: []\nmany:\n  - a\n  - b\nnested:\n  - a\n  - [b]\nmap: {a: b}\n")
    #expect(["one", "none", "empty", "many"].map { reader.list($0) } == [["a"], [], [], ["a", "b"]])
    #expect(reader.list("nested") == ["a"])
    #expect(reader.list("map") == nil)
    #expect(
      complaints == [
        "x.yaml:9: error: `nested` must be a list of single values", "x.yaml:10: error: `map` must be a list",
      ])
  }

  @Test("a long value is not repeated in full")
  func longValue() {
    #expect(reader("a: " + String(repeating: "x", count: 5000)).duration("a") == nil)
    #expect((complaints.first?.count ?? 5000) < 200)
  }

  @Test(
    "no text makes it trap",
    arguments: ["", "\u{0}", "{", "[", "a: &x [*x]", "a: *y", "? [a]\n: b", "%YAML 9.9", "- - -"])
  func junk(text: String) {
    let reader = reader(text)
    _ = reader.section("a")?.text("b", required: true)
    reader.finish()
    #expect(complaints.allSatisfy { $0.hasPrefix("x.yaml") })
  }
}
