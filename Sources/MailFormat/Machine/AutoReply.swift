/// Automatic answers and notices: out-of-office notes, confirmations, tickets (RFC 3834).
enum AutoReply {
  /// What says that a mail is one, as a sentence.
  static func evidence(in message: MailMessage, _ signs: HeaderSigns) -> String? {
    if let keyword = signs.autoSubmitted { return "Its Auto-Submitted field says \(keyword) (RFC 3834)." }
    if let field = signs.fields(.autoReply).first(where: { $0.text.lowercased() != "no" }) {
      return "It carries an \(field.name) field."
    }
    if let field = signs.fields(.autoReplyIfTrue).first(where: {
      ["true", "yes", "1", "reply"].contains($0.text.lowercased())
    }) {
      return "Its \(field.name) field says so."
    }
    if signs.precedence.contains("auto_reply") { return "Its Precedence field says auto_reply." }
    if signs.fields(.deliveredTo).contains(where: {
      $0.value.withUnsafeBufferPointer { $0.equalsIgnoringCase("autoresponder") }
    }) {
      return "It was delivered by an autoresponder."
    }
    if signs.fields(.messageClass).contains(where: { $0.text.lowercased().contains("autoresponder") }) {
      return "Its X-POST-MessageClass field says autoresponder."
    }
    if signs.has(.suppression), signs.has(.inboxRules) {
      return "An Exchange inbox rule sent it (X-MS-Exchange-Inbox-Rules-Loop)."
    }
    return evidenceOfSubject(message, signs)
  }

  /// People write "休假" too: the words count only from a machine's envelope or in answer to a mail.
  private static func evidenceOfSubject(_ message: MailMessage, _ signs: HeaderSigns) -> String? {
    let isAnswer = !message.inReplyTo.isEmpty || !message.references.isEmpty
    guard isAnswer || signs.has(.suppression) || signs.has(.precedence) || message.returnPath?.isEmpty == true,
      let number = AutoReplyPhrases.find(in: signs.subject)
    else { return nil }
    return
      "Its subject starts with “\(AutoReplyPhrases.subjects[number])”, and its header is that of an automatic answer."
  }
}

/// The first words of the subjects of automatic answers, in lower case.
enum AutoReplyPhrases {
  /// The number of the phrase that a folded subject starts with, in brackets or not.
  static func find(in subject: [UInt8]) -> Int? {
    for bracket in ["[", "(", "【", "（", "「"] where subject.starts(with: bracket.utf8) {
      return subjects.prefix(of: Array(subject.dropFirst(bracket.utf8.count)))
    }
    return subjects.prefix(of: subject)
  }

  static let subjects = PhraseIndex([
    "automatic reply", "automatic response", "automated reply", "automated response", "auto reply", "auto-reply",
    "autoreply", "auto response", "auto-response", "autoresponse", "auto: ", "out of office", "out-of-office",
    "out of the office", "ooo:", "on vacation", "on leave", "on holiday", "vacation", "away from", "i am out of",
    "i'm out of", "自动回复", "自动回覆", "自動回覆", "自動回復", "自动答复", "自動答覆", "外出自动", "外出自動", "不在办公室", "休假", "自動返信", "自動応答",
    "不在通知", "不在：", "不在:", "休暇", "automatische antwort", "abwesenheit", "abwesend", "abwesenheitsnotiz",
    "automatische rückantwort", "réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau",
    "respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "ausente",
    "risposta automatica",
    "fuori sede", "fuori ufficio", "resposta automática", "resposta automatica", "fora do escritório",
    "automatisch antwoord",
    "automatisch bericht", "afwezig", "afwezigheid", "automatiskt svar", "frånvaro", "automatisk svar", "autosvar",
    "automaattinen vastaus", "poissa", "odpowiedź automatyczna", "automatyczna odpowiedź", "automatická odpověď",
    "автоответ", "автоматический ответ", "otomatik yanıt", "자동 응답", "자동회신", "부재중",
  ])
}
