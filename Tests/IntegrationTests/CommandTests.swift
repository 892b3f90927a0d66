import Foundation
import Testing

/// The commands as a person at a terminal or a script runs them; no server is needed.
@Suite(.serialized)
struct CommandTests {
  @Test("kinds are confirmed and corrected, and what was learned is shown, taken back and forgotten")
  func learning() throws {
    let home = try DemoHome()
    let listed = try home.shell("$P list --to-confirm --json | grep -o '\"number\":[0-9]*' | cut -d: -f2").output
    let numbers = listed.split(separator: "\n").map(String.init)
    #expect(numbers.count > 3)
    #expect(try home.shell("$P show \(numbers[0])").output.contains("postroom confirm \(numbers[0])"))
    #expect(try home.shell("$P confirm \(numbers[0]) \(numbers[1])").status == 0)
    // The first is said already; the others go on.
    let again = try home.shell("$P confirm \(numbers[0]) \(numbers[2])")
    #expect(again.status == 1 && again.output.contains("#\(numbers[2])"))
    let kind = try home.shell("$P show \(numbers[3]) --json | grep -o '\"kind\":\"[a-z]*' | cut -d'\"' -f4").output
    let other = kind.contains("complaint") ? "inquiry" : "complaint"
    #expect(try home.shell("$P label \(numbers[3]) \(other)").output.contains("→"))
    #expect(try home.shell("$P label \(numbers[3]) praise").status == 64)
    #expect(try home.shell("$P show \(numbers[3])").output.contains("relabelled"))
    let mailbox = try home.shell("$P model report --json | grep -o '\"mailbox\":\"[a-z]*' | cut -d'\"' -f4").output
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let report = try home.shell("$P model report \(mailbox) --json").output
    #expect(report.contains("\"mode\":\"suggest\"") && report.contains("\"labels\":4"))
    #expect(try home.shell("$P model report; $P model versions; $P model refit").status == 0)
    #expect(try home.shell("$P model versions --json").output.contains("\"lessons\":4"))
    #expect(try home.shell("$P model replay \(mailbox) --version 0").status == 0)
    #expect(try home.shell("$P model replay \(mailbox)").status == 64)
    #expect(try home.shell("POSTROOM_AGENT= $P model rollback \(mailbox) --by nobody").status == 1)
    #expect(try home.shell("$P model rollback \(mailbox)").status == 0)
    #expect(try home.shell("$P model versions --json").output.contains("\"by\":\"wang-fang\""))
    let customer = try home.shell(
      "sqlite3 $H/data/postroom.db 'SELECT customer_id FROM lesson LIMIT 1' 2>/dev/null || echo 1"
    ).output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try home.shell("$P model forget --customer \(customer)").status == 0)
    #expect(try home.shell("$P model forget --customer 99999").status == 1)
  }

  @Test("what cannot be measured is told by words and exit code")
  func evaluate() throws {
    let home = try DemoHome()
    let line = #"{"text":"Cheap loans","label":"SPAM","lang":"en"}"#
    _ = try home.shell("(echo '\(line)'; echo nonsense) > $H/some.jsonl")
    let told = try home.shell("$P evaluate --spam --data $H/some.jsonl 2>&1")
    #expect(told.status == 1 && told.output.contains("some.jsonl:2") && told.output.contains("SPAM"))
    #expect(try home.shell("$P evaluate --spam --json --data $H/some.jsonl").status == 64)
    let none = try home.shell("echo > $H/none.jsonl; $P evaluate --data $H/none.jsonl 2>&1")
    #expect(none.status == 1 && none.output.contains("no row can be measured"))
  }

  @Test("a reader that has seen enough ends the program quietly")
  func brokenPipe() throws {
    let home = try DemoHome()
    let list = try home.shell(
      """
      { until [ -e $H/closed ]; do sleep 0.01; done; $P list --all --json 2>$H/words; echo $? >$H/status; } \\
        | { exec <&-; touch $H/closed; }
      cat $H/status $H/words
      """)
    #expect(list.output == "141\n")
    let questions = #"yes '{"id":1,"text":"hello"}' | head -20000"#
    let classified = try home.shell(
      "\(questions) | { $P classify --jsonl 2>$H/words; echo $? >$H/status; } | head -1 >/dev/null; cat $H/status $H/words"
    )
    #expect(classified.output == "141\n")
  }

  @Test("a model is trained, measured and used; faulty lines are told by file and line, and left out")
  func training() throws {
    let home = try DemoHome()
    let labels = ["INQUIRY": "alfa bravo", "COMPLAINT": "golf hotel", "SUGGESTION": "kilo lima"]
    var lines = labels.flatMap { label, words in
      (0..<6).map { #"{"id":\#($0),"text":"\#(words) x\#($0)","label":"\#(label)","lang":"en"}"# }
    }
    lines += [
      "no json", #"{"text":"a","label":"PRAISE","lang":"en"}"#, #"{"text":"a","label":"NOT_COMPLAINT","lang":"en"}"#,
    ]
    lines.append(#"{"text":"a","label":"INQUIRY","lang":"fr"}"#)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: home.folder + "/words.jsonl"))
    let trained = try home.shell("$P train --data $H/words.jsonl --out $H/my.model 2>&1")
    #expect(trained.status == 1)
    for told in [
      "words.jsonl:19: no JSON object", "words.jsonl:20: unknown label PRAISE", "words.jsonl:22: unknown language fr",
    ] {
      #expect(trained.output.contains(told))
    }
    #expect(trained.output.contains("1 rows with the label NOT_COMPLAINT are left out"))
    #expect(trained.output.contains("18 texts →"))
    let measured = try home.shell("$P evaluate --data $H/words.jsonl --model $H/my.model --json 2>/dev/null")
    #expect(measured.output.contains(#""accuracy":1"#))
    let answer = try home.shell(#"echo '{"id":7,"text":"golf hotel"}' | $P classify --jsonl --model $H/my.model"#)
    #expect(answer.output.contains(#""label":"complaint""#) && answer.output.contains(#""sure":"#))
    let refused = try home.shell(
      "head -c 5000 $H/my.model >$H/cut.model; echo a | $P classify --model $H/cut.model 2>&1")
    #expect(refused.status == 1 && refused.output.contains("cut.model has 5000 bytes instead of 3146176"))
  }

  @Test("what a mail holds does not steer the terminal")
  func escapes() throws {
    let home = try DemoHome()
    let mail = """
      From: \u{1B}]0;owned\u{07}Li <li@customer.example>
      To: demo@example.cn
      Subject: \u{1B}[2J hours \u{202E}txt\u{9B}31m
      Message-ID: <esc@customer.example>
      Content-Type: text/plain; charset=utf-8

      \u{1B}[31mred\u{9B}2J \u{2066}turned\u{7F}

      """
    try Data(mail.utf8).write(to: URL(fileURLWithPath: home.folder + "/mailboxes/demo/new/zzz-escape"))
    #expect(try home.shell("$P poll").status == 0)
    let list = try home.shell("$P list --limit 1")
    #expect(list.output.contains("hours"))
    let number = try #require(list.output.split(separator: "#").last?.prefix { $0.isNumber })
    let shown = try home.shell("$P show \(number); $P filed; $P outbox --state queued").output
    #expect(shown.contains("red") && shown.contains("turned"))
    for text in [list.output, shown, try home.shell("$P show \(number) --json; $P list --json").output] {
      let controls = text.unicodeScalars.filter { scalar in
        scalar != "\n" && scalar != "\t"
          && (scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value))
      }
      #expect(controls.isEmpty, "\(controls.map(\.value))")
    }
    // JSON keeps the value.
    let json = try JSONSerialization.jsonObject(with: Data(try home.shell("$P show \(number) --json").output.utf8))
    #expect("\(json)".contains("\u{2066}"))
  }

  @Test("filed mail is accepted, and its reply cancelled and not queued again")
  func filedAndOutbox() throws {
    let home = try DemoHome()
    let spam = try home.shell("$P filed --outcome spam --json | head -1 | sed 's/.*\"id\":\\([0-9]*\\).*/\\1/'").output
    let id = spam.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try home.shell("$P filed accept \(id)").status == 0)
    #expect(try home.shell("$P filed accept \(id)").status == 1)
    #expect(try home.shell("$P ledger").status == 0)
    let queued = try home.shell("$P outbox --state queued --json").output
    #expect(queued.split(separator: "\n").count == 1)
    let delivery = try #require(queued.firstMatch(of: /"id":(\d+)/)?.1)
    #expect(try home.shell("$P outbox cancel \(delivery) --reason 'spam after all'").status == 0)
    #expect(try home.shell("$P outbox retry \(delivery)").status == 1)
    #expect(try home.shell("$P outbox --state cancelled").output.contains("spam after all"))
    #expect(try home.shell("$P outbox --state nonsense").status == 64)
  }

  @Test("a second process that is refused has changed nothing")
  func refusedWorker() throws {
    let home = try DemoHome()
    // Another agent in the settings would be a row more.
    let result = try home.shell(
      """
      sed -i 's/^agents:/agents:\\n  new-one: { name: New, email: new@example.cn, capacity: 9 }/' $H/postroom.yaml
      exec 9<>$H/data/node.lock; flock -n 9 || exit 3
      $P serve && exit 4; $P poll && exit 5; $P send && exit 6
      exec 9>&-
      $P assign 10001 new-one >/dev/null 2>&1 && exit 7
      $P poll >/dev/null || exit 8
      $P assign 10001 new-one
      """)
    #expect(result.status == 0, "\(result)")
  }

  @Test("inspect tells what a mail says, and goes on behind a file that is none")
  func inspects() throws {
    let home = try DemoHome()
    let bounce = try home.shell("grep -l 'report-type=delivery-status' $H/mailboxes/demo/*/* | head -1").output
    let file = bounce.trimmingCharacters(in: .whitespacesAndNewlines)
    let result = try home.shell("cd $H/mailboxes; $P inspect mail none.eml '\(file)' --json")
    #expect(result.status == 1)
    let lines = try result.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.count == 2)
    #expect(lines[0]["file"] as? String == "none.eml")
    #expect(lines[0]["error"] != nil)
    #expect(lines[1]["file"] as? String == file)
    #expect(lines[1]["kind"] as? String == "bounce")
    #expect(lines[1]["status"] as? [String] == ["5.1.1"])
    #expect(lines[1]["hard"] as? Bool == true)
    #expect((lines[1]["recipients"] as? [String])?.count == 1)
    let words = try home.shell("$P inspect mail '\(file)'")
    #expect(words.status == 0)
    #expect(words.output.contains("bounce: It is a delivery status notification (RFC 3464)."))
  }

  @Test("inspect reply folds quotes of text and of HTML")
  func inspectsReplies() throws {
    let home = try DemoHome()
    let result = try home.shell(
      """
      printf '好的，谢谢！\\n\\n> 请问可以吗？\\n' > $H/a.txt
      printf '<div>Fine.</div><div class="gmail_quote">On Monday you wrote:<blockquote>Well?</blockquote></div>' > $H/b.html
      $P inspect reply $H/a.txt --json; $P inspect reply --as html $H/b.html --json; $P inspect reply $H/a.txt
      """)
    #expect(result.output.contains("\"reply\":\"好的，谢谢！\""))
    #expect(result.output.contains("\"reply\":\"Fine.\""))
    #expect(result.output.contains("│ > 请问可以吗？"))
  }

  @Test("inspect html leaves nothing that runs or loads, line for line")
  func inspectsHTML() throws {
    let home = try DemoHome()
    let result = try home.shell(
      #"""
      { echo '{"id":7,"html":"<b onclick=x()>Hi</b><script>x()</script>"}'
        echo 'no json'
        echo '{"id":"c","html":"<img src=\"https://t.example/p.png\" width=9 height=9 alt=logo>"}'
      } | $P inspect html --jsonl
      """#)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(result.status == 1)
    #expect(lines.count == 3)
    #expect(lines[0] == #"{"html":"<b>Hi</b>","id":7}"#)
    #expect(lines[1].contains("error"))
    #expect(lines[2].contains("logo") && !lines[2].contains("t.example"))
  }

  @Test("show folds what is quoted until the whole is asked for")
  func showsNewText() throws {
    let home = try DemoHome()
    let mail = """
      From: Wu <wu@customer.example>
      To: demo@example.cn
      Subject: folded
      Message-ID: <fold@customer.example>

      That works, thank you.

      On Mon, Nov 23, 2026 at 9:00 AM Support <demo@example.cn> wrote:
      > Please try it once more.

      """
    try Data(mail.utf8).write(to: URL(fileURLWithPath: home.folder + "/mailboxes/demo/new/zzz-fold"))
    let shown = try home.shell(
      "$P poll >/dev/null; N=$($P list --limit 1 --json | grep -o '\"number\":[0-9]*'); $P show ${N#*:}")
    #expect(shown.output.contains("That works, thank you."))
    #expect(!shown.output.contains("once more"))
    let whole = try home.shell("N=$($P list --limit 1 --json | grep -o '\"number\":[0-9]*'); $P show ${N#*:} --whole")
    #expect(whole.output.contains("│ > Please try it once more."))
  }
}
