/// What mail systems write when a mail was not delivered, in lower case. Phrases of several words, so that a customer
/// who writes about parcels is not taken for a mail system.
enum BouncePhrases {
  /// In subjects, of mail and nothing else.
  static let subjects = PhraseIndex([
    "undelivered m", "undeliverable m", "undeliverable:", "undeliverable e", "delivery status notification",
    "delayed mail", "returned mail", "mail returned", "returned email", "returned e-mail", "returned message",
    "failure notice", "failed mail", "mail failure", "mail error", "mail system error", "mailer error",
    "mail delivery fail",
    "mail delivery s", "mail delivery error", "mail delivery problem", "mail delivery report", "mail delivery not",
    "mail delivery delay", "mail delivery warning", "mail delivery has", "mail delivery was", "mail delivery incident",
    "message delivery fail", "message delivery status", "message delivery error", "message delivery problem",
    "message delivery report", "message delivery not", "message delivery delay", "message delivery has",
    "mail could not be", "mail not delivered", "message not delivered", "non-delivery report",
    "could not send message", "warning: message", "user unknown", "unknown user", "no such user",
    "error sending your m",
    "rejected mail", "mailbox full", "mailbox is full", "ndn:", "dsn:", "系统退信", "系統退信", "邮件被退回", "退信通知", "的退信",
    "邮件投递失败", "郵件投遞失敗", "メールエラー", "エラーメール", "メール配信エラー", "メール配信不能", "メール配信に失敗", "メール送信エラー", "unzustellbare m",
    "unzustellbar:",
    "non remis :", "non remis:", "correo devuelto", "mensaje devuelto", "mensagem devolvida", "onbestelbaar:",
    "недоставленное сообщение",
  ])

  /// In subjects, of mail or of parcels.
  static let doubtfulSubjects = PhraseIndex([
    "undeliver", "delivery status", "delivery fail", "delivery has failed", "delivery error", "delivery problem",
    "delivery report", "delivery notification", "delivery warning", "delivery delayed", "delivery is delayed",
    "failure notification", "returned to sender", "return to sender", "not delivered", "not be delivered",
    "non-delivery", "nondelivery", "non delivery", "undelivered", "unable to deliver", "couldn't be delivered",
    "processing error", "rejected:", "退信", "投递失败", "无法投递", "无法送达", "投遞失敗", "無法投遞", "無法傳遞", "無法送達", "發送失敗",
    "发送失败", "传递失败", "配信エラー", "送信エラー", "配信不能", "送信できません", "配信できません", "未配信", "配送不能", "不達",
    "unzustellbar", "nicht zugestellt", "nicht zustellbar", "zustellung fehlgeschlagen", "fehler bei der zustellung",
    "non remis", "échec de la remise", "échec de remise", "non distribu", "no se puede entregar",
    "no se ha podido entregar", "no entregado", "entrega fallida", "mancato recapito", "impossibile recapitare",
    "consegna non riuscita", "mancata consegna", "não foi possível entregar", "falha na entrega", "não entregue",
    "não foi entregue", "onbestelbaar", "niet bezorgd", "niet afgeleverd", "nie dostarczono", "niedostarczon",
    "недоставлен", "не доставлен", "не может быть доставлен", "не удалось доставить", "не удается доставить",
    "teslim edilemedi",
  ])

  /// In texts: something was not delivered.
  static let failures = PhraseIndex([
    "could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered",
    "can not be delivered",
    "not be delivered", "was not delivered", "were not delivered", "not been delivered", "not yet been delivered",
    "not yet delivered", "not delivered to", "able to deliver", "unable to deliver", "undeliver", "failed permanently",
    "delivery failed", "delivery has failed", "delivery to the following", "delivery failure", "delivery error",
    "delivery problems", "delivery notifications", "delivery of this message", "delivering your m",
    "delivering the message",
    "deliver the mail", "deliver your m", "deliver a message", "deliver the message", "permanent error",
    "permanent fatal error", "transient non-fatal error", "permanent failure", "temporary failure",
    "did not reach", "could not be reached", "did not receive", "has been returned", "returned to sender",
    "been postponed",
    "is delayed", "has been delayed", "been deferred", "automatically rejected", "was rejected", "been rejected",
    "were rejected", "rejected your message", "rejected by", "failure reasons", "message not delivered",
    "message not accepted", "failed to deliver", "failed recipient", "could not send", "couldn't send", "cannot send",
    "failed address", "error while being processed", "transcript of session", "could not deliver", "couldn't deliver",
    "invalid recipient", "invalid user", "mail system error", "no valid recipients", "addresses failed",
    "address failed",
    "error was detected", "failed after", "delivery status notification", "giving up", "given up", "gave up",
    "may not exist", "does not like recipient",
    "无法投递", "投递失败", "无法送达", "退信", "被退回", "未能送达", "未能投递", "发送失败", "拒收", "投遞失敗", "無法投遞", "無法送達", "退回",
    "送信できません", "送信出来ません", "配信できません", "送信に失敗", "配信に失敗", "配送できません", "お届けできません", "届きません", "届けることができません",
    "エラーのため", "配信エラー", "nicht zugestellt", "nicht zustellbar", "unzustellbar", "nicht zugestellt werden",
    "zustellung fehlgeschlagen", "konnte nicht", "n'a pas pu", "n'ont pas pu", "impossible de remettre",
    "échec de la remise",
    "échec de remise", "no se pudo entregar", "no se ha podido", "no pudo ser entregado", "no ha podido ser",
    "non è stato possibile", "impossibile recapitare", "mancato recapito", "não pôde ser", "não foi possível",
    "falha na entrega", "kon niet worden", "niet bezorgd", "nie można dostarczyć", "nie została dostarczona",
    "не может быть доставлен", "не удалось доставить", "не доставлен", "не было доставлено", "не удается доставить",
  ])

