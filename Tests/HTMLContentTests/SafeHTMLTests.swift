import HTMLContent
import Testing

@Suite("HTML made safe")
struct SafeHTMLTests {
  private func safe(_ html: String, images: Bool = false) -> String {
    HTMLDocument(html).safeHTML(SafeHTMLOptions(allowsRemoteImages: images)).html
  }

  @Test("blanks between the cells of a table stay where they are, in preformatted text too")
  func keepsBlanksInTables() {
    let once = safe("<pre>a <font><table> <tbody> <tr> <td> x </td> </tr></tbody></table></font></pre>")
    #expect(safe(once) == once)
    #expect(once.contains("<td> x </td>"))
    #expect(safe("a<b> </b><img alt> <i> \u{1} </i>b") == "a<b> </b> <i> </i>b")
    #expect(safe(" \0<img alt>\n") == " ")
    let twoBlanks = safe("<pre><table> </a> <tr><td>x")
    #expect(safe(twoBlanks) == twoBlanks)
  }

  @Test(
    "what runs, loads or takes over is left out",
    arguments: [
      ("<script>alert(1)</script>a", "a"), ("<p onclick=alert(1)>a</p>", "<p>a</p>"),
      ("<a href=javascript:alert(1)>a</a>", "a"), ("<a href=' java\tscript&colon;alert(1)'>a</a>", "a"),
      ("<a href='data:text/html,x'>a</a>", "a"), ("<iframe srcdoc='<p>x'></iframe>a", "a"),
      ("<svg><script>alert(1)</script></svg>a", "a"), ("<math><mtext><style><img src=x onerror=y></style>", ""),
      ("<form action=/x><input name=a>b<button>c</button></form>", "bc"), ("<!-- x -->a<!--[if IE]>b<![endif]-->", "a"),
      ("<noscript><p title='</noscript><img src=x onerror=y>'>", "'&gt;"), ("<base href=//x.test/>a", "a"),
      ("<meta http-equiv=refresh content=0>a", "a"),
      ("<p style='position:fixed;color:red'>a", "<p style=\"color:red\">a</p>"),
      ("<p style='width:expression(alert(1))'>a", "<p>a</p>"), ("<p style='behavior:url(x)'>a", "<p>a</p>"),
      ("<p style='background:\\75rl(http://x.test)'>a", "<p>a</p>"), ("<p style='margin-left:-99px'>a", "<p>a</p>"),
      ("<xmp><img src=x onerror=y></xmp>", "<pre>\n</pre>"), ("<textarea></textarea><b>a", "<b>a</b>"),
      ("<p id=location name=x class=y>a", "<p>a</p>"), ("<a href=/path>a</a>", "a"),
    ])
  func leavesOut(html: String, expected: String) {
    #expect(safe(html) == expected)
  }

  @Test("ordinary formatting stays")
  func keepsFormatting() {
    let html =
      "<h2 align=\"center\">T</h2><p style=\"color:#333;font-family:'Arial',sans-serif;padding:3px 0\">a <b>b</b> "
      + "<i>c</i> <font color=\"red\" size=\"2\">d</font><br>e</p><ul><li>f</li></ul><pre>\n\n g</pre>"
      + "<table width=\"600\" cellpadding=\"0\" bgcolor=\"#ffffff\"><tbody><tr><td valign=\"top\" colspan=\"2\">h</td></tr>"
      + "</tbody></table><blockquote>i</blockquote>"
    #expect(safe(html) == html)
  }

  @Test("links open elsewhere and tell nothing")
  func marksLinks() {
    let attributes = "target=\"_blank\" rel=\"noopener noreferrer nofollow\""
    #expect(
      safe("<a href='HTTPS://x.test/?a=1&b=2' target=_top>a</a>")
        == "<a href=\"HTTPS://x.test/?a=1&amp;b=2\" \(attributes)>a</a>")
    #expect(safe("<a href=\"mailto:a@b.test\">a</a>").hasPrefix("<a href=\"mailto:a@b.test\""))
    #expect(safe("<a href='https://x.test/\"><script>'>a</a>").contains("https://x.test/%22%3E%3Cscript%3E"))
  }

  @Test("remote content is listed and only loaded when allowed")
  func blocksRemote() {
    let html =
      "<body background=http://a.test/b.png><img src=https://a.test/i.png width=80 height=20 alt=Shop "
      + "srcset='https://a.test/2.png 2x'><p style=\"background:#fff url('//a.test/u.png')\">x</p>"
      + "<img src=https://a.test/i.png width=1 height=1><img src=cid:part1 alt=a>"
    let result = HTMLDocument(html).safeHTML()
    #expect(
      result.remoteContent == [
        "http://a.test/b.png", "https://a.test/i.png", "https://a.test/2.png", "https://a.test/u.png",
      ])
    #expect(!result.html.contains("a.test"))
    #expect(result.html.contains("width:80px;height:20px\">Shop</span>"))
    #expect(result.html.contains("<p style=\"background-color:#fff\">x</p>"))
    #expect(result.html.contains("<img src=\"cid:part1\" alt=\"a\">"))
    let open = safe(html, images: true)
    #expect(open.contains("<img src=\"https://a.test/i.png\" width=\"80\" height=\"20\" alt=\"Shop\">"))
    #expect(!open.contains("url("))
  }

  @Test("rules of style sheets go into the elements they mean")
  func inlinesStyles() {
    let html =
      "<style><!-- @import 'x'; p, td.n { color: red; position: absolute } .n { color: blue } #i{margin:0}"
      + "@media print { p { color: green } } --></style><p class=n id=i style='padding:1px'>a</p>"
    #expect(safe(html) == "<p style=\"color:red;color:blue;margin:0;padding:1px\">a</p>")
  }

  @Test("hidden parts are left out, the body's colours stay")
  func readsBody() {
    #expect(safe("<body bgcolor=#eee><p style=display:none>x</p>a") == "<div bgcolor=\"#eee\">a</div>")
  }

  @Test(
    "made safe again it stays the same",
    arguments: [
      "<a>1<a href=http://a>2<table><a href=http://b>3<td><a href=http://c>4", "<b><p>1</b>2<i>3</p>4</i>5",
      "<p>1<table><p>2<tr><p>3<td><p>4", "<li>1<div><li>2<ul><li>3</ul><dd>4<dt>5", "<h1><h2>1</h1>2<h1><div><h2>3",
      "<pre>\n\n\n1</pre><pre>\r\n2", "<table><caption><table><td>1<col><colgroup><td>2",
      "<font><font><font><font><p>1</font>2",
      "<p>1<b> </b> <x> </x>\u{8}\n", "<center><tr><td>1</center>2", "<blockquote><p><ul><p><li><table>1</table>2",
    ])
  func isIdempotent(html: String) {
    let once = safe(html)
    #expect(safe(once) == once)
  }

  @Test("a newsletter keeps its look and reads well")
  func keepsNewsletter() {
    let document = HTMLDocument(Newsletter.html)
    let safe = document.safeHTML()
    #expect(safe.remoteContent.count == 4)
    for kept in [
      "bgcolor=\"#f2f4f7\"", "background-color:#0b5fff", "border-radius:6px", "width=\"600\"", "font-size:22px",
    ] {
      #expect(safe.html.contains(kept))
    }
    #expect(!safe.html.contains("cdn.example"))
    #expect(document.readableText(TextOptions(showsLinks: true)) == Newsletter.text)
  }
}
