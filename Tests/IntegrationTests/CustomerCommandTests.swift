import Foundation
import Testing

/// Customers and what is sent to them of the house's own accord, as a person at a terminal sees it.
@Suite(.serialized)
struct CustomerCommandTests {
  @Test("customers come in from a list, are shown and changed; a faulty row is told and the rest taken")
  func customers() throws {
    let home = try DemoHome()
    let list = "客户编号,姓名,手机,同意短信,备住\nC-1,王小明,13800000001,是,x\nC-2,李雷,123,,\n"
    try Data(list.utf8).write(to: URL(fileURLWithPath: home.folder + "/list.csv"))
    let dry = try home.shell("$P customers import $H/list.csv --dry-run 2>&1")
    #expect(dry.status == 1)
    #expect(dry.output.contains("备住") && dry.output.contains("3:手机") && dry.output.contains("试运行"))
    #expect(try home.shell("$P customers show C-1").status == 1)
    #expect(try home.shell("$P customers import $H/list.csv --errors $H/faulty.csv").status == 1)
    #expect(try home.shell("$P customers set C-1 --tier VIP --consent sms.promotion=no").status == 0)
    let shown = try home.shell("$P customers show 13800000001")
    #expect(shown.output.contains("王小明") && shown.output.contains("list.csv:2"))
    #expect(shown.output.contains("set by wang-fang"))
    let json = try home.shell("$P customers list --tier vip --json")
    #expect(json.output.contains(#""reference":"C-1""#) && json.output.contains(#""sms":["+8613800000001"]"#))
    let mended = try home.shell("sed -i 's/,123,/,13800000002,/' $H/faulty.csv; $P customers import $H/faulty.csv")
    #expect(mended.status == 0)
    #expect(try home.shell("$P customers list --search 李雷").output.contains("+8613800000002"))
    #expect(try home.shell("$P customers list --birthday 13-01").status == 64)
  }

  @Test("a list is brought into a new home folder, before there is a password or a database")
  func firstImport() throws {
    let home = FileManager.default.temporaryDirectory.path + "/postroom-cmd-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: home) }
    #expect(try Servers.run(["init", home]).status == 0)
    try Data("姓名,手机\n王小明,13800000001\n".utf8).write(to: URL(fileURLWithPath: home + "/list.csv"))
    let imported = try Servers.run(["customers", "import", home + "/list.csv", "--home", home])
    #expect(imported.status == 0, "\(imported.output)")
    let shown = try Servers.run(["customers", "show", "13800000001", "--home", home])
    #expect(shown.status == 0 && shown.output.contains("王小明"), "\(shown.output)")
    let served = try Servers.run(["poll", "--home", home])
    #expect(served.status == 78 && served.output.contains("secrets/imap-password"), "\(served.output)")
  }

  @Test("a promotion in one language for customers of two is pointed out")
  func oneLanguage() throws {
    let home = try DemoHome()
    _ = try home.shell("echo 'outreach: { mailbox: demo }' >>$H/postroom.yaml")
    try Data("Subject: Sale\n\nCome!\n".utf8).write(to: URL(fileURLWithPath: home.folder + "/words"))
    let list = "name,email,language,consent_mail_promotion\nAnn,ann@c.example,en,yes\n李雷,li@c.example,zh,yes\n"
    try Data(list.utf8).write(to: URL(fileURLWithPath: home.folder + "/list.csv"))
    #expect(try home.shell("$P customers import $H/list.csv").status == 0)
    let plan = "$P promote plan --name Sale --text $H/words"
    let both = try home.shell(plan + " 2>&1")
    #expect(both.status == 0 && both.output.contains("language=en"), "\(both.output)")
    #expect(try !home.shell(plan + " --segment language=en 2>&1").output.contains("language=zh"))
    #expect(try !home.shell("$P promote plan --name Sale 2>&1").output.contains("language=zh"))
  }

  @Test("what is no address is not put on the list of those who get nothing")
  func suppress() throws {
    let home = try DemoHome()
    let refused = try home.shell("$P suppress add 'Li Lei <li@c.example>' 2>&1")
    #expect(refused.status == 1 && refused.output.contains("no mail address"), "\(refused.output)")
    #expect(try home.shell("$P suppress add Li@C.example").output.contains("li@c.example"))
    #expect(try home.shell("$P suppress list li@c.EXAMPLE").output.contains("li@c.example"))
  }
}
