/// Traditional characters that occur in cues, each followed by its Simplified form.
enum TraditionalForms {
  private static let pairs = """
    請请問问諮咨詢询訴诉議议協协檢检舉举報报詐诈騙骗壞坏損损漏漏發发貨货質质態态惡恶劣劣違违規规亂乱費费絕绝還还沒没\
    無无處处決决賠赔償偿嚴严響响誤误遲迟錯错賣卖買买單单訂订總总應应該该當当實实現现時时間间幾几麼么嗎吗樣样哪哪裡里\
    裏里貴贵價价錢钱錶表維维權权評评難难髒脏產产優优進进設设開开關关許许願愿讓让們们會会個个對对話话機机電电腦脑網网\
    頁页務务員员認认為为點点讚赞滿满謝谢揚扬聽听說说講讲過过這这種种給给較较後后麻麻煩烦運运險险顯显變变換换歡欢導导\
    盡尽週周擾扰噪噪屢屡終终斷断線线聯联係系繫系從从來来兩两據据與与書书長长間间體体驗验黃黄鬧闹誠诚懇恳謊谎責责\
    撥拨號号碼码賬账帳账戶户額额遞递郵邮達达啟启動动屏屏閃闪卡卡裝装備备層层際际氣气憤愤圖图紙纸質质漲涨減减離离隨随\
    憑凭兌兑獎奖積积級级續续貼贴欺欺罵骂噁恶約约預预頻频簡简選选項项標标註注
    """

  /// Indexed by scalar − U+4E00; 0 where nothing is to be changed.
  static let simplified: [UInt16] = {
    var table = [UInt16](repeating: 0, count: 0xA000 - 0x4E00)
    let scalars = Array(pairs.unicodeScalars)
    for index in stride(from: 0, to: scalars.count - 1, by: 2) {
      table[Int(scalars[index].value - 0x4E00)] = UInt16(scalars[index + 1].value)
    }
    return table
  }()
}
