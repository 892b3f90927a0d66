/// The words that mail programs put around what people write: a language a line, so that a new language is a new line
/// in each table. Case, sorts of blanks, colons and dashes do not matter (`FoldedText`).
enum ReplyVocabulary {
  /// Lines like “On … wrote:”. Columns: words that open one; words that say who wrote; the same of oneself and of the
  /// reader, which people write in sentences of their own.
  static let attributions = PhraseTable(
    """
    en; on|at; wrote|writes|said|quoting; i wrote|you wrote|we wrote
    zh; 在|于|於|星期|周|週; 写道|寫道|写到|寫到|编写|編寫|撰写|来信; 我写道|你写道|您写道|你们写道|我們寫道|我寫道|你寫道|您寫道|你們寫道
    de; am; schrieb|schrieben|schreibt|geschrieben|zitat von; schrieb ich|ich schrieb|sie schrieben|du geschrieben
    fr; le; écrit|écrivait|ecrit|citation de; j'ai écrit|vous avez écrit|tu as écrit
    es; el; escribió|escribio|escribe|citando a; escribí|usted escribió
    it; il|in data|il giorno; scritto|scrive; ho scritto|hai scritto|avete scritto
    pt; em|no dia; escreveu|escreve|citando; eu escrevi|você escreveu
    nl; op; schreef|geschreven|schreven; schreef ik|ik schreef|u schreef
    sv; den|on; skrev|skriver; skrev jag|jag skrev|skrev du
    no; den|på; skrev|skrev følgende; skrev jeg|jeg skrev
    da; den|d.; skrev|har skrevet; jeg skrev|skrev jeg
    fi; klo|ma|ti|ke|to|pe|la|su; kirjoitti|kirjoittaa; minä kirjoitin
    pl; dnia|w dniu|pon.|wt.|śr.|czw.|pt.|sob.|niedz.; napisał|napisała|napisał(a)|napisano|pisze; napisałem|napisałam
    cs; dne|po|út|st|čt|pá|so|ne; napsal|napsala|napsal(a)|odesílatel; napsal jsem|napsala jsem
    ru; в|пн|вт|ср|чт|пт|сб|вс; написал|написала|написал(а)|написали|пишет|писал|писала; я написал|я писал|вы писали
    uk; пн|вт|ср|чт|пт|сб|нд; написав|написала|пише; я написав
    ja; ; のメール|書きました|書き込み|wrote; 私が書きました
    ko; ; 작성|님이 작성|썼습니다|쓰셨습니다|보낸 메시지|보내신 메일; 내가 작성
    tr; ; yazdı|yazmış|şunu yazdı|şunları yazdı; yazdım
    hu; ; írta|ezt írta|írt; írtam
    ro; în|pe; scris|a scris; am scris
    el; στις; έγραψε; έγραψα
    """)

  /// Labels of a header that was copied into the text. Columns: from; sent, which only mail has; date; to; copy; subject.
  static let labels = PhraseTable(
    """
    en; from|sender; sent|date sent|sent at|sent on; date|time; to|recipient; cc|bcc|reply-to|reply to; subject
    zh-Hans; 发件人|发信人|寄件人; 发送时间|发送日期|发件时间|发信时间; 日期|时间|寄件时间; 收件人|收信人; 抄送|抄送人|抄送至|密送; \
    主题|主 题|主　题|邮件主题|标题
    zh-Hant; 寄件者|寄件人|發件人; 傳送時間|傳送日期|發送時間; 日期|時間|寄件日期|寄件時間; 收件者|收件人; 副本|抄送|密件副本; 主旨|主題|標題
    de; von; gesendet|gesendet am|datum/uhrzeit; datum|am; an; kopie|antwort an|cc; betreff
    fr; de|message de|expéditeur; envoyé|envoyé le|message du|date d'envoi; date|le; à|a|pour|destinataire; \
    copie à|copie|cc|répondre à; objet|sujet
    es; de|remitente; enviado|enviado el|enviado en|fecha de envío; fecha|el; para|a|destinatario; cc|copia|responder a; asunto
    it; da|mittente; inviato|inviato il|data invio; data; a|per|destinatario; cc|rispondi a; oggetto
    pt; de|remetente; enviado|enviada|enviado em|enviada em|data de envio; data; para|destinatário; cc|cópia; assunto
    nl; van|afzender; verzonden|verstuurd|verzonden op; datum; aan; cc|kopie; onderwerp
    sv; från|avsändare; skickat|skickad|skickades; datum; till; kopia|svara till; ämne
    no; fra|avsender; sendt; dato; til; kopi|svar til; emne
    da; fra|afsender; sendt|afsendt; dato; til; cc|svar til; emne
    fi; lähettäjä|keneltä; lähetetty|lähetysaika; päivämäärä|päiväys|pvm; vastaanottaja|kenelle; kopio|vastausosoite; aihe
    pl; od|nadawca; wysłano|wysłane|wysłana|data wysłania; data; do|adresat; dw|kopia|do wiadomości; temat
    cs; od|odesílatel; odesláno|posláno|datum odeslání; datum; komu|pro|příjemce; kopie; předmět
    ru; от|от кого|отправитель; отправлено|послано; дата|время; кому|получатель; копия|скрытая копия; тема
    uk; від|від кого; надіслано; дата; кому|до; копія; тема
    ja; 差出人|送信者|送信元|from; 送信日時|送信日|送信時刻|受信日時; 日時|日付; 宛先|送信先; cc|写し|返信先; 件名
    ko; 보낸 사람|보낸사람|발신자|발신; 보낸 날짜|보낸날짜|전송|보낸 시간|발송 일시; 날짜|일시; 받는 사람|받는사람|수신자|수신; 참조|숨은 참조; 제목
    tr; kimden|gönderen; gönderildi|gönderme tarihi|gönderim tarihi; tarih; kime|alıcı; bilgi|cc; konu
    hu; feladó; elküldve; dátum; címzett; másolat; tárgy
    """)

