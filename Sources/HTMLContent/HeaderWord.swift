/// The words mail programs write before the fields of a quoted mail.
enum HeaderWord {
  enum Field: Hashable {
    case from
    case date
    case to
    case copy
    case subject
  }

  /// The field a line starts with, if it starts with one: a word, perhaps blanks, a colon.
  static func field(startingIn line: Bytes) -> Field? {
    // The longest word has some 30 bytes; bold marks of the text form may stand around it.
    let head = line.prefix(40)
    guard let colon = head.indices.first(where: { head[$0] == ASCII.colon || head[$0] == 0xEF }) else { return nil }
    if head[colon] == 0xEF, !line.slice(colon..<colon + 3).isWideColon { return nil }
    let word = line.slice(0..<colon).filter { $0 != ASCII.star }
    let folded = String(decoding: word, as: UTF8.self).lowercased()
    let key = folded.split(whereSeparator: { $0 == " " || $0 == "\u{A0}" || $0 == "\u{3000}" }).joined(separator: " ")
    return fields[key] ?? fields[key.split(separator: " ").joined()]
  }

  private static let fields: [String: Field] = {
    var table: [String: Field] = [:]
    func add(_ field: Field, _ words: String) {
      for word in words.split(separator: ",") { table[word.drop(while: { $0 == " " }).description] = field }
    }
    add(
      .from,
      "from, von, de, da, van, från, fra, od, от, від, 发件人, 寄件者, 寄件人, 發件人, 差出人, 送信者, 보낸 사람, "
        + "보낸사람, lähettäjä, gönderen, kimden, feladó, expéditeur, remitente, mittente, afzender")
    add(
      .date,
      "sent, date, gesendet, datum, envoyé, enviado, enviado el, fecha, data, inviato, "
        + "verzonden, skickat, sendt, dato, odesláno, wysłano, отправлено, дата, надіслано, 发送时间, "
        + "发送日期, 时间, 日期, 寄件日期, 傳送時間, 發送時間, 送信日時, 日時, 日付, 보낸 날짜, 날짜, lähetetty, gönderildi, tarih, "
        + "elküldve, sent at, date sent, enviada em")
    add(
      .to,
      "to, an, à, para, a, aan, till, til, komu, do, кому, 收件人, 收件者, 宛先, 받는 사람, 받는사람, "
        + "vastaanottaja, kime, címzett, destinataire, destinatario, pour")
    add(
      .copy,
      "cc, kopie, copie à, копия, 抄送, 副本, 참조, kopia, bcc")
    add(
      .subject,
      "subject, betreff, objet, asunto, assunto, oggetto, onderwerp, ämne, emne, předmět, temat, "
        + "тема, 主题, 主旨, 主題, 標題, 件名, 제목, aihe, konu, tárgy, subj")
    return table
  }()

  /// Whether a text says that the mail below it was sent on, which is no quote: the sender wants it read.
  static func announcesForward(_ text: Bytes) -> Bool { forwards.contains { text.find($0) != nil } }

  private static let forwards: [StaticString] = [
    "forwarded message", "forwarded email", "转发的邮件", "转发邮件", "轉寄", "轉發", "weitergeleitete nachricht",
    "message transféré", "mensaje reenviado", "messaggio inoltrato", "Пересылаемое сообщение", "転送", "전달된 메일",
    "mensagem encaminhada", "doorgestuurd bericht",
  ]
}
