/// The status of a failure that came without an enhanced code (RFC 3463), made of the words that describe it and of the
/// reply code.
enum DerivedStatus {
  /// A phrase and what it means. Of several that occur the first counts, so the more exact stand first.
  private static let table: [(status: String, phrases: [String])] = [
    (
      "5.1.2",
      [
        "host unknown", "unknown host", "host not found", "domain not found", "domain does not exist",
        "domain doesn't exist", "domain not exist", "unknown domain", "no such domain", "invalid domain", "no mx",
        "no such host", "name service error", "host or domain name not found", "unrouteable mail domain", "nxdomain",
        "can't find any host", "couldn't find any host", "could not find any host", "cannot find any host",
        "cannot find your recipient's domain", "name or service not known", "bad destination host",
        "mx or srv record indicated no smtp", "domain name not found", "the account or domain may not exist",
        "domain isn't", "illegal host", "域名不存在", "找不到域名", "無此網域", "ドメインが見つかりません", "ドメインが存在しません",
        "domain existiert nicht", "domaine inconnu", "dominio desconocido", "dominio inesistente",
      ]
    ),
    (
      "5.2.2",
      [
        "mailbox full", "mailbox is full", "mailbox was full", "mailbox for user is full", "full mailbox",
        "mail box is full",
        "mail box full", "inbox is full", "inbox full", "over quota", "overquota", "over their quota", "over the quota",
        "out of quota", "over disk quota", "disk quota", "quota exceed", "exceeded quota", "exceeds quota",
        "exceeded their quota", "exceeded its quota", "exceeded his", "quota violation", "quota full",
        "exceeded storage",
        "storage allocation", "exceeded the storage", "exceeded its storage", "out of storage", "storage quota",
        "storage limit", "mailbox size limit", "mailbox has exceeded", "mailbox exceeds", "not enough space",
        "has too many messages", "insufficient space", "user's disk", "account is full", "mailbox quota", "quota limit",
        "receiving quota", "超过配额", "邮箱已满", "信箱已满", "邮箱空间", "空间已满", "空间不足", "邮箱容量", "超出邮箱", "郵箱已滿", "信箱已滿", "信箱空間",
        "容量を超え", "容量がいっぱい", "容量オーバー", "メールボックスが満杯", "メールボックスが一杯", "メールボックスがいっぱい", "メールボックスの容量", "満杯",
        "postfach ist voll", "postfach voll", "postfach des empfängers ist voll", "speicherplatz", "boîte pleine",
        "boîte aux lettres est pleine", "boîte de réception est pleine", "messagerie pleine", "quota dépassé",
        "buzón lleno", "buzón está lleno", "casella piena", "casella è piena", "caixa cheia", "caixa postal cheia",
        "mailbox vol", "ящик переполнен", "переполнен", "skrzynka jest pełna",
      ]
    ),
    (
      "5.2.1",
      [
        "account disabled", "account is disabled", "account has been disabled",
        "account that you tried to reach is disabled",
        "mailbox disabled", "mailbox is disabled", "mailbox has been disabled", "user is disabled", "user disabled",
        "is locked", "account is inactive", "account inactive", "inactive user", "mailbox is inactive",
        "mailbox inactive",
        "has been inactive", "account suspended", "account is suspended", "has been suspended", "suspended",
        "temporarily disabled", "disabled or discontinued", "has been deactivated", "account is not active",
        "user account is expired", "account expired", "currently not accepting", "not currently accepting",
        "被禁用", "已停用", "已禁用", "被冻结", "已冻结", "被停用", "利用停止", "停止されて", "konto deaktiviert", "compte désactivé",
        "cuenta deshabilitada", "заблокирован", "отключен",
      ]
    ),
    (
      "5.1.6",
      [
        "user has moved", "has moved", "no longer with", "no longer works", "no longer on server",
        "no forwarding address",
        "已离职", "退職",
      ]
    ),
    (
      "5.1.1",
      [
        "user unknown", "unknown user", "unknown recipient", "recipient unknown", "unknown or illegal alias",
        "unknown address",
        "unknown account", "unknown local", "unknown mailbox", "no such user", "no such recipient", "no such mailbox",
        "no such address", "no such account", "no such person", "no such email", "no such local user",
        "no such an email",
        "no matches", "no mailbox", "no account", "no user", "not a known user", "not known", "not our customer",
        "not listed in", "not in our database", "not a valid", "isn't a valid", "not valid", "does not exist",
        "doesn't exist", "do not exist", "did not exist", "don't have an account", "doesn't have a", "does not have a",
        "may not exist", "not exist", "invalid recipient", "invalid user", "invalid mailbox", "invalid address",
        "invalid local", "recipient not found", "recipient no found", "user not found", "mailbox not found",
        "account not found", "address not found", "not found in directory", "recipient not exist",
        "recipient name is not recognized", "recipient is not recognized", "address is not recognized",
        "not recognized",
        "unrouteable address", "unroutable address", "unresolved address", "unresolvable address",
        "bad destination mailbox", "bad address", "address unknown", "address incorrect", "illegal user",
        "there is no user", "there is no such", "is not a local", "mailbox unavailable", "mailbox not available",
        "recipient invalid", "recipient does", "address rejected: undeliverable", "user doesn't", "cannot find user",
        "can't find user", "couldn't find user", "does not like recipient", "addressee unknown", "no valid recipients",
        "not listed in domino directory", "user is unknown", "account not available", "account unavailable",
        "用户不存在", "用户未找到", "收件人不存在", "邮箱不存在", "邮箱地址不存在", "账号不存在", "帐号不存在", "账户不存在", "帐户不存在", "地址不存在",
        "找不到该用户", "找不到收件人", "无此用户", "不存在该用户", "無此用戶", "用戶不存在", "使用者不存在", "查無此人", "信箱不存在", "帳號不存在",
        "ユーザが見つかりません", "ユーザーが見つかりません", "メールアドレスが見つかりません", "アドレスが存在しません", "存在しない", "存在しません", "宛先不明",
        "宛先が見つかりません", "ディレクトリのリストにありません", "見つかりませんでした", "unbekannter empfänger", "empfänger unbekannt",
        "existiert nicht", "nicht bekannt", "empfänger nicht gefunden", "utilisateur inconnu", "destinataire inconnu",
        "adresse inconnue", "n'existe pas", "usuario desconocido", "no existe", "destinatario desconocido",
        "utente sconosciuto", "non esiste", "destinatario sconosciuto", "usuário desconhecido", "não existe",
        "bestaat niet", "onbekende gebruiker", "nie istnieje", "не существует", "пользователь не найден", "нет такого",
        "адрес не найден", "неизвестный пользователь",
      ]
    ),
    (
      "5.3.4",
      [
        "message too large", "message too big", "message is too large", "message is too big", "message size",
        "mail size",
        "too large for", "exceeds the maximum", "exceeded maximum", "exceeded the maximum", "exceeds maximum",
        "exceeds size",
        "maximum message size", "maximum size", "size limit", "size exceeds", "message file too big", "fixed maximum",
        "larger than the", "邮件过大", "邮件太大", "超过大小", "大小超过", "郵件過大", "大きすぎ", "サイズ", "zu groß", "trop volumineux",
        "trop gros", "demasiado grande", "troppo grande", "muito grande", "te groot", "слишком большо",
      ]
    ),
    ("5.7.25", ["reverse dns", "ptr record", "valid ptr", "rdns", "reverse lookup"]),
    (
      "5.7.1",
      [
        "relay", "relaying", "spam", "blocked", "blacklist", "black list", "block list", "blocklist", "blocked using",
        "dnsbl", "spamhaus", "policy", "access denied", "not authorized", "unauthorized", "not permitted",
        "not allowed", "permission", "denied", "content reject", "virus", "malware", "dmarc", "spf ", "dkim",
        "prohibited",
        "administratively", "refused by", "banned", "poor reputation", "reputation", "rejected for", "not accepted",
        "does not accept", "message rejected", "invalid ip", "unsolicited", "authentication required", "身份验证", "垃圾邮件",
        "黑名单", "被拒绝", "拒收", "反垃圾", "垃圾郵件", "拒絕", "迷惑メール", "受信拒否", "受信を拒否", "拒否", "ドメイン指定", "abgelehnt", "gesperrt",
        "refusé", "indésirable", "rechazado", "rifiutato", "rejeitad", "geweigerd", "спам", "отклонен",
      ]
    ),
    ("5.4.6", ["mail loop", "looping", "too many hops", "loop detected", "loops back", "hop count", "routing loop"]),
    (
      "4.4.7",
      [
        "expired", "retry timeout", "retry time", "timeout exceeded", "queue too long", "not responding",
        "been in the queue", "too many failed", "unable to deliver in", "undeliverable for", "delivery time",
        "failed after i sent", "days have", "投递超时", "超过投递期限", "配信期限", "応答がありません", "истекло",
      ]
    ),
    ("4.3.1", ["insufficient system storage", "insufficient disk", "no space left", "system storage", "disk full"]),
    (
      "4.7.1",
      ["greylist", "greylisted", "graylist", "rate limit", "too many connections", "too many messages", "too fast"]
    ),
    (
      "4.4.1",
      [
        "connection timed out", "connection refused", "connection reset", "no answer from", "could not connect",
        "couldn't connect", "cannot connect", "can't connect", "unable to connect", "timed out", "timeout",
        "unreachable",
        "no route to host", "network error", "not reachable", "did not accept our requests to connect", "socket error",
        "connection dropped", "conversation with", "连接超时", "无法连接", "连接失败", "連線", "接続できません",
      ]
    ),
  ]

  /// Every phrase of the table in its order.
  static let phrases = PhraseIndex(table.flatMap(\.phrases))
  private static let statuses = table.flatMap { row in row.phrases.map { _ in StatusCode(text: row.status) } }

  /// The status that the words of a failure mean; nil when they mean none.
  static func find(in folded: [UInt8]) -> StatusCode? { phrases.first(in: folded).map { statuses[$0] } }

  /// What a reply code alone tells (RFC 5321 §4.2.3), or nothing at all.
  static func find(reply: Int?) -> StatusCode {
    switch reply {
    case 452: StatusCode(text: "4.3.1")
    case 552: StatusCode(text: "5.2.2")
    case 551: StatusCode(text: "5.1.6")
    case 553: StatusCode(text: "5.1.3")
    case 421, 450, 451: StatusCode(text: "4.3.0")
    case 530, 534, 535, 571: StatusCode(text: "5.7.0")
    default: StatusCode(text: "5.0.0")
    }
  }
}
