import HTMLContent
import Testing

@Suite("HTML as text")
struct ReadableTextTests {
  private func text(_ html: String, links: Bool = false) -> String {
    HTMLDocument(html).readableText(TextOptions(showsLinks: links))
  }

  @Test("blanks at the end of preformatted cells cost the next cell nothing")
  func keepsCellsWhole() {
    let row = "<pre>a   <table><tr><td>one   <td>two     <td>   </table></pre>"
    #expect(HTMLDocument(row).readableText() == "a\n\none  two")
    let empty = "<pre><table><tr><td>one      <td>b<td>      </table></pre>"
    #expect(HTMLDocument(empty).readableText() == "one  b")
  }

  @Test("what the one-pass reader made of HTML stays")
  func keepsEarlierExpectations() {
    let html =
      "<head><title>t</title><style>p{}</style></head><p>a&nbsp;&lt;b&gt; &#20013;</p><br><div title=\"1>2\">c</div>"
    #expect(text(html + "<script>x</script><!-- y --><li>d") == "a <b> 中\n\n\nc\n- d")
  }

  @Test("paragraphs stand apart, divisions and breaks on lines of their own")
  func dividesBlocks() {
    #expect(text("<p>one</p><p>two</p>") == "one\n\ntwo")
    #expect(text("<div>one</div><div><div>two</div></div>three<br>four") == "one\ntwo\nthree\nfour")
    #expect(text("<h1>Head</h1>text <b>bold</b>er") == "Head\n\ntext bolder")
    #expect(text("one<hr>two<hr>") == "one\n* * *\ntwo")
  }

  @Test("white space of the source counts once, in preformatted text as it is")
  func collapsesWhiteSpace() {
    #expect(text("  a \n\t b<span> c </span> d  ") == "a b c d")
    #expect(text("<pre>\na\n  b</pre>") == "a\n  b")
    #expect(text("<div style=\"white-space:pre-wrap\">a\n b</div>") == "a\n b")
    #expect(text("<div style='white-space:pre-line'>a   b\nc</div>") == "a b\nc")
  }

  @Test("no blank comes between Han characters where only the source has a line end")
  func joinsHan() {
    #expect(text("<p>您好，\n  世界</p>") == "您好，世界")
    #expect(text("<p>您好 世界</p>") == "您好 世界")
    #expect(text("<p>안녕\n하세요 hello\nworld</p>") == "안녕 하세요 hello world")
    #expect(text("<b>订单</b><span>号</span>") == "订单号")
  }

  @Test("lists with their marks, one inside the other")
  func writesLists() {
    #expect(text("<ul><li>a<li><p>b</p></ul>") == "- a\n- b")
    #expect(text("<ol start=3><li>a</li><li>b<ul><li>c</ul></ol>") == "3. a\n4. b\n  - c")
    #expect(text("<ul><li></li><li>a</li></ul>") == "- a")
  }

  @Test("the cells of a row are a line, columns of text are paragraphs")
  func readsTables() {
    let table = "<table><tr><th>Item<th>Price</tr><tr><td>Chair</td><td><p>20 €</p></td></tr></table>"
    #expect(text(table) == "Item  Price\nChair  20 €")
    let layout = "<table><tr><td><p>One</p><p>two</p></td><td><div>Three</div></td></tr></table>"
    #expect(text(layout) == "One\n\ntwo\n\nThree")
    let nested = "<table><tr><td><table><tr><td>Hello</td></tr></table></td></tr><tr><td>Bye</td></tr></table>"
    #expect(text(nested) == "Hello\n\nBye")
  }

  @Test("a link's address follows when its text does not tell it")
  func writesLinks() {
    #expect(text("<a href='https://x.test/a?b=1&amp;c=2'>here</a>", links: true) == "here (https://x.test/a?b=1&c=2)")
    #expect(text("<a href='https://x.test/'>x.test</a>", links: true) == "x.test")
    #expect(text("<a href='mailto:a@b.test'>a@b.test</a>", links: true) == "a@b.test")
    #expect(text("<a href='javascript:x()'>here</a>", links: true) == "here")
    #expect(text("<a href='https://x.test/'>here</a>") == "here")
    #expect(text("<img src='http://x.test/a.png' alt='Our shop'> now") == "Our shop now")
  }

  @Test(
    "what a reader does not see is not text",
    arguments: [
      "<div style='display:none'>x</div>", "<p hidden>x</p>", "<span style='font-size:0px'>x</span>",
      "<div style=\"max-height:0;overflow:hidden\">x</div>", "<p style='visibility:hidden'>x</p>",
      "<p style='mso-hide:all'>x</p>", "<style>.pre { display: none !important }</style><p class='big pre'>x</p>",
      "<noscript>x</noscript>", "<template>x</template>", "<svg><text>x</text></svg>", "<p style=opacity:0>x</p>",
      "<title>x</title>", "<!--[if mso]>x<![endif]-->", "<xml><o:p></o:p></xml>", "<iframe>x</iframe>",
    ])
  func leavesOutHidden(html: String) {
    #expect(text("a" + html) == "a")
  }

  @Test("text that only looks hidden is kept")
  func keepsShown() {
    #expect(text("<td style='font-size:0'><div style='font-size:13px'>a</div></td>") == "a")
    #expect(text("<p style='opacity:0.5;font-size:0.9em'>a</p>") == "a")
    #expect(text("<style>@media print { p { display: none } } div p { display: none }</style><p>a") == "a")
  }

  @Test("blanks and characters without width become plain")
  func plainsCharacters() {
    #expect(text("a&nbsp;&nbsp;b\u{200B}c\u{AD}d&zwnj;e\u{FEFF}") == "a bcde")
    #expect(text("👨\u{200D}👩 می\u{200C}خواهم") == "👨\u{200D}👩 می\u{200C}خواهم")
  }

  @Test("references are decoded as browsers do")
  func decodesReferences() {
    #expect(text("&copy;&#8364;&#x4E2D;&#128;&hellip;&AElig;&notin;") == "©€中€…Æ∉")
    #expect(text("&amp;lt; &unknown; AT&T a&b;") == "&lt; &unknown; AT&T a&b;")
    #expect(text("&#0;&#xD800;&#99999999;") == "\u{FFFD}\u{FFFD}\u{FFFD}")
  }

  @Test("tags that are none are text")
  func keepsLooseSigns() {
    #expect(text("a < b and 1<2, <3") == "a < b and 1<2, <3")
    #expect(text("cut <a href=\"off") == "cut <a href=\"off")
    #expect(text("<textarea><b>a</textarea><button>b</button>") == "<b>ab")
  }
}
