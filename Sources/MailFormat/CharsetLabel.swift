/// The names that mail gives to character sets.
enum CharsetLabel {
  enum Kind {
    case utf8
    case ascii
    case windows1252
    /// Superset of ASCII in 8-bit bytes, known to iconv(3) under this name.
    case multibyte(String)
    /// Escape sequences in 7-bit bytes, or 16- and 32-bit units: never to be taken for UTF-8.
    case special(String)
    case unknown
  }

  /// Not known to glibc.
  static let hz = "HZ"
  /// Of EUC-KR and its extension.
  static let korean = "CP949"

  static func kind(of label: String) -> Kind {
    // The usual spellings stand in the table as they are.
    if let kind = kinds[label] { return kind }
    let key = key(of: label)
    if let kind = kinds[key] { return kind }
    for prefix in ["x", "cs"] where key.hasPrefix(prefix) {
      if let kind = kinds[String(key.dropFirst(prefix.utf8.count))] { return kind }
    }
    return .unknown
  }

  /// Letters and digits alone say which one it is (Unicode UTS #22 §1.4): `ISO_8859-1`, `iso8859-1`, `"ISO-8859-1"`.
  private static func key(of label: String) -> String {
    String(decoding: label.utf8.lazy.map(ASCII.lower).filter { ASCII.isLetter($0) || ASCII.isDigit($0) }, as: UTF8.self)
  }

  /// Only these names reach iconv(3): its own search for unknown ones is slow and open to suffixes like //IGNORE.
  private static let kinds: [String: Kind] = {
    var table: [String: Kind] = [:]
    func add(_ labels: String, _ kind: Kind) {
      for label in labels.split(separator: " ") {
        table[String(label)] = kind
        table[key(of: String(label))] = kind
      }
    }
    add("utf-8 unicode-1-1-utf-8 utf-8-bom utf-8-sig utf8mb4 utf8mb3 cp65001 utf-8n", .utf8)
    add("us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us iso_646.irv:1991 7bit 8bit", .ascii)
    add("iso-8859-1 iso_8859-1:1987 iso-ir-100 isolatin1 latin-1 l1 windows-1252 win-1252", .windows1252)
    add("cp1252 ansi cp819 ibm819 8859-1 ansi_x3.110-1983 western", .windows1252)
    addChinese(add)
    addJapanese(add)
    add("euc-kr ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ksc_5601 cp949 ms949 uhc windows-949", .multibyte(korean))
    add("korean ksc56011987 iso-ir-149", .multibyte(korean))
    add("johab ms1361 cp1361", .multibyte("JOHAB"))
    add("iso-2022-kr", .special("ISO-2022-KR"))
    addEuropean(add)
    add("utf-7 unicode-1-1-utf-7 unicode-2-0-utf-7 utf-7-imap", .special("UTF-7"))
    add("utf-16 unicode ucs-2 iso-10646-ucs-2", .special("UTF-16"))
    add("utf-16le unicodelittle ucs-2le", .special("UTF-16LE"))
    add("utf-16be unicodebig ucs-2be unicodefffe", .special("UTF-16BE"))
    add("utf-32 ucs-4 iso-10646-ucs-4", .special("UTF-32"))
    add("utf-32le", .special("UTF-32LE"))
    add("utf-32be", .special("UTF-32BE"))
    return table
  }()

  /// GB 2312 and GBK are subsets of GB 18030, and what is called so often is no more than that.
  private static func addChinese(_ add: (String, Kind) -> Void) {
    add("gb2312 gbk gb18030 gb_2312-80 cp936 ms936 windows-936 euc-cn", .multibyte("GB18030"))
    add("chinese gb18030-2000 gb18030-2005 gb18030-2022 iso58gb231280 iso-ir-58", .multibyte("GB18030"))
    add("big5 big5-hkscs cn-big5 x-x-big5 big5-eten cp950 ms950 windows-950", .multibyte("BIG5-HKSCS"))
    add("euc-tw", .multibyte("EUC-TW"))
    add("iso-2022-cn", .special("ISO-2022-CN"))
    add("iso-2022-cn-ext", .special("ISO-2022-CN-EXT"))
    add("hz-gb-2312 hz", .special(hz))
  }

  private static func addJapanese(_ add: (String, Kind) -> Void) {
    add("euc-jp euc ujis eucpkdfmtjapanese euc-jp-ms cp51932", .multibyte("EUC-JP-MS"))
    add("euc-jis-2004 euc-jisx0213", .multibyte("EUC-JISX0213"))
    add("shift_jis sjis ms_kanji cp932 windows-31j ms932 windows-932", .multibyte("CP932"))
    add("shift_jis-2004 shift_jisx0213 sjis-2004", .multibyte("SHIFT_JISX0213"))
    add(
      "iso-2022-jp iso-2022-jp-ms cp50220 cp50221 cp50222 jis iso-2022-jp-3 iso-2022-jp-2004", .special("ISO-2022-JP-3")
    )
    add("iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-ext", .special("ISO-2022-JP-2"))
  }

  private static func addEuropean(_ add: (String, Kind) -> Void) {
    add("tis-620 windows-874 cp874 iso-8859-11", .multibyte("CP874"))
    add("koi8-r koi8", .multibyte("KOI8-R"))
    add("koi8-u koi8-ru", .multibyte("KOI8-U"))
    add("macintosh mac mac-roman", .multibyte("MACINTOSH"))
    add("mac-cyrillic", .multibyte("MAC-CYRILLIC"))
    add("mac-ce mac-centraleurope mac-centraleurroman", .multibyte("MAC-CENTRALEUROPE"))
    add("viscii", .multibyte("VISCII"))
    for page in [437, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869] {
      add("cp\(page) ibm\(page) dos-\(page)", .multibyte("CP\(page)"))
    }
    for page in [1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258] {
      add("windows-\(page) cp\(page) win-\(page) ms-\(page)", .multibyte("CP\(page)"))
    }
    for part in [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16] {
      add("iso-8859-\(part) 8859-\(part)", .multibyte("ISO-8859-\(part)"))
    }
    add("iso-8859-8-i iso-8859-8-e logical visual hebrew", .multibyte("ISO-8859-8"))
    add("latin2 l2 isolatin2", .multibyte("ISO-8859-2"))
    add("cyrillic", .multibyte("ISO-8859-5"))
    add("arabic iso-8859-6-i iso-8859-6-e", .multibyte("ISO-8859-6"))
    add("greek", .multibyte("ISO-8859-7"))
    add("iso-8859-9 8859-9 latin5 l5 turkish", .multibyte("CP1254"))
    add("latin6", .multibyte("ISO-8859-10"))
    add("latin9 latin0 l9", .multibyte("ISO-8859-15"))
  }
}