  /// In texts: the mail will be tried again.
  static let delays = PhraseIndex([
    "delayed", "not yet been delivered", "not yet delivered", "warning only", "this is only a temporary", "still being",
    "will be retried", "will keep trying", "will continue to", "attempts will continue", "will be tried again",
    "postponed",
    "do not need to resend", "no action is required", "transient non-fatal", "temporary failure", "temporary error",
    "temporarily", "will be made", "继续尝试", "稍后重试", "繼續嘗試", "再送を試み", "延迟", "遅延", "weiterhin versucht", "verzögert",
    "отложен",
  ])

  /// In texts: the mail system has given up.
  static let endings = PhraseIndex([
    "permanent", "permanently", "given up", "giving up", "gave up", "no further", "will not be retried",
    "returning message to sender", "永久", "dauerhaft", "définitive", "permanente",
  ])

  /// In lines that stand in front of the mail that is sent back.
  static let returnedMail = PhraseIndex([
    "original message", "copy of the message", "copy of your message", "copy of the original", "returned message",
    "returned mail", "message header", "unsent message", "header of the original", "headers of the original",
    "below this line", "message follows", "mail follows", "headers follow", "message text follows", "original mail",
    "original headers", "message attached", "message contains", "start of returned", "your message reads",
    "undelivered message", "rejected message", "原始邮件", "原邮件", "原始郵件", "原信", "元のメッセージ", "元のメール",
    "ursprüngliche nachricht",
    "ursprünglichen nachricht", "message original", "message d'origine", "mensaje original", "messaggio originale",
    "mensagem original", "исходное письмо", "исходное сообщение", "oorspronkelijke bericht",
  ])

  /// In texts: somebody speaks of himself.
  static let firstPerson = PhraseIndex([
    "i ", "i'", "my ", "we ", "me ", "our ", "hello", "hi ", "hi,", "dear ", "ich ", "wir ", "mein", "je ", "j'",
    "nous ", "mon ",
    "yo ", "mi ", "io ", "eu ", "я ", "мы ", "мой", "моя", "моё", "мои", "моего", "моей", "我", "你好", "您好", "私", "お世話",
  ])

  /// In texts: the sender has to prove something before the mail goes on.
  static let challenges = PhraseIndex([
    "is being held", "has been held", "held pending", "held until", "confirm that you are", "verify that you are",
    "confirm this message", "confirm your message", "approved sender", "allowed sender", "safe senders",
    "challenge-response", "challenge/response", "prove that you", "not a spammer", "verify your e",
    "verify your address",
    "unknown senders", "unrecognized sender", "awaiting confirmation", "waiting for your confirmation",
    "requires confirmation", "authentication request", "please reply to this", "approved guest", "one-time request",
  ])

  /// In automatic answers: the person that the mail was meant for is gone for good.
  static let departures = PhraseIndex([
    "no longer works", "no longer working", "no longer work for", "no longer employed", "no longer with",
    "is no longer at",
    "am no longer at", "no longer an employee", "no longer a member of staff", "has left the company",
    "have left the company",
    "has left the organization", "has left the organisation", "have left the organi", "left our company",
    "address is no longer", "mailbox is no longer", "account is no longer", "inbox is no longer", "no longer monitored",
    "email address has changed", "e-mail address has changed", "address has been deactivated",
    "mailbox has been closed",
    "已离职", "已經離職", "已离开公司", "邮箱不再使用", "信箱不再使用", "邮箱已停用", "退職しました", "退職いたしました", "退職致しました",
    "nicht mehr im unternehmen", "nicht mehr bei uns", "nicht mehr für", "hat das unternehmen verlassen",
    "ne travaille plus",
    "a quitté la société", "a quitté l'entreprise", "ne fait plus partie", "ya no trabaja", "non lavora più",
    "não trabalha mais", "больше не работает", "werkt niet meer", "nie pracuje już",
  ])
}
