import ArgumentParser
import CurlClient
import Logging
import PostroomCore
import SQLAccess
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the mailboxes and send until SIGTERM or Ctrl-C.",
    discussion: "On SIGTERM nothing new is begun; what is under way is finished and written down.")

  @OptionGroup var home: HomeOption

  func run() async throws {
    let (house, lock) = try await House.openForWork(home.path, log: House.serverLog)
    let engine = CurlEngine()
    let dispatcher = try house.dispatcher(engine, lock: lock)
    var services: [any Service] = try await house.intakes().map { intake in
      let poller = house.poller(intake, lock: lock)
      return Loop { await poller.run() }
    }
    services.append(Loop { await dispatcher.run() })
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

  /// A loop that ends when its task is cancelled; shutdown cancels it.
  private struct Loop: Service {
    let body: @Sendable () async -> Void
    func run() async throws { await cancelWhenGracefulShutdown { await body() } }
  }
}
