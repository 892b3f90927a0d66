import ArgumentParser
import CurlClient
import Logging
import PostroomCore
import PostroomWeb
import SQLAccess
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the mailboxes and send until SIGTERM or Ctrl-C.",
    discussion: "On SIGTERM nothing new is begun; what is under way is finished and written down.")

  @OptionGroup var home: HomeOption

  func run() async throws {
    OpenFiles.raiseLimit()
    let (house, lock) = try await open()
    let engine = CurlEngine()
    let dispatcher = try house.dispatcher(engine, lock: lock)
    let intakes = try await house.intakesByName()
    var services: [any Service] = intakes.values.sorted { $0.mailbox.settings.name < $1.mailbox.settings.name }.map {
      intake in
      let poller = house.poller(intake, lock: lock)
      return Loop { await poller.run() }
    }
    services.append(Loop { await dispatcher.run() })
    if !house.settings.logins.isEmpty {
      let watch = ConsentWatch(house.settings, tokens: house.tokens, log: house.log)
      services.append(Loop { await watch.run() })
    }
    if let opinions = house.secondOpinions(engine) { services.append(Loop { await opinions.run() }) }
    let greetings = DailyGreetings(house.outreach(), log: house.log)
    if greetings.isWanted { services.append(Loop { await greetings.run() }) }
    let refit = NightlyRefit(
      database: house.database, settings: house.settings, node: lock.node, log: house.log)
    services.append(Loop { await refit.run() })
    // Services are shut down from the last to the first: nothing new comes in before anything else stops.
    if let listener = house.listener(engine, intakes: intakes) { services.append(Listening(listener: listener)) }
    house.log.info(
      "serving \(house.settings.mailboxes.count) mailboxes, \(house.settings.gateways.count) gateways as \(lock.node)")
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map {
          .init(service: $0, successTerminationBehavior: .ignore, failureTerminationBehavior: .cancelGroup)
        }, gracefulShutdownSignals: [.sigterm, .sigint], logger: House.quietLog))
    try await group.run()
    await engine.shutdown()
    await house.database.close()
    house.log.info("stopped")
    withExtendedLifetime(lock) {}
  }

  /// A full disk, a locked database or a server that is not up yet are waited for, not died of.
  private func open() async throws -> (House, NodeLock) {
    var failures: Int64 = 0
    while true {
      do {
        return try await House.openForWork(home.path, log: House.serverLog)
      } catch let error as SQLError where [.busy, .diskFull, .connection].contains(error.kind) {
        failures += 1
        let pause = Backoff(first: 1, limit: 60).milliseconds(after: failures)
        House.serverLog.error("the database cannot be opened: \(error); next try in \((pause + 999) / 1000) s")
        try await Task.sleep(for: .milliseconds(pause))
      }
    }
  }

  /// A loop that ends when its task is cancelled; shutdown cancels it.
  private struct Loop: Service {
    let body: @Sendable () async -> Void
    func run() async throws { await cancelWhenGracefulShutdown { await body() } }
  }

  /// Answers what it has begun to answer before it ends.
  private struct Listening: Service {
    let listener: WebListener
    func run() async throws { try await listener.run() }
  }
}
