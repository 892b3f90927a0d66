import MailFormat
import Testing

@Suite("The new text of a reply")
struct ReplyTextTests {
  /// What is written new in a text of which everything behind `mark` is old.
  private func expectCut(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    for text in texts {
      let reply = ReplyText("Thanks, that works.\n\nOne more thing: the bill?\n\n" + text)
      #expect(
        reply.newText == "Thanks, that works.\n\nOne more thing: the bill?", "\(text)", sourceLocation: sourceLocation)
    }
  }

  private func expectWhole(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    for text in texts { #expect(ReplyText(text).newText == text, sourceLocation: sourceLocation) }
  }

  private let old = "\n> Dear customer,\n> here is your bill.\n"

  @Test("attributions of many languages above quoted lines")
  func knowsMarkedAttributions() {
    for line in [
      "On Mon, Jan 8, 2024 at 10:15 AM Desk <desk@shop.test> wrote:",
      "On 8 Jan 2024, at 10:15, Desk <desk@shop.test> wrote:",
      "On Monday, January 8, 2024 at 10:15:32 AM GMT+1, Desk\n<desk@shop.test> wrote:",
      "On Mon, Jan 8,\n2024 at 10:15 AM Desk <\ndesk@shop.test> wrote:",
      "Desk <desk@shop.test> wrote:",
      "Desk writes:",
      "Am 08.01.2024 um 10:15 schrieb Desk:",
      "Am Mo., 8. Jan. 2024 um 10:15 Uhr schrieb Desk <desk@shop.test>:",
      "Le lun. 8 janv. 2024 à 10:15, Desk <desk@shop.test> a\nécrit :",
      "El lun, 8 ene 2024 a las 10:15, Desk (<desk@shop.test>) escribió:",
      "Il giorno lun 8 gen 2024 alle ore 10:15 Desk <desk@shop.test> ha scritto:",
      "Em seg., 8 de jan. de 2024 às 10:15, Desk <desk@shop.test>\nescreveu:",
      "Op ma 8 jan 2024 om 10:15 schreef Desk <desk@shop.test>:",
      "Den mån 8 jan. 2024 kl 10:15 skrev Desk <desk@shop.test>:",
      "man. 8. jan. 2024 kl. 10:15 skrev Desk <desk@shop.test\n>:",
      "ma 8. tammik. 2024 klo 10.15 Desk (desk@shop.test) kirjoitti:",
      "pon., 8 sty 2024 o 10:15 Desk <desk@shop.test> napisał(a):",
      "po 8. 1. 2024 v 10:15 odesílatel Desk <desk@shop.test> napsal:",
      "пн, 8 янв. 2024 г. в 10:15, Desk <desk@shop.test>:",
      "8 января 2024 г., 10:15, Desk <desk@shop.test> написал:",
      "2024年1月8日(月) 10:15 Desk <desk@shop.test>:",
      "2024/01/08 10:15、Desk <desk@shop.test>のメール:",
      "2024년 1월 8일 (월) 오전 10:15, Desk <desk@shop.test>님이 작성:",
      "Desk <desk@shop.test>, 8 Oca 2024 Pzt, 10:15 tarihinde şunu yazdı:",
      "2024-01-08 10:15 GMT+08:00 Desk <desk@shop.test>:",
      "在 2024年1月8日，10:15，Desk <desk@shop.test> 写道：",
      "于 2024年1月8日 GMT+08:00 10:15:00, Desk <desk@shop.test> 写道:",
      "Desk <desk@shop.test> 於 2024年1月8日 週一 上午10:15寫道：",
    ] { expectCut(line + "\n" + old) }
  }

  @Test("the same above text without marks, as HTML mail gives it")
  func knowsUnmarkedAttributions() {
    for line in [
      "On Mon, Jan 8, 2024 at 10:15 AM Desk <desk@shop.test> wrote:",
      "On 08/01/2024 10:15, Desk wrote:",
      "---- On Mon, 08 Jan 2024 10:15:32 +0100 Desk <desk@shop.test> wrote ----",
      "On Mon, 8 Jan 2024 10:15:32 +0100 Desk <desk@shop.test> wrote", "On 8 Jan 2024, at 10:15, Desk wrote",
      "In a message dated 1/8/2024 10:15:32 AM Eastern Standard Time, desk@shop.test writes:",
      "Desk schrieb am 08.01.2024 um 10:15:", "Quoting Desk <desk@shop.test>:",
      "Понедельник, 8 января 2024, 10:15 +03:00 от Desk <desk@shop.test>:",
      "Le 08/01/2024 à 10:15, Desk a écrit :",
      "在 2024-01-08 10:15:00，\"客服\" <desk@shop.test> 写道：",
      "客服<desk@shop.test> 在 2024年1月8日 周一 10:15 写道：",
      "2024年1月8日 10:15，客服 <desk@shop.test> 写道：",
    ] { expectCut(line + "\n\nDear customer,\nhere is your bill.") }
  }

  @Test("headers copied by Outlook, Foxmail, QQ, NetEase, DingTalk, Lark and others")
  func knowsHeaders() {
    for header in [
      "From: Desk <desk@shop.test>\nSent: Monday, 8 January 2024 10:15\nTo: Ann\nSubject: Bill",
      "________________________________\nFrom: Desk\nSent: Monday, 8 January 2024 10:15\nTo: Ann\nSubject: Bill",
      "*From:* Desk <desk@shop.test>\n*Sent:* Monday, 8 January 2024\n*To:* Ann; Bob;\nCarl; Dora\n*Subject:* Bill",
      "From: Desk <desk@shop.test> Sent: Monday, 8 January 2024 10:15\nTo: Ann Subject: Bill",
      "-----Original Message-----\nFrom: Desk\nTo: Ann\nSubject: Bill",
      "发件人： 客服 <desk@shop.test>\n发送时间： 2024年1月8日 10:15\n收件人： 王芳\n主题： 账单",
      "发件人: desk@shop.test\n发送时间: 2024-01-08 10:15\n收件人: wang\n抄送: li\n主题: 回复: 账单",
      "------------------ 原始邮件 ------------------\n发件人: \"客服\" <desk@shop.test>;\n发送时间: 2024年1月8日(星期一) 上午10:15\n收件人: \"王芳\";\n主题: 账单",
      "------------------&nbsp;原始邮件&nbsp;------------------\n发件人: 客服",
      "------------------ Original ------------------\nFrom: \"Desk\";\nDate: Mon, Jan 8, 2024 10:15 AM\nTo: \"Ann\";\nSubject: Bill",
      "---- 回复的原邮件 ----\n| 发件人 | 客服<desk@shop.test> |\n| 日期 | 2024年01月08日 10:15 |\n| 收件人 | 王芳 |\n| 主题 | 账单 |",
      "------------------------------------------------------------------\n发件人：客服<desk@shop.test>\n日　期：2024年01月08日 10:15:00\n收件人：王芳\n主　题：账单",
      "发件人: \"客服\"<desk@shop.test>\n日期: 2024年1月8日 10:15\n主题: 账单\n收件人: 王芳",
      "寄件者： 客服 <desk@shop.test>\n寄件日期： 2024年1月8日 10:15\n收件者： 王芳\n主旨： 帳單",
      "Von: Desk <desk@shop.test>\nGesendet: Montag, 8. Januar 2024 10:15\nAn: Ann\nBetreff: Rechnung",
      "De : Desk <desk@shop.test>\nEnvoyé : lundi 8 janvier 2024 10:15\nÀ : Ann\nObjet : Facture",
      "Message du : 08/01/2024 10:15\nDe : \"Desk\" <desk@shop.test>\nA : ann@example.test\nSujet : Facture",
      "De: Desk\nEnviado el: lunes, 8 de enero de 2024 10:15\nPara: Ann\nAsunto: Factura",
      "Da: Desk\nInviato: lunedì 8 gennaio 2024 10:15\nA: Ann\nOggetto: Fattura",
      "De: Desk\nEnviada em: segunda-feira, 8 de janeiro de 2024 10:15\nPara: Ann\nAssunto: Fatura",
      "Van: Desk\nVerzonden: maandag 8 januari 2024 10:15\nAan: Ann\nOnderwerp: Rekening",
      "Från: Desk\nSkickat: den 8 januari 2024 10:15\nTill: Ann\nÄmne: Räkning",
      "Fra: Desk\nSendt: mandag 8. januar 2024 10:15\nTil: Ann\nEmne: Regning",
      "Lähettäjä: Desk\nLähetetty: maanantai 8. tammikuuta 2024 10.15\nVastaanottaja: Ann\nAihe: Lasku",
      "Od: Desk\nWysłano: poniedziałek, 8 stycznia 2024 10:15\nDo: Ann\nTemat: Rachunek",
      "Od: Desk\nOdesláno: pondělí 8. ledna 2024 10:15\nKomu: Ann\nPředmět: Účet",
      "От: Desk\nОтправлено: понедельник, 8 января 2024 г. 10:15\nКому: Ann\nТема: Счёт",
      "差出人: Desk <desk@shop.test>\n送信日時: 2024年1月8日 10:15\n宛先: Ann\n件名: 請求書",
      "보낸 사람: Desk <desk@shop.test>\n보낸 날짜: 2024년 1월 8일 월요일 10:15\n받는 사람: Ann\n제목: 청구서",
      "Kimden: Desk\nGönderildi: 8 Ocak 2024 Pazartesi 10:15\nKime: Ann\nKonu: Fatura",
      "From:\nDesk <desk@shop.test>\n\nTo:\nann@example.test\n\nDate:\n8 Jan 2024 10:15\n\nSubject:\nBill",
    ] { expectCut(header + "\n\nDear customer,\nhere is your bill.") }
  }

  @Test("titles between dashes and marks to write above")
  func knowsTitles() {
    expectCut(
      "-----Original Message-----\n\nDear customer", "-----Ursprüngliche Nachricht-----\nDear customer",
      "*-------- Message d’origine --------*\nDear customer", "---------- Forwarded message ---------\nDear customer",
      "---------- 转发的邮件 ---------\nDear customer", "Begin forwarded message:\n\nDear customer",
      "------- Original Message -------\nOn Monday, January 8th, 2024 at 10:15 AM, Desk <desk@shop.test> wrote:\n\n> Dear",
      "----- Mail original -----\nDe: \"Desk\" <desk@shop.test>\nEnvoyé: Lundi 8 Janvier 2024\nObjet: Facture\n\nBonjour",
      "*Gesendet:* Montag, 8. Januar 2024 um 10:15 Uhr\n*Von:* Desk <desk@shop.test>\n*Betreff:* Rechnung\n\nTag",

      "## 请在此行之上回复 ##\n\nDear customer", "##- Please type your reply above this line -##\nDear customer")
  }

  @Test("answers between quoted lines stay, with the lines they answer")
  func keepsInlineAnswers() {
    let reply = ReplyText(
      "On 8 Jan 2024, at 10:15, Desk wrote:\n> Which colour?\n\nBlue.\n\n> Which size?\n\nLarge.\n\n> Regards\n> Desk\n"
    )
    #expect(reply.newText == "> Which colour?\n\nBlue.\n\n> Which size?\n\nLarge.")
    #expect(reply.ownWords == "Blue.\n\nLarge.")
    #expect(
      reply.sections.map(\.role) == [
        .attribution, .answeredQuote, .written, .answeredQuote, .written, .quote,
      ])
    #expect(reply.sections.map(\.lines) == [0..<1, 1..<3, 3..<5, 5..<7, 7..<9, 9..<11])
  }

  @Test("a sentence above an attribution is no part of it")
  func keepsSentenceAbove() {
    for line in ["I ordered on 5 May 2024 at 10:15.", "Please see what I was told at 10:15", "On the lamp stands 2024"]
    {
      #expect(ReplyText("Hello,\n\n\(line)\nDesk wrote:\n> no").newText == "Hello,\n\n\(line)")
    }
  }

  @Test("an answer below the whole quote")
  func knowsBottomPosting() {
    let reply = ReplyText("在 2024-01-08 10:15:00，客服 <desk@shop.test> 写道：\n> 您好，\n>> 请问\n\n已经收到，谢谢。\n\n-- \n王芳")
    #expect(reply.newText == "已经收到，谢谢。")
    #expect(reply.sections.map(\.role) == [.attribution, .quote, .written, .signature])
  }

  @Test("a quoted line that was broken without a mark is quoted")
  func knowsBrokenQuotes() {
    let long = "> we would like to ask you for the number of your order and the day on which the"
    #expect(ReplyText("Here it is.\n\nDesk wrote:\n\(long)\nparcel arrived\n> at your house.").newText == "Here it is.")
  }

  @Test("a mail without words of its own keeps its content")
  func keepsForwards() {
    for header in [
      "---------- Forwarded message ---------\nFrom: Ann <ann@example.test>\nDate: Mon, Jan 8, 2024\nSubject: Bill\n\n",
      "-------- 转发邮件信息 --------\n发件人：\"王芳\" <wang@example.test>\n发送日期：2024-01-08 10:15:00\n主题：账单\n\n",
      "On Mon, Jan 8, 2024 at 10:15 AM Ann <ann@example.test> wrote:\n\n",
    ] {
      let reply = ReplyText(header + "My lamp is broken.\n\nDesk <desk@shop.test> wrote:\n\n> Your lamp")
      #expect(reply.newText == "My lamp is broken.")
      #expect(reply.sections.map(\.role) == [.attribution, .written, .attribution, .quote])
    }
    expectWhole("> only quoted")
    #expect(ReplyText("Desk wrote:\n> only quoted").newText == "> only quoted")
    #expect(ReplyText("").newText.isEmpty)
    #expect(ReplyText("\n\n").newText.isEmpty)
    #expect(ReplyText("发自我的iPhone").newText.isEmpty)
  }

  @Test("other marks of quoting")
  func knowsOtherMarks() {
    expectCut(
      "2024/1/8 Desk via Shop <desk@shop.test>\n\n| Dear customer,\n| ----\n|\n| here is your bill.",
      "Desk wrote:\nDE> Dear customer,\nDE>\nDE> here is your bill.", "DE> Dear customer,\nDE> here is your bill.")
    expectWhole("| colour | size |\n| blue | large |\n\nPlease send both.", "C:\\> dir\nSQL> select 1;\nSQL> quit")
  }

  @Test("text on both sides of a quote, and a rule that closes it")
  func keepsBothSides() {
    let reply = ReplyText("Hi,\n\nDesk wrote:\n> Which colour?\n\nBlue, please.\n\n> Regards\n\n______\nAnn of Lamps.")
    #expect(reply.newText == "Hi,\n\n> Which colour?\n\nBlue, please.")
  }

  @Test("what only looks like a quote is what the customer wrote")
  func keepsLookalikes() {
    expectWhole(
      "On Monday I wrote:\nplease send it.\nNobody did.",
      "On 8 January 2024 I wrote:\n\nplease send it.\n\nNobody did.",
      "As your colleague wrote: no problem.\nOn the other hand, nobody came.",
      "From: Berlin\nTo: Paris\nDate: 8 January 2024, 10:15\nPlease change my ticket.",
      "From: Berlin To: Paris\nPlease change my ticket.",
      "出发：北京\n时间：2024年1月8日 10:15\n到达：上海\n请改签。",
      "I need:\n- one lamp\n- two bulbs\n-- the small ones --\n- a switch",
      "The first part is done.\n--\nNow I would like to talk about the second part of it.\nIt is broken as well.",
      "The log says:\n\n2024-01-08 10:15:32 ERROR mail from ann@example.test:\nconnection lost\n2024-01-08 10:15:33 retry",
      "I typed:\n\n> install lamp\n> light on\n\nand nothing happened.",
      "I typed:\n\n```\n> install lamp\n-- \nOn 8 Jan 2024 10:15 Ann <a@b.test> wrote:\n```",
      "Sent from my desk, where it is quieter than on the phone.",
      "Sent from Hamburg on Monday, the parcel is not here yet.",
      "来自北京的包裹还没有到。",
      "I do not understand the sentence that you wrote in your last mail, where you wrote:\n\n> light is on",
      "The parcel:\n==========\nIt is broken.\n==========\nPlease help.",
      "To unsubscribe I clicked the link, but mails keep coming.",
      "您好，客服在2024年1月8日 10:15写道：\n三天内退款。\n请处理。",
      "# Lamp\n\n---\n\nIt is broken.\n\n---\n\nPlease call me about it at 030 1234567 or 030 7654321.",
      "My order:\n\n----------\nLamp 12345678\nBulb 23456789",
      "快递单上写着：\n寄件人：李四\n寄件时间：2024-01-08 10:15\n收件人：王芳\n\n请查一下。",
      "Date: 2024-01-08 10:15\nSubject: Lamp\nMessage: it is broken\nForm sent from: https://example.test/contact",
      "Please call me.\n\nThanks\nphone: 030 1234567\nmail: ann@example.test", "Lamp\n--\nBulb\n--\nSwitch",
      "My order:\n\n-----\nLamp 1\n-----\nTotal 12345678",
      "在上一封邮件中你们写道：三天内退款。\n但是没有退。")
  }

  @Test("signatures")
  func foldsSignatures() {
    expectCut(
      "-- \nAnn Example\nSales", "--\nAnn Example", "—\nAnn Example\nann@example.test",
      "__\nAnn Example\nTel. 030 1234567",
      "-----\nAnn Example\nwww.example.test", "ᐧ\n--\n***\n+++++", "————————\n王芳\n电话：138 0000 0000",
      "Best regards,\nAnn Example\nLamps Ltd\nTel. +49 30 1234567\nwww.example.test",
      "| |\n王芳\n|\n|\nwang@example.test\n|\n签名由网易邮箱大师定制", "此致\n敬礼\n\n王芳\n电话：010-12345678\n邮箱：wang@example.test",
      "祝好！\n王芳\n手机：13800000000\n邮箱：wang@example.test")
    expectWhole("请尽快处理。\n\n祝好\n王芳", "请尽快处理。\n\n此致\n敬礼\n\n王芳\n2024年1月8日", "Please help.\n\nBest regards,\nAnn")
  }

  @Test("lines of phones and mail programs")
  func foldsSentFrom() {
    expectCut(
      "Sent from my iPhone", "--\nSent from my iPad", "Sent from Yahoo Mail on Android",
      "Sent from Mail for Windows 10",
      "Get Outlook for iOS<https://aka.ms/x>", "Sent with Program (https://example.test)",
      "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
      "Sent via the Samsung Galaxy S9, an AT&T LTE smartphone",
      "Von meinem iPhone gesendet", "Gesendet von Outlook für Android", "Envoyé de mon iPhone",
      "Enviado desde mi iPhone", "Inviato da iPhone", "Enviado do meu iPhone", "Verstuurd vanaf mijn iPhone",
      "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "Wysłane z iPhone’a",
      "Odesláno z iPhonu",
      "Отправлено с iPhone", "iPhoneから送信", "나의 iPhone에서 보냄", "iPhone'umdan gönderildi", "发自我的iPhone",
      "发自我的小米手机", "發自我的 iPhone", "從我的 iPhone 傳送", "来自QQ邮箱", "发自我的企业微信", "发送自 Windows 10 版邮件应用")
    expectCut("发自我的iPhone\n\n> 2024年1月8日 10:15，客服 <desk@shop.test> 写道：\n> \n> 您好")
    expectCut("发自我的iPhone\n\n------------------ 原始邮件 ------------------\n发件人: 客服")
  }

  @Test("notices of secrecy, virus scanners and lists")
  func foldsNotices() {
    let english =
      "This message is confidential and may be privileged. If you are not the intended recipient, please notify the "
      + "sender and delete it from your system."
    let chinese = "本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。如果您错收了本邮件，请您立即通知发件人并删除本邮件。"
    expectCut(
      english, chinese, "-- \nAnn Example\n\n" + english, "********\n" + english, chinese + "\n\n" + english,
      "Virus-free. www.avast.com",
      "This email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
      "_______________________________________________\nlamps mailing list\nlamps@lists.example.test",
      "To unsubscribe from this group, send an email to lamps+unsubscribe@example.test",
      "如需退订，请点击 https://example.test/u")
    expectCut(
      english + "\n\nFrom: Desk <desk@shop.test>\nSent: Monday, 8 January 2024 10:15\nTo: Ann\nSubject: Bill\n\nx")
    expectWhole(
      "I received this e-mail by mistake, please delete my account. It is confidential, so I am worried about it.")
  }

  @Test("sections cover each line once, whatever the text")
  func coversLines() {
    for text in ["a", "a\n", "\n", "> a", "-- ", "\n\n> a\n\n", "On 2024 10:00 a@b wrote:\n>", "```\n> a", "From:"] {
      let sections = ReplyText(text).sections
      #expect(sections.first?.lines.lowerBound == 0)
      #expect(sections.last?.bytes.upperBound == text.utf8.count)
      for (one, next) in zip(sections, sections.dropFirst()) {
        #expect(one.lines.upperBound == next.lines.lowerBound && one.bytes.upperBound == next.bytes.lowerBound)
        #expect(one.role != next.role)
      }
    }
  }

  @Test("a text beyond the limit goes on as what it was", .timeLimit(.minutes(10)))
  func isLinear() {
    let long = "Hello.\n\nDesk <desk@shop.test> wrote:\n" + String(repeating: "> a\n", count: 1 << 19)
    let reply = ReplyText(long)
    #expect(reply.newText == "Hello.")
    #expect(reply.sections.last?.lines.upperBound == 3 + 1 << 19)
    for unit in ["a wrote:\n", "from: to: cc: ", "> a\nb\n", "-- \na\n\n", "confidential ", "<", ":\n", "```\n"] {
      let text = String(repeating: unit, count: (1 << 17) / unit.utf8.count)
      #expect(ReplyText(text).sections.last?.bytes.upperBound == text.utf8.count)
    }
  }
}
