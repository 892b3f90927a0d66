import ArgumentParser
import Foundation
import PostroomCore
import SQLAccess

struct CustomersImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Bring customers in from a CSV file.",
    discussion: """
      The first row names the columns, in Chinese or English: 姓名/name, 邮箱/email, 手机/phone, 客户编号/reference, \
      语言/language, 时区/zone, 等级/tier, 生日/birthday, 满意度/satisfaction, 同意短信推广/consent_sms_promotion and the like, \
      同意短信/consent_sms for all purposes of a channel.

      A customer is known by reference, else by e-mail or phone. What is empty changes nothing; the same file again \
      changes nothing; who refused stays refused. Begin with --dry-run. Faulty rows are listed and do not stop the \
      others: with --errors they are written to a file, to be mended and imported. Exit code 1 when there were any.
      """)

  @OptionGroup var home: HomeOption
  @Argument(help: "A CSV file: UTF-8, UTF-16 or GB18030; commas, semicolons or tabs.") var file: String
  @Option(help: "Where the customers come from, as proof of their consent. (default: the file's name)")
  var source: String?
  @Flag(help: "Only tell what would happen.") var dryRun = false
  @Option(help: ArgumentHelp("Write the faulty rows there, with the reason.", valueName: "file")) var errors: String?
  @Option(
    help: ArgumentHelp(
      "What a column holds: 称呼=name; =ignore leaves it out. May be repeated.", valueName: "column=field"))
  var map: [String] = []
  @Flag(help: "Customers who had refused were asked anew: what the file says of consent counts.")
  var consentsRenewed = false

  func run() async throws {
    let house = try await House.open(home.path, beginsDatabase: true)
    let language = house.settings.language
    let tally: CustomerTally
    do {
      let list = try CustomerList(path: file, map: map)
      for column in list.columns.unknown { Console.error(Self.warning(column, language)) }
      var work = CustomerImport(source: source ?? URL(filePath: file).lastPathComponent, language: language)
      work.isDryRun = dryRun
      work.renewsConsents = consentsRenewed
      work.errorsPath = errors
      tally = try await work.run(list, from: file, into: house.database, now: .now) { tally in
        Console.progress(Report.title(chinese: "已读 \(tally.rows) 行", english: "\(tally.rows) rows read", language))
      }
    } catch let problem as CustomerFileProblem {
      throw SettingsError("\(file): \(problem.words[language])")
    }
    await house.database.close()
    Console.progress("")
    print(tally, language)
    if tally.faulty > 0 { throw ExitCode(1) }
  }

  private static func warning(_ column: (title: String, meant: String?), _ language: Language) -> String {
    let title = Console.clipped(column.title, 40)
    return Report.title(
      chinese: "不认识的列“\(title)”，未导入" + (column.meant.map { "；是否指 \($0)？" } ?? ""),
      english: "the column \(title) is not known and not imported"
        + (column.meant.map { " — did you mean \($0)?" } ?? ""),
      language)
  }

  private func print(_ tally: CustomerTally, _ language: Language) {
    func title(_ chinese: String, _ english: String) -> String {
      Report.title(chinese: chinese, english: english, language)
    }
    Console.table(
      [title("结果", "result"), title("行", "rows")],
      [
        [title("新客户", "new"), String(tally.new)], [title("有变化", "changed"), String(tally.changed)],
        [title("无变化", "unchanged"), String(tally.unchanged)], [title("有错误", "faulty"), String(tally.faulty)],
      ])
    if tally.keptRefusals > 0 {
      Console.line(
        title(
          "\(tally.keptRefusals) 项同意未采用：客户此前已拒绝（重新征得同意后可加 --consents-renewed）",
          "\(tally.keptRefusals) consents do not count: these customers had refused "
            + "(--consents-renewed when they were asked anew)"))
    }
    for fault in tally.faults { Console.line("\(fault.place)  \(fault.words[language])") }
    let rest = tally.faulty - Set(tally.faults.map(\.row)).count
    if rest > 0 { Console.line(title("……另有 \(rest) 行有错误", "… and \(rest) more faulty rows")) }
    if tally.faulty > 0 {
      Console.line(
        errors.map { title("有错误的行已写入 \($0)：改正后再导入", "the faulty rows are in \($0): mend them there and import it") }
          ?? title("加 --errors 文件名 可得到有错误的行", "--errors FILE gives the faulty rows"))
    }
    if dryRun { Console.line(title("试运行：没有写入任何数据", "dry run: nothing was written")) }
  }
}
