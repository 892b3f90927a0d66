/// What programs put before the subject of a mail that they answer: “Automatic reply: order”, “[自动回复] 订单”.
struct AutoReplyLabel {
  /// Folded.
  let text: String
  /// People write to us about it too: “Vacation: two rooms”.
  let isTopic: Bool

  /// The label that a folded subject starts with. Behind it comes a colon, the bracket that it opened, the mark of a
  /// reply, or nothing: “Automatic reply is broken” is a sentence.
  static func find(in subject: [UInt8]) -> AutoReplyLabel? {
    for (open, close) in brackets where subject.starts(with: open.utf8) {
      return find(subject.dropFirst(open.utf8.count)) { $0.starts(with: close.utf8) }
    }
    return find(subject[...]) { rest in
      rest.isEmpty || rest.first == ASCII.colon || rest.starts(with: "：".utf8) || isReplyMark(rest)
    }
  }

  private static func find(_ text: ArraySlice<UInt8>, isEnd: (ArraySlice<UInt8>) -> Bool) -> AutoReplyLabel? {
    let text = Array(text)
    func isLabel(_ end: Int) -> Bool { isEnd(text[end...].drop { $0 == ASCII.space }) }
    if let number = labels.prefix(of: text, where: isLabel) {
      return AutoReplyLabel(text: labels[number], isTopic: false)
    }
    return topics.prefix(of: text, where: isLabel).map { AutoReplyLabel(text: topics[$0], isTopic: true) }
  }

  private static func isReplyMark(_ rest: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: rest, as: UTF8.self)
    return SubjectLine.strippingReplyPrefixes(text).utf8.count < text.utf8.count
  }

  private static let brackets = [("[", "]"), ("(", ")"), ("【", "】"), ("（", "）"), ("「", "」"), ("<", ">")]

  private static let labels = PhraseIndex([
    "automatic reply", "automatic response", "automated reply", "automated response", "auto reply", "auto-reply",
    "autoreply", "auto response", "auto-response", "autoresponse", "out of office", "out-of-office",
    "out of the office", "out of office reply", "out of office autoreply", "out of office auto-reply",
    "out of office auto reply", "out of office message", "out of office notification", "ooo", "vacation reply",
    "vacation response", "away message", "自动回复", "自动回覆", "自动答复", "自动回信", "外出自动回复", "外出自动答复", "系统自动回复",
    "不在办公室", "自動回覆", "自動回復", "自動答覆", "外出自動回覆", "不在辦公室", "自動返信", "自動返信メール", "自動応答", "自動応答メール", "不在通知",
    "不在自動応答", "automatische antwort", "automatische antwort auf", "automatische rückantwort", "abwesenheitsnotiz",
    "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsbenachrichtigung", "abwesenheitsassistent",
    "réponse automatique", "reponse automatique", "message d'absence", "absence du bureau", "absent du bureau",
    "respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina",
    "risposta automatica", "fuori sede", "fuori ufficio", "resposta automática", "resposta automatica",
    "fora do escritório", "automatisch antwoord", "automatisch bericht", "afwezigheidsbericht", "automatiskt svar",
    "frånvaromeddelande", "automatisk svar", "autosvar", "fraværsmelding", "fraværsbesked", "automaattinen vastaus",
    "poissaoloilmoitus", "odpowiedź automatyczna", "automatyczna odpowiedź", "automatická odpověď", "автоответ",
    "автоматический ответ", "otomatik yanıt", "자동 응답", "자동응답", "자동 회신", "자동회신", "부재중",
    // Receipts of programs that do not know RFC 8098.
    "已读回执", "阅读回执", "已讀回條", "已讀回執", "read receipt", "return receipt", "lesebestätigung", "accusé de lecture",
    "開封確認",
  ])

  private static let topics = PhraseIndex([
    "auto", "vacation", "on vacation", "on leave", "annual leave", "on holiday", "away", "away from my mail",
    "away from the office", "休假", "请假", "休暇", "不在", "abwesenheit", "abwesend", "absence", "absent", "ausente",
    "afwezig",
    "afwezigheid", "frånvaro", "poissa",
  ])
}
