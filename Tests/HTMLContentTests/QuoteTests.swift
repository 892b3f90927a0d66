import HTMLContent
import Testing

@Suite("Earlier mail in HTML")
struct QuoteTests {
  private func reply(_ html: String) -> String {
    HTMLDocument(html).readableText(TextOptions(quotes: .leftOut))
  }

  @Test(
    "the marks of mail programs",
    arguments: [
      // Gmail, now and in the past.
      "<div class=gmail_quote><div class=gmail_attr>On Mon, 2 Nov 2026 A &lt;a@b.test> wrote:<br></div>"
        + "<blockquote class=gmail_quote>old</blockquote></div>",
      "<div class=gmail_extra><br><div class=gmail_quote>On 2 Nov A wrote:<blockquote>old</blockquote></div></div>",
      // Apple Mail, Thunderbird.
      "<div><br><blockquote type=\"cite\"><div>On 2 Nov 2026, at 10:00, A wrote:</div><div>old</div></blockquote></div>",
      "<div class=moz-cite-prefix>Am 02.11.26 um 10:00 schrieb A:</div><blockquote type=cite>old</blockquote>"
        + "<pre class=moz-signature>A</pre>",
      // Outlook in its forms.
      "<div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b> A<br></div><div>old</div>",
      "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> A<br><b>Sent:</b> Monday<br>"
        + "<b>To:</b> B<br><b>Subject:</b> c</p></div><p>old</p>",
      "<div>\n<b>From:</b> A<br>\n<b>Sent:</b> Monday<br>\n<b>To:</b> B</div><p>old</p>",
      "<hr id=stopSpelling>Date: Mon<br>From: a@b.test<br>old",
      "<span id=OLK_SRC_BODY_SECTION>old</span>",
      "<p><b>Von:</b> A<br><b>Gesendet:</b> Montag<br><b>An:</b> B<br><b>Betreff:</b> c</p><p>alt</p>",
      // Yahoo, Zimbra, Proton.
      "<div class=yahoo_quoted><div>On Monday, A wrote:</div>old</div>",
      "<hr id=zwchr><div>From: A</div><div>old</div>",
      "<div class=protonmail_quote>On Monday, A wrote:<br><blockquote class=protonmail_quote>old</blockquote></div>",
      // QQ Mail, with its element and with its words.
      "<includetail><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>旧</div></includetail>",
      "<div style='font-size:12px'>------------------ 原始邮件 ------------------</div>"
        + "<div><b>发件人:</b> \"A\"</div><div><b>发送时间:</b> 2026年</div><div><b>收件人:</b> B</div>旧",
      "<div id=original-content>旧</div>",
      // NetEase, Foxmail, Lark.
      "<p>在 2026-11-02 10:00:00，\"A\" &lt;a@b.test> 写道：</p><blockquote id=isReplyContent>旧</blockquote>",
      "<blockquote style='margin-Top: 0px'><div><b>发件人：</b>A</div><div><b>发送时间：</b>2026</div>"
        + "<div><b>收件人：</b>B</div><div>旧</div></blockquote>",
      "<div id=lark-mail-quote-1 class=history-quote-wrapper><div>旧</div></div>",
      // A signature the program marked.
      "<div class=gmail_signature>A, phone 1</div>", "<div id=divNeteaseMailCard>A</div>",
    ])
  func leavesOut(quote: String) {
    #expect(reply("<div>Thanks, it works.</div>" + quote) == "Thanks, it works.")
  }

  @Test("a quote without mark is known by the line in front of it")
  func knowsAttribution() {
    #expect(reply("<p>new</p><p>Le 2 nov. 2026 à 10:00, A a écrit :</p><blockquote>old</blockquote>") == "new")
    #expect(reply("<p>As the poet says:</p><blockquote>words</blockquote>") == "As the poet says:\n\nwords")
  }

  @Test("what is written between the parts of a quote stays")
  func keepsInlineReplies() {
    let html =
      "<div class=gmail_quote><div class=gmail_attr>On 2 Nov A wrote:</div><blockquote>first?</blockquote>"
      + "<div>yes</div><blockquote>second?</blockquote><div>no</div></div>"
    #expect(reply("<div>see below</div>" + html) == "see below\n\nyes\n\nno")
    #expect(reply("<blockquote type=cite>a?</blockquote>yes<blockquote type=cite>b?</blockquote>no") == "yes\n\nno")
  }

  @Test("forwarded mail and mail that is nothing but a quote stay")
  func keepsForwards() {
    let forward = "<div class=gmail_quote><div>---------- Forwarded message ---------<br>From: A<br></div>body</div>"
    #expect(reply("<div>Please help.</div>" + forward).hasSuffix("body"))
    let apple = "<div>Begin forwarded message:</div><blockquote type=cite><b>From: </b>A<br>body</blockquote>"
    #expect(reply("<div>Please help.</div>" + apple).hasSuffix("body"))
    let answered = "<p>On 2 Nov A wrote:</p><blockquote type=cite>---- Forwarded message ----<br>body</blockquote>"
    #expect(reply("<div>Done.</div>" + answered) == "Done.")
    #expect(reply("<blockquote type=cite>all there is</blockquote>") == "all there is")
    #expect(reply("<p>From: A<br>Subject: b<br>Date: today</p><p>text</p>").hasSuffix("text"))
  }

  @Test("a form with a few of the words is no quote")
  func keepsForms() {
    let html = "<p>Request</p><table><tr><td>From:</td><td>Paris</td></tr><tr><td>To:</td><td>Rome</td></tr></table>"
    #expect(reply(html) == "Request\n\nFrom:  Paris\nTo:  Rome")
  }

  @Test(
    "parcels, journeys and complaints have senders, recipients and dates too",
    arguments: [
      "包裹信息\n发件人：李四\n日期：2026年11月20日\n收件人：张三\n主题：投诉\n内容：东西坏了",
      "Please book\nFrom: Berlin\nTo: Paris\nDate: 2 May 2026\nSeats: 2",
      "Please book\nFrom: Berlin\nTo: Paris\nSent: 2 May 2026\nSubject: tickets\nSeats: 2",
    ])
  func keepsParcels(text: String) {
    #expect(reply(text.split(separator: "\n").joined(separator: "<br>")) == text)
  }

  @Test("a header in plain type is one when it shows an address, or all fields and the time")
  func knowsPlainHeaders() {
    for header in ["From: A a@b.test<br>Sent: Monday<br>Subject: c", "From: A<br>Date: 10:15<br>To: B<br>Subject: c"] {
      #expect(reply("<p>Thanks.</p><p>\(header)</p><p>old</p>") == "Thanks.")
    }
  }

  @Test("quotes can be marked")
  func marksQuotes() {
    let html = "<p>new</p><blockquote type=cite><p>a</p><p>b</p></blockquote><p>more</p>"
    #expect(HTMLDocument(html).readableText(TextOptions(quotes: .marked)) == "new\n\n> a\n>\n> b\n\nmore")
  }
}