  /// Lines that announce another mail. Columns: between dashes; also without dashes.
  static let markers = PhraseTable(
    """
    en; original message|original email|original mail|original|replied message|forwarded message|forwarded mail|\
    forwarded email|forwarded by|reply message|message from; begin forwarded message|start of forwarded message
    zh; 原始邮件|原始郵件|原邮件|原始消息|原始信件|回复的原邮件|回复邮件信息|转发的原邮件|转发的邮件|转发邮件信息|转发邮件|已转发邮件|转发信息|轉寄郵件|轉寄的郵件|原始訊息|回复的邮件|原郵件;\
     开始转发的邮件|開始轉寄的郵件|以下是转发的邮件|以下是轉寄的郵件|下面是被转发的邮件
    de; ursprüngliche nachricht|originalnachricht|original-nachricht|weitergeleitete nachricht|original-mail;\
     anfang der weitergeleiteten nachricht|beginn der weitergeleiteten nachricht
    fr; message d'origine|message original|message initial|message transféré|message transmis|e-mail d'origine;\
     début du message réexpédié|début du message transféré
    es; mensaje original|mensaje reenviado|correo original|mensaje original enviado;\
     inicio del mensaje reenviado|comienzo del mensaje reenviado
    it; messaggio originale|messaggio inoltrato|messaggio originario; inizio messaggio inoltrato|\
    inizio del messaggio inoltrato
    pt; mensagem original|mensagem encaminhada|mensagem reencaminhada; início da mensagem reenviada|\
    início da mensagem encaminhada
    nl; oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|oorspronkelijke bericht|originele bericht;\
     begin doorgestuurd bericht
    sv; ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|ursprungligt mail;\
     vidarebefordrat brev|början på vidarebefordrat meddelande
    no; opprinnelig melding|videresendt melding|original melding; videresendt melding|\
    begynnelse på videresendt melding
    da; oprindelig meddelelse|original meddelelse|videresendt meddelelse|oprindelig besked;\
     start på videresendt besked|begyndelse på videresendt besked
    fi; alkuperäinen viesti|välitetty viesti|edelleenlähetetty viesti; välitetty viesti alkaa
    pl; wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana|wiadomość pierwotna|przekazana wiadomość;\
     początek przekazywanej wiadomości|początek przekazanej wiadomości
    cs; původní zpráva|původní e-mail|přeposlaná zpráva|předaná zpráva; začátek přeposílané zprávy
    ru; исходное сообщение|пересылаемое сообщение|пересланное сообщение|оригинальное сообщение|\
    перенаправленное сообщение; начало переадресованного сообщения|начало пересылаемого сообщения
    ja; 元のメッセージ|元のメール|転送されたメッセージ|転送メッセージ|転送メール|オリジナルメッセージ; 転送されたメール
    ko; 원본 메시지|원본 메일|원본메시지|원본 이메일|전달된 메시지|전달 메시지; 전달된 메시지 시작
    tr; orijinal mesaj|özgün ileti|orijinal ileti|iletilen mesaj|yönlendirilmiş ileti|yönlendirilen mesaj;\
     iletilen mesajın başlangıcı
    """)

  /// What help desks put above their mail, in the hope that nobody writes below it.
  static let replyAbove = PhraseTable(
    """
    en; reply above this line|reply above the line|write above this line|type your reply above|reply above here|\
    reply above --|above this line to reply|respond above this line
    zh; 在此行之上回复|此行上方回复|在此行以上回复|此线以上回复|此行以上回复|在这一行之上回复|在此行之上回覆|此行上方回覆
    de; antworten sie über dieser zeile|oberhalb dieser zeile|über dieser linie
    fr; au-dessus de cette ligne
    es; por encima de esta línea|encima de esta línea
    it; sopra questa riga
    pt; acima desta linha
    nl; boven deze regel
    sv; ovanför denna rad|ovanför den här raden
    no; over denne linjen
    da; over denne linje
    fi; tämän rivin yläpuolelle
    pl; powyżej tej linii
    cs; nad tímto řádkem
    ru; выше этой строки
    ja; この行より上に|この線より上に
    ko; 이 줄 위에
    tr; bu satırın üzerine
    """)
}
