import HTMLContent
import Testing

@Suite("HTML documents")
struct HTMLDocumentTests {
  private static let hundredKilobytes = 100 << 10

  /// Input made to be deep, long or costly.
  private static let hostile: [String: String] = [
    "divisions": String(repeating: "<div>", count: 12_000), "bold": String(repeating: "<b>", count: 12_000),
    "tables": String(repeating: "<table><tr><td>", count: 8_000),
    "misnested tables": String(repeating: "<table><b>", count: 12_000),
    "foster parents": "<table>" + String(repeating: "<b>x", count: 12_000),
    "formatting again and again": "<p>" + "<b><i><u><s><tt><em><big><small><code><font><strong>"
      + String(repeating: "<p>x", count: 12_000),
    "end tags": String(repeating: "<span>", count: 9_000) + String(repeating: "</x></b></p>", count: 5_000),
    "misnested": String(repeating: "<a><div></a>", count: 6_000),
    "attributes": "<p " + (0..<12_000).map { "a\($0)=1" }.joined(separator: " ") + ">",
    "a long attribute": "<p title=\"" + String(repeating: "x", count: hundredKilobytes) + "\">a",
    "open quotes": String(repeating: "<a \">", count: 12_000) + String(repeating: "<a b='", count: 12_000),
    "open tags": String(repeating: "<a", count: 40_000), "open comments": String(repeating: "<!--", count: 25_000),
    "open scripts": String(repeating: "<svg><style>", count: 12_000),
    "references": (0..<12_000).map { "&name\($0);" }.joined(),
    "rules": "<style>" + String(repeating: ".a{color:red}", count: 6_000) + "</style>"
      + String(repeating: "<b class=a>x</b>", count: 2_500),
    "style comments": "<style>" + String(repeating: "/*", count: 40_000),
    "zeros": String(repeating: "\0", count: hundredKilobytes),
    "rows": String(repeating: "<tr><td>a<td>b", count: 9_000), "lists": String(repeating: "<ul><li>a", count: 12_000),
    "selects": String(repeating: "<select><option><button><form>", count: 4_000),
  ]

  @Test("input made to cost much costs little", .timeLimit(.minutes(10)), arguments: hostile.keys.sorted())
  func boundsCost(name: String) {
    let html = Self.hostile[name] ?? ""
    let document = HTMLDocument(html)
    _ = document.readableText(TextOptions(showsLinks: true, quotes: .leftOut))
    let safe = document.safeHTML().html
    #expect(safe.utf8.count < 40 * Self.hundredKilobytes)
    #expect(HTMLDocument(safe).safeHTML().html == safe)
  }

  @Test("limits keep the text and say so")
  func keepsToLimits() {
    var limits = HTMLLimits()
    limits.depth = 20
    limits.treeBytes = 40_000
    limits.bytes = 4_000
    let deep = HTMLDocument(String(repeating: "<div>", count: 30) + "deep", limits: limits)
    #expect(deep.defects == [.tooDeep])
    #expect(deep.readableText() == "deep")
    let many = HTMLDocument(String(repeating: "<b>x</b>", count: 200), limits: limits)
    #expect(many.defects == [.tooManyTags])
    #expect(many.readableText().count == 200)
    let long = HTMLDocument(String(repeating: "中", count: 2_000), limits: limits)
    #expect(long.defects == [.tooLong])
    #expect(long.readableText().hasPrefix("中"))
    limits.bytes = 1 << 20
    limits.treeBytes = 1 << 17
    let complex = HTMLDocument("<p>a</p>" + String(repeating: "<b><p>b", count: 900), limits: limits)
    #expect(!complex.defects.isEmpty)
    #expect(complex.readableText().filter { $0 == "b" }.count == 900)
  }

  @Test("a long table keeps its first rows as rows and all of its text")
  func keepsTheFirstRows() {
    let rows = 5_000
    let table = (1...rows).map { "<tr><td>\($0)</td><td>x</td></tr>" }.joined()
    let document = HTMLDocument("<table>" + table + "</table><p>end")
    #expect(document.defects == [.tooManyTags])
    let words = document.readableText().split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "|" })
    #expect(words.count == 2 * rows + 1)
    #expect(Array(words.prefix(4)) == ["1", "x", "2", "x"])
    #expect(Array(words.suffix(4)) == ["x", "5000", "x", "end"])
    let safe = document.safeHTML().html
    #expect(safe.prefix(61) == "<table><tbody><tr><td>1</td><td>x</td></tr><tr><td>2</td><td>")
    #expect(safe.suffix(20).contains("5000"))
    #expect(HTMLDocument(safe).safeHTML().html == safe)
  }

  @Test("bytes that are no UTF-8 are replaced")
  func repairsBytes() {
    let document = HTMLDocument(utf8: [0x3C, 0x70, 0x3E, 0x61, 0xFF, 0x62, 0xE4, 0xB8] as [UInt8])
    #expect(document.readableText() == "a\u{FFFD}b\u{FFFD}")
  }

  @Test("any input gives text and safe HTML", arguments: 0..<300)
  func readsAnything(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let bits = [
      "<table>", "<tr>", "<td>", "</td>", "</table>", "<p>", "</p>", "<b>", "</b>", "<a href=http://a>", "</a>", "<li>",
      "<ul>", "</ul>", "<h1>", "<h2>", "</h1>", "<pre>", "\n", "</pre>", "<svg>", "</svg>", "<style>", "</style>",
      "<!--",
      "-->", "x", " ", "&amp;", "&lt;script>", "<script>", "</script>", "<div style=\"display:none", "\">", "'", "<dd>",
      "<dt>", "<caption>", "<col>", "<font>", "</font>", "<blockquote type=cite>", "</blockquote>", "<hr>", "<img src=",
      "<textarea>", "</textarea>", "From: a<br>", "\u{8}", "中", "<body bgcolor=red>", "<center>", "</div>", "<", "</",
    ]
    let html = (0..<random(80)).map { _ in bits[random(bits.count)] }.joined()
    let document = HTMLDocument(html)
    _ = document.readableText(TextOptions(showsLinks: true, quotes: .leftOut))
    _ = document.readableText(TextOptions(quotes: .marked))
    let safe = document.safeHTML().html
    #expect(HTMLDocument(safe).safeHTML().html == safe, "\(html)")
  }
}
