import ArgumentParser
import Foundation
import PostroomCore

@main
struct Postroom: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "postroom",
    abstract:
      "The post room of a company: takes in customer mail, answers with a promised time, gives each mail one owner.",
    discussion: """
      A home folder holds postroom.yaml, mailboxes/, templates/ and secrets/. Begin with:

        postroom init /srv/post     make a home folder with commented files
        postroom check --live       find every fault before anything runs
        postroom serve              read the mailboxes and send until SIGTERM

      `postroom demo` shows all of it on sample mail, without a mail server.

      Exit codes: 0 done · 1 refused or failed · 64 wrong usage · 69 a server is not reachable · 78 wrong settings
      """,
    version: "postroom 0.1.0",
    subcommands: [
      Initialize.self, Check.self, Migrate.self, Serve.self, Poll.self, Send.self, Demo.self, List.self, Show.self,
      Assign.self, Label.self, Confirm.self, Reply.self, Resolve.self, Customers.self, Callbacks.self, Greet.self,
      Promote.self, Outbox.self,
      Gateways.self, Suppress.self, Reconcile.self, Filed.self, Quarantine.self, Ledger.self, Classify.self,
      Train.self, Evaluate.self, Model.self, OpinionCommand.self, Inspect.self, SendTest.self, Login.self,
    ])

  static func main() async {
    // A peer that closes a connection must cost an error, not the process (SIGPIPE's default).
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let problems as Problems {
      for problem in problems.list { Console.error(problem.description) }
      Console.error("\(problems.list.filter { $0.severity == .error }.count) errors: nothing was started")
      Foundation.exit(78)
    } catch let error as ExitCode {
      Foundation.exit(error.rawValue)
    } catch  where Postroom.exitCode(for: error) == .failure && !(error is CleanExit) {
      Console.error("postroom: \(error)")
      Foundation.exit(1)
    } catch {
      exit(withError: error)
    }
  }
}

/// Where every command finds its files.
struct HomeOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Home folder with postroom.yaml; also from POSTROOM_HOME. (default: the current folder)", valueName: "dir"))
  var home: String?

  var path: String { home ?? ProcessInfo.processInfo.environment["POSTROOM_HOME"] ?? "." }
}
