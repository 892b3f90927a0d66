extension ReplyVocabulary {
  /// Lines of phones and mail programs. Columns: how such a line starts; how it ends, in languages
  /// that put the verb last; the same where sentences end so too; how the line then starts.
  static let sentFrom = PhraseTable(
    """
    en; sent from|sent via|sent with|sent using|get outlook for|download outlook for|sent by
    zh; 发自|发送自|来自|從我的|发自我的|傳送自|寄自|發自|获取适用于|下载适用于|取得适用于|取得適用於|获取 outlook|下载 outlook|取得 outlook|由我的|签名由; ; 发送|傳送|寄出|发出; 从|從|使用|由|通过|透過
    de; von meinem|von meiner|gesendet von|gesendet mit|diese nachricht wurde von|outlook für|\
    holen sie sich outlook; gesendet|gesendet.
    fr; envoyé de|envoyé depuis|envoyé à partir|envoyé avec|envoyé par|télécharger outlook|obtenir outlook|\
    provenance
    es; enviado desde|enviado con|enviado por|obtener outlook|obtenga outlook|descargar outlook
    it; inviato da|inviato dal|inviato con|inviato tramite|scarica outlook|ottieni outlook
    pt; enviado do|enviado da|enviado de|enviado a partir|enviada do|enviado por|enviado pelo|obter outlook|\
    obter o outlook|baixe o outlook
    nl; verstuurd vanaf|verzonden vanaf|verzonden met|verstuurd met|verzonden via|outlook voor|download outlook|\
    outlook downloaden
    sv; skickat från|skickades från|skickat med|skickat via|hämta outlook
    no; sendt fra|sendt med|sendt via|få outlook|skaff deg outlook|hent outlook
    da; sendt fra|sendt med|sendt via|hent outlook|få outlook
    fi; lähetetty|lähetin|hanki outlook; lähetetty
    pl; wysłane z|wysłano z|wysłane przez|pobierz outlook|uzyskaj outlook
    cs; odesláno z|odesláno ze|posláno z|získat outlook|získejte outlook
    ru; отправлено с|отправлено из|отправлено через|послано с|скачать outlook|получить outlook
    uk; надіслано з|відправлено з
    ja; ; から送信|より送信|からの送信|を入手|で送信
    ko; ; 에서 보냄|에서 발송|에서 전송|다운로드|보냄
    tr; ; gönderildi|gönderilmiştir|edinin
    """)

  /// What those lines name, or ask pardon for.
  static let devices = PhraseTable(
    """
    en; iphone|ipad|ipod|ios|android|samsung|galaxy|huawei|honor|xiaomi|redmi|oppo|vivo|oneplus|pixel|nokia|\
    motorola|htc|blackberry|windows phone|windows|outlook|yahoo|aol|\
    gmail|icloud|proton|protonmail|zoho|thunderbird|airmail|mailbird|spark|superhuman|mobile|smartphone|\
    cell phone|phone|tablet|tablette|playbook|kindle|apple watch|macbook|t-mobile|verizon|at&t|lte|workspace|\
    lark|dingtalk|wechat|mobile device|device|my mac|brevity|typos
    zh; 手机|手機|邮箱|郵箱|平板|客户端|企业微信|微信|钉钉|飞书|安卓|华为|小米|荣耀|苹果|网易邮箱|邮箱大师|移动设备|版邮件|版郵件
    de; handy|mobiltelefon
    fr; téléphone|mobile|portable
    es; móvil|celular|teléfono|dispositivo
    it; telefono|cellulare
    pt; telemóvel|celular|telefone
    nl; mobiel|telefoon
    nordic; mobil|telefon|puhelimesta|iphonesta|ipadista|androidista
    pl; telefonu|iphone'a|ipada|smartfona|iphone’a
    cs; iphonu|ipadu|mobilu|telefonu
    ru; смартфона|телефона|планшета|мобильного|почты
    ja; 携帯|スマートフォン
    ko; 휴대폰|스마트폰|아이폰
    tr; iphone'umdan|ipad'imden|telefonumdan
    """, areStems: true)

  /// What notices of secrecy are made of; three of one line in the last paragraph of a text make one. Single words that
  /// customers use when they complain (“received by mistake”) are no phrases here.
  static let disclaimers = PhraseTable(
    """
    en; confidential|privileged|intended recipient|intended solely|intended only|solely for the|\
    for the sole use|notify the sender|inform the sender|contact the sender|in error, please|received this e|\
    received this message|any attachment|unauthorized|unauthorised|strictly prohibited|dissemination|disclosure|\
    delete it from|delete this e|delete the message|destroy|legally binding|do not print|addressee
    zh-Hans; 本邮件|本电子邮件|此邮件|及其附件|及附件|保密|机密|仅限|仅供|指定的收件人|指定收件人|错误地收到|误收|错收|错误接收|立即通知|立即删除|通知发件人|未经授权|严禁|禁止任何|法律责任
    zh-Hant; 本郵件|本電子郵件|此郵件|及其附件|及附件|保密|機密|僅限|僅供|指定的收件人|指定收件人|誤收|錯誤收到|立即通知|立即刪除|通知寄件人|未經授權|嚴禁|法律責任
    de; vertraulich|rechtlich geschützt|nicht der richtige adressat|irrtümlich erhalten|informieren sie|\
    unerlaubte|nicht gestattet|unbefugte|vernichten sie|diese e-mail enthält|ausschließlich für|bestimmungsgemäß
    fr; confidentiel|destinataire|par erreur|pièces jointes|exclusive|aviser|informer l'expéditeur|interdite|\
    non autorisée|ce message|détruire|diffusion
    es; confidencial|destinatario|por error|prohibida|prohibido|este mensaje|este correo|notifíquelo|remitente|\
    archivos adjuntos|divulgación|uso exclusivo
    it; riservat|confidenzial|destinatari|per errore|questo messaggio|vietat|mittente|allegati|divulgazione|\
    d.lgs
    pt; confidencia|destinatário|por engano|por erro|esta mensagem|proibid|remetente|anexos|divulgação|\
    uso exclusivo
    nl; vertrouwelijk|geadresseerde|ten onrechte|dit bericht|deze e-mail|niet toegestaan|afzender|vernietigen|\
    bijlage
    sv; konfidentiell|avsedd för|av misstag|detta meddelande|avsändaren|otillåten|radera|sekretess
    no; konfidensiel|taushetsplikt|beregnet for|ved en feil|denne e-posten|avsenderen|slett|vedlegg
    da; fortrolig|beregnet for|ved en fejl|denne e-mail|afsenderen|slet|vedhæftede
    fi; luottamuksellinen|tarkoitettu|vahingossa|tämä viesti|lähettäjälle|tuhoa|liitteet
    pl; poufn|adresat|przez pomyłkę|omyłkowo|ta wiadomość|niniejsza wiadomość|zabronione|nadawc|załącznik|\
    usunięcie
    cs; důvěrn|určen|omylem|tato zpráva|tento e-mail|odesílatel|příloh|zakázán
    ru; конфиденциальн|предназначен|по ошибке|данное сообщение|это сообщение|отправител|запрещен|уничтож|\
    вложения
    ja; 機密|秘密|誤って受信|誤って送信|本メール|このメール|添付ファイル|受信者|破棄|削除|禁じ|禁止
    ko; 기밀|비밀|잘못 수신|잘못 전송|본 메일|이 메일|본 이메일|첨부|수신인|수신자|삭제|금지
    tr; gizli|alıcı|yanlışlıkla|bu e-posta|bu mesaj|gönderen|ekler|yasaktır|siliniz
    """, areStems: true)

  /// How paragraphs start that a list, a virus scanner or a help desk put below a mail. Columns: those that are certain;
  /// those that need an address or a link besides; those that people write with their own address and that need a link.
  static let footers = PhraseTable(
    """
    en; virus-free|this e-mail was sent from a contact form|this email was sent from a contact form|\
    reply to this email directly|reply directly to this email|this email has been checked for viruses|\
    this e-mail has been checked for viruses|\
    this email was scanned|this e-mail was scanned|this message has been scanned|scanned by|\
    please consider the environment before|you received this message because|you are receiving this because|\
    you're receiving this because; to unsubscribe|to stop receiving|you received this|you are receiving this|\
    you're receiving this|to view this discussion|to respond, reply|visit topic|visit message|\
    if you no longer wish; unsubscribe|manage your subscription
    zh; 此邮件已由|本邮件已通过|此邮件没有病毒|本邮件不含病毒|您收到此邮件是因为|您收到这封邮件是因为; 如需退订|如不想再收到|点击退订; 退订|取消订阅|取消訂閱
    de; virenfrei|diese e-mail wurde von avast|diese e-mail wurde auf viren|\
    sie erhalten diese nachricht, weil; um sich abzumelden; abmelden|abbestellen
    fr; garanti sans virus|cet e-mail a été vérifié|sans virus|vous recevez ce message, car|\
    vous recevez ce message car; pour vous désabonner; se désabonner|désinscription
    es; libre de virus|este correo electrónico ha sido comprobado|\
    el software de antivirus avast; para cancelar la suscripción; darse de baja|cancelar suscripción
    it; privo di virus|mail priva di virus|questa e-mail è stata controllata; per annullare l'iscrizione; cancellati
    pt; livre de vírus|não contém vírus|este e-mail foi verificado|\
    este email foi escaneado; para cancelar a inscrição; cancelar inscrição
    nl; virusvrij|deze e-mail is gecontroleerd; ; afmelden|uitschrijven
    sv; virusfri|det här e-postmeddelandet har sökts; ; avsluta prenumeration|avregistrera
    no; virusfri|denne e-posten er sjekket; ; meld deg av|avslutt abonnement
    da; virusfri|denne e-mail er blevet tjekket; ; afmeld
    fi; virukseton|viruksista vapaa|tämä sähköposti on tarkistettu; ; peruuta tilaus
    pl; wolny od wirusów|bez wirusów|ta wiadomość e-mail została sprawdzona; aby zrezygnować; wypisz się
    cs; bez virů|neobsahuje žádné viry|tato zpráva byla zkontrolována; ; odhlásit
    ru; без вирусов|это письмо проверено|это сообщение проверено; чтобы отписаться; отписаться
    ja; ウイルス フリー|ウイルスフリー|このメールはウイルス; ; 配信停止|購読解除
    ko; 바이러스가 없|이 이메일은 바이러스; ; 수신거부|수신 거부
    tr; virüs yok|virüssüz|bu e-posta virüslere karşı; ; abonelikten çık|listeden çık
    """)

  /// How lines with a telephone number start.
  static let phones = PhraseTable(
    """
    en; tel|telephone|phone|mobile|cell|fax|t|m|p|direct|office
    zh; 电话|手机|手机号|联系电话|联系方式|座机|传真|電話|手機|傳真
    de; telefon|mobil|handy|fon
    fr; tél|téléphone|portable
    es; teléfono|móvil
    it; telefono|cellulare
    pt; telefone|celular
    nordic; puh|puhelin|tlf|mob
    pl; telefon
    ru; тел|телефон|моб
    ja; 携帯
    ko; 전화|휴대폰
    """)

  /// Words for the writer alone. Columns: those; longer ones that mean a company.
  static let writers = PhraseTable(
    """
    en; i|i'm|i've|my|me
    zh; 我; 我们|我們|我司|我公司|我行|我方|我处
    de; ich|mir|mich|mein|meine
    fr; je|j'ai|mon|moi
    es; yo|mi|me
    ja; 私
    """)

  /// Words that close a letter.
  static let closings = PhraseTable(
    """
    en; regards|best regards|kind regards|warm regards|best|sincerely|yours sincerely|cheers|thanks|many thanks|\
    thank you|yours|yours truly|all the best|best wishes
    zh; 祝好|此致|敬礼|顺颂商祺|顺祝商祺|顺颂|祝商祺|谢谢|谢谢！|致敬|敬禮|順頌商祺|祝 好|以上|商祺|祝您工作愉快
    de; mit freundlichen grüßen|mit freundlichem gruß|freundliche grüße|viele grüße|beste grüße|mfg|lg|gruß|\
    danke
    fr; cordialement|bien cordialement|salutations|merci|bien à vous
    es; saludos|un saludo|atentamente|saludos cordiales|gracias
    it; saluti|cordiali saluti|distinti saluti|grazie
    pt; atenciosamente|cumprimentos|com os melhores cumprimentos|abraços|obrigado|obrigada|att
    nl; met vriendelijke groet|met vriendelijke groeten|groeten|groet|mvg|bedankt
    sv; med vänliga hälsningar|vänliga hälsningar|mvh|hälsningar|tack
    no; med vennlig hilsen|vennlig hilsen|hilsen|takk
    da; med venlig hilsen|venlig hilsen|mange hilsner|tak
    fi; terveisin|ystävällisin terveisin|kiitos
    pl; pozdrawiam|z poważaniem|z wyrazami szacunku|dziękuję
    cs; s pozdravem|pozdrav|s přáním|děkuji
    ru; с уважением|спасибо|всего доброго
    ja; よろしくお願いいたします|宜しくお願い致します|よろしくお願いします|敬具
    ko; 감사합니다|드림|올림
    tr; saygılarımla|saygılar|iyi çalışmalar|teşekkürler
    """)
}
